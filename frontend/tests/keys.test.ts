import { describe, expect, it } from "vitest";
import { actionOf, type Mode } from "../islands/marks/keys";

const press = (key: string, mode: Mode = "ready", held: Partial<Record<"ctrlKey" | "shiftKey" | "altKey", boolean>> = {}, isText = false) =>
  actionOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held }, mode, isText);

describe("keys", () => {
  it("arrows move while a cell is chosen or a value is being entered, and belong to the caret while editing", () => {
    expect(press("ArrowDown")).toEqual({ do: "move", dr: 1, dc: 0, extend: false, far: false });
    expect(press("ArrowLeft", "enter")).toEqual({ do: "move", dr: 0, dc: -1, extend: false, far: false });
    expect(press("ArrowLeft", "edit")).toBeNull();
  });
  it("Shift widens, Ctrl goes far", () => {
    expect(press("ArrowUp", "ready", { shiftKey: true })).toMatchObject({ extend: true });
    expect(press("ArrowUp", "ready", { ctrlKey: true })).toMatchObject({ far: true });
  });
  it("Enter goes down, with Shift up", () => {
    expect(press("Enter")).toEqual({ do: "enter", dr: 1 });
    expect(press("Enter", "edit", { shiftKey: true })).toEqual({ do: "enter", dr: -1 });
  });
  it("Delete clears only while a cell is chosen", () => {
    expect(press("Delete")).toEqual({ do: "clear" });
    expect(press("Backspace")).toEqual({ do: "clear" });
    expect(press("Backspace", "enter")).toBeNull();
  });
  it("undo is ours between values and the text's own while typing", () => {
    expect(press("z", "ready", { ctrlKey: true })).toEqual({ do: "undo" });
    expect(press("Z", "ready", { ctrlKey: true, shiftKey: true })).toEqual({ do: "redo" });
    expect(press("y", "ready", { ctrlKey: true })).toEqual({ do: "redo" });
    expect(press("z", "enter", { ctrlKey: true })).toBeNull();
  });
  it("Ctrl+D fills down; Ctrl+C and Ctrl+V are left to the clipboard's own events", () => {
    expect(press("d", "enter", { ctrlKey: true })).toEqual({ do: "fillDown" });
    expect(press("c", "ready", { ctrlKey: true })).toBeNull();
    expect(press("v", "ready", { ctrlKey: true })).toBeNull();
  });
  it("Alt with Down opens ready-made sentences at a remark only", () => {
    expect(press("ArrowDown", "ready", { altKey: true }, true)).toEqual({ do: "phrases" });
    expect(press("ArrowDown", "ready", { altKey: true })).toBeNull();
  });
  it("letters and digits are left to the input", () => {
    expect(press("8")).toBeNull();
    expect(press("đ")).toBeNull();
  });
});
