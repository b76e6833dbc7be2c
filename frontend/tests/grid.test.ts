import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MarkGrid } from "../islands/mark-grid";

const PEOPLE = [
  ["a", "Nguyễn Thị An"],
  ["b", "Trần Văn Bình"],
  ["c", "Lê Thị Châu"],
] as const;

interface Edit {
  row: string;
  col: string;
  value: string | null;
  version: number;
}

let server: (edits: Edit[]) => unknown[];
let others: unknown[];
let posts: Edit[][];

function build(attributes = ""): MarkGrid {
  const cell = (row: string, col: string, kind: string, value = ""): string =>
    `<td data-row="${row}" data-col="${col}" data-kind="${kind}" data-version="1"><input value="${value}" aria-label="${row} ${col}"></td>`;
  const rows = PEOPLE.map(
    ([id, name], n) => `<tr data-name="${name}"><th scope="row">${n + 1} ${name}</th>${cell(id, "tx1", "mark", n === 0 ? "7,5" : "")}
      ${cell(id, "gk", "mark")}<td data-out="average"></td>${cell(id, "remark", "remark")}</tr>`,
  );
  const page = document.createElement("div");
  page.innerHTML = `<mark-grid data-url="/cells" data-sheet="${Math.random()}" data-auto-decimal="true" data-cursor="0" ${attributes}>
    <form><table><thead><tr><th>Học sinh</th><th data-col="tx1">TX1</th><th data-col="gk">Giữa kỳ</th><th>TB</th>
    <th data-col="remark">Nhận xét</th></tr></thead><tbody>${rows.join("")}</tbody></table><b data-missing>5</b></form>
    <script type="application/json" data-phrases>["Em {ten} có tiến bộ."]</script></mark-grid>`;
  // A page's elements are whole before its module scripts run.
  document.body.append(page);
  return document.querySelector<MarkGrid>("mark-grid")!;
}

const input = (row: string, col: string): HTMLInputElement =>
  document.querySelector<HTMLInputElement>(`td[data-row="${row}"][data-col="${col}"] input`)!;
const state = (row: string, col: string): string | undefined => input(row, col).closest("td")!.dataset.state;
const press = (key: string, held: KeyboardEventInit = {}): void => {
  document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held }));
};
const type = (text: string): void => {
  const active = document.activeElement as HTMLInputElement;
  active.value = text;
  active.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 2000, interval: 5 });
const saveAll = (edits: Edit[]): unknown[] => edits.map((edit) => ({ ...edit, state: "saved", version: edit.version + 1 }));

beforeEach(() => {
  localStorage.clear();
  server = saveAll;
  others = [];
  posts = [];
  vi.stubGlobal(
    "fetch",
    vi.fn(async (_url: string, init?: RequestInit) => {
      const headers = { "Content-Type": "application/json" };
      if (init?.method !== "POST") return new Response(JSON.stringify({ cells: others, cursor: "1" }), { headers });
      const { cells } = JSON.parse(String(init.body)) as { cells: Edit[] };
      posts.push(cells);
      const body = { cells: server(cells), rows: [{ row: "a", average: "7,9" }], missing: 4 };
      return new Response(JSON.stringify(body), { headers });
    }),
  );
});
afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

describe("the mark grid", () => {
  it("saves a typed mark by itself and shows what follows from it", async () => {
    build();
    input("a", "gk").focus();
    type("85");
    press("Enter");
    expect(input("a", "gk").value).toBe("8,5");
    expect(document.activeElement).toBe(input("b", "gk"));
    expect(state("a", "gk")).toBe("saving");
    await until(() => expect(state("a", "gk")).toBe("saved"));
    expect(posts).toEqual([[{ row: "a", col: "gk", value: "8.5", version: 1 }]]);
    expect(document.querySelector("[data-out=average]")!.textContent).toBe("7,9");
    expect(document.querySelector("[data-missing]")!.textContent).toBe("4");
  });

  it("gathers cells that are filled quickly into one request", async () => {
    build();
    input("a", "gk").focus();
    for (const mark of ["8", "9", "10"]) {
      type(mark);
      press("Enter");
    }
    await until(() => expect(posts).toHaveLength(1));
    expect(posts[0]!.map((edit) => edit.value)).toEqual(["8", "9", "10"]);
  });

  it("does not send what its rule refuses, says why, and gives the old value back on Escape", async () => {
    build();
    input("a", "tx1").focus();
    type("12,5");
    press("Enter");
    press("ArrowUp");
    expect(state("a", "tx1")).toBe("refused");
    expect(input("a", "tx1").getAttribute("aria-invalid")).toBe("true");
    await until(() => expect(document.querySelector("#mark-bubble")!.textContent).toContain("Điểm phải từ 0 đến 10."));
    expect(input("a", "tx1").getAttribute("aria-describedby")).toBe("mark-bubble");
    press("Escape");
    expect(input("a", "tx1").value).toBe("7,5");
    expect(state("a", "tx1")).toBeUndefined();
    expect(posts).toEqual([]);
  });

  it("shows a refusal of the server at the cell", async () => {
    server = (edits) => edits.map(({ row, col }) => ({ row, col, state: "refused", message: "Em này được miễn học." }));
    build();
    input("b", "gk").focus();
    type("8");
    press("Enter");
    await until(() => expect(state("b", "gk")).toBe("refused"));
    expect(document.querySelector("[aria-live=assertive]")!.textContent).toContain("Em này được miễn học.");
  });

  it("shows whose value stands against mine, and sends mine again only when I say so", async () => {
    server = (edits) => edits.map(({ row, col }) => ({ row, col, state: "conflict", value: "7.5", version: 4, by: "Cô Lan" }));
    build();
    input("b", "gk").focus();
    type("8");
    press("Enter");
    await until(() => expect(state("b", "gk")).toBe("conflict"));
    expect(input("b", "gk").value).toBe("8");
    press("ArrowUp");
    await until(() => expect(document.querySelector("#mark-bubble")!.textContent).toContain("Cô Lan vừa ghi ô này: 7,5"));
    expect(posts).toHaveLength(1);
    server = saveAll;
    document.querySelector<HTMLElement>("#mark-bubble .btn-primary")!.click();
    await until(() => expect(state("b", "gk")).toBe("saved"));
    expect(posts[1]).toEqual([{ row: "b", col: "gk", value: "8", version: 4 }]);
  });

  it("takes the other value on Escape without sending anything", async () => {
    server = (edits) => edits.map(({ row, col }) => ({ row, col, state: "conflict", value: "7.5", version: 4, by: "Cô Lan" }));
    build();
    input("b", "gk").focus();
    type("8");
    press("Enter");
    await until(() => expect(state("b", "gk")).toBe("conflict"));
    press("ArrowUp");
    press("Escape");
    expect(input("b", "gk").value).toBe("7,5");
    expect(state("b", "gk")).toBeUndefined();
    expect(posts).toHaveLength(1);
  });

  it("undoes and redoes, on the server too", async () => {
    build();
    input("a", "gk").focus();
    type("8");
    press("Enter");
    await until(() => expect(state("a", "gk")).toBe("saved"));
    press("z", { ctrlKey: true });
    expect(input("a", "gk").value).toBe("");
    await until(() => expect(posts[1]).toEqual([{ row: "a", col: "gk", value: null, version: 2 }]));
    press("y", { ctrlKey: true });
    expect(input("a", "gk").value).toBe("8");
  });

  it("fills down and clears a block as one step", async () => {
    build();
    input("a", "tx1").focus();
    press("ArrowDown", { shiftKey: true });
    press("ArrowDown", { shiftKey: true });
    press("d", { ctrlKey: true });
    expect([input("b", "tx1").value, input("c", "tx1").value]).toEqual(["7,5", "7,5"]);
    press("Delete");
    expect(PEOPLE.map(([id]) => input(id, "tx1").value)).toEqual(["", "", ""]);
    press("z", { ctrlKey: true });
    expect(PEOPLE.map(([id]) => input(id, "tx1").value)).toEqual(["7,5", "7,5", "7,5"]);
  });

  it("pastes a block, and shows first what of it is refused", async () => {
    build();
    input("a", "tx1").focus();
    const paste = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(paste, { clipboardData: { getData: () => "8\t9,5\r\n85\t7\r\n" } });
    document.activeElement!.dispatchEvent(paste);
    const dialog = document.querySelector("dialog")!;
    expect(dialog.textContent).toContain("Có 1 ô không dán được");
    expect(dialog.textContent).toContain("Điểm phải từ 0 đến 10.");
    expect(input("a", "tx1").value).toBe("7,5");
    dialog.querySelector<HTMLElement>(".btn-primary")!.click();
    await until(() => expect(posts).toHaveLength(1));
    expect(posts[0]!.map(({ row, col, value }) => [row, col, value])).toEqual([["a", "tx1", "8"], ["a", "gk", "9.5"], ["b", "gk", "7"]]);
  });

  it("copies a block as Excel wants it", () => {
    build();
    input("a", "tx1").focus();
    press("ArrowDown", { shiftKey: true });
    const copied: string[] = [];
    const copy = new Event("copy", { bubbles: true, cancelable: true });
    Object.assign(copy, { clipboardData: { setData: (_: string, text: string) => copied.push(text) } });
    document.activeElement!.dispatchEvent(copy);
    expect(copied).toEqual(["7,5\r\n"]);
  });

  it("shows what another person wrote, and undo leaves it alone", async () => {
    build();
    input("a", "gk").focus();
    type("8");
    press("Enter");
    await until(() => expect(state("a", "gk")).toBe("saved"));
    others = [{ row: "a", col: "gk", value: "9", version: 5, by: "Thầy Hùng" }];
    document.dispatchEvent(new Event("visibilitychange"));
    await until(() => expect(input("a", "gk").value).toBe("9"));
    expect(input("a", "gk").closest("td")!.dataset.by).toBe("Thầy Hùng");
    press("z", { ctrlKey: true });
    expect(input("a", "gk").value).toBe("9");
  });

  it("does not wipe what is being typed when another person writes the same cell", async () => {
    build();
    input("a", "gk").focus();
    type("6");
    others = [{ row: "a", col: "gk", value: "9", version: 5, by: "Thầy Hùng" }];
    await until(() => {
      document.dispatchEvent(new Event("visibilitychange"));
      expect(state("a", "gk")).toBe("conflict");
    });
    expect(input("a", "gk").value).toBe("6");
    press("Enter");
    await until(() => expect(posts).toEqual([[{ row: "a", col: "gk", value: "6", version: 5 }]]));
  });

  it("takes a ready-made sentence with the pupil's name", async () => {
    build();
    input("b", "remark").focus();
    press("ArrowDown", { altKey: true });
    document.querySelector<HTMLElement>("#mark-bubble .menu-item")!.click();
    expect(input("b", "remark").value).toBe("Em Bình có tiến bộ.");
    await until(() => expect(posts[0]![0]!.value).toBe("Em Bình có tiến bộ."));
  });

  it("of a locked sheet can be read and copied, not changed", () => {
    build('data-locked="true"');
    input("a", "tx1").focus();
    expect(input("a", "tx1").readOnly).toBe(true);
    press("Delete");
    press("d", { ctrlKey: true });
    expect(input("a", "tx1").value).toBe("7,5");
    expect(document.querySelector(".mark-bar-place")).not.toBeNull();
  });

  it("warns before leaving while something is unsent or refused", async () => {
    build();
    const leave = (): boolean => {
      const event = new Event("beforeunload", { cancelable: true });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(leave()).toBe(false);
    input("a", "gk").focus();
    type("8");
    expect(leave()).toBe(true);
    await until(() => expect(state("a", "gk")).toBe("saved"));
    expect(leave()).toBe(false);
  });
});
