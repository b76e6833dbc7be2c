import { describe, expect, it } from "vitest";
import { History } from "../islands/marks/history";

const change = (key: string, before: string | null, after: string | null) => ({ key, before, after });

describe("undo and redo", () => {
  it("take back a step, last change first, and bring it again", () => {
    const history = new History();
    history.add([change("a", null, "8"), change("b", "5", "6")]);
    expect(history.undo()).toEqual([change("b", "6", "5"), change("a", "8", null)]);
    expect(history.canUndo).toBe(false);
    expect(history.redo()).toEqual([change("a", null, "8"), change("b", "5", "6")]);
    expect(history.canRedo).toBe(false);
  });
  it("have nothing to do at the ends", () => {
    const history = new History();
    expect(history.undo()).toBeNull();
    expect(history.redo()).toBeNull();
  });
  it("forget what was undone once something new is done", () => {
    const history = new History();
    history.add([change("a", null, "8")]);
    history.undo();
    history.add([change("b", null, "9")]);
    expect(history.canRedo).toBe(false);
  });
  it("do not remember a change that changes nothing", () => {
    const history = new History();
    history.add([change("a", "8", "8")]);
    expect(history.canUndo).toBe(false);
  });
  it("leave alone a cell that another person has changed", () => {
    const history = new History();
    history.add([change("a", null, "8"), change("b", null, "9")]);
    history.add([change("a", "8", "7")]);
    history.forget("a");
    expect(history.undo()).toEqual([change("b", "9", null)]);
    expect(history.undo()).toBeNull();
  });
  it("keep the last two hundred steps", () => {
    const history = new History();
    for (let n = 0; n < 205; n += 1) history.add([change("a", String(n), String(n + 1))]);
    let count = 0;
    while (history.undo()) count += 1;
    expect(count).toBe(200);
  });
});
