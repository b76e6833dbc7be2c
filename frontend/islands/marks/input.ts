// Keys, mouse and clipboard of the grid. Decides what the person means; `MarkGrid` carries it out.
import type { MarkGrid } from "../mark-grid";
import { t } from "../../lib/i18n";
import type { Bubble } from "./bubble";
import type { Cell } from "./cells";
import { type Action, actionOf, type Mode } from "./keys";
import { isComplete, show } from "./parse";
import { planPaste, preview } from "./paste";
import type { Phone } from "./phone";
import { edge, nextDown, type Place, Selection, step } from "./selection";
import { readBlock, writeBlock } from "./tsv";

const PAGE = 10;

export class Input {
  current: Cell | null = null;
  private selection: Selection | null = null;
  private mode: Mode = "ready";
  private dragging = false;
  private touch = false;
  /** Column where Tab began: Enter goes back under it, as in Excel. */
  private tabStart: number | null = null;

  constructor(
    private readonly grid: MarkGrid,
    private readonly phone: Phone,
    private readonly bubble: Bubble,
  ) {
    grid.addEventListener("focusin", (event) => this.focused(event));
    grid.addEventListener("focusout", (event) => this.left(event));
    grid.addEventListener("keydown", (event) => this.pressed(event));
    grid.addEventListener("input", (event) => this.typed(event));
    grid.addEventListener("pointerdown", (event) => (this.touch = event.pointerType === "touch"));
    grid.addEventListener("mousedown", (event) => this.mouseDown(event));
    grid.addEventListener("mouseover", (event) => this.mouseOver(event));
    window.addEventListener("mouseup", () => (this.dragging = false));
    grid.addEventListener("copy", (event) => this.copied(event, false));
    grid.addEventListener("cut", (event) => this.copied(event, true));
    grid.addEventListener("paste", (event) => void this.pasted(event));
  }

  /** Is something typed in this cell that was not yet taken over? */
  hasDraft(cell: Cell): boolean {
    return cell === this.current && this.mode !== "ready" && cell.input.value !== show(cell.value, cell.rule.kind);
  }

  /** Take over what was typed in a cell. `force` sends it even when it is what the cell already held. */
  commit(cell: Cell, force = false): void {
    const isSame = cell.input.value === show(cell.value, cell.rule.kind);
    if (cell === this.current) this.mode = "ready";
    if (cell.input.readOnly || (isSame && !force && cell.state !== "refused")) return;
    if (isSame && cell.state === "refused" && !force) return;
    const parsed = this.grid.cells.typed(cell);
    if (parsed.ok) this.grid.change([{ cell, value: parsed.value }]);
    else this.grid.refuse(cell, parsed.reason);
  }

  /** Phone: on to the next pupil, or back. */
  next(direction: number): void {
    if (!this.current) return;
    this.commit(this.current);
    this.goTo(step(this.current.place, direction, 0, this.rows, this.columns, this.holds));
  }

  /** Phone: a comment was tapped; take it and go on. */
  choose(value: string): void {
    const cell = this.current;
    if (!cell) return;
    this.grid.change([{ cell, value }]);
    this.next(1);
  }

  /** Go to the next cell that answers, from the chosen one on, then from the top; down each column in turn. */
  find(wanted: (cell: Cell) => boolean, fromCurrent = true): void {
    let place: Place | null = fromCurrent ? (this.current?.place ?? null) : null;
    const inColumn = (cell: Cell): boolean => !this.phone.isOn || cell.col === this.phone.column;
    for (let turn = 0; turn < 2; turn += 1) {
      if (!place) {
        place = { r: 0, c: 0 };
        const first = this.grid.cells.at(place);
        if (first && wanted(first) && inColumn(first)) return this.goTo(place);
      }
      while ((place = nextDown(place, this.rows, this.columns, this.holds))) {
        const cell = this.grid.cells.at(place)!;
        if (wanted(cell) && inColumn(cell)) return this.goTo(place);
      }
    }
    this.grid.say(t("Không còn ô nào."));
  }

  /** Choose cells (after undo), so that one sees what has changed. */
  select(cells: Cell[]): void {
    const [first, last] = [cells.at(0), cells.at(-1)];
    if (!first || !last) return;
    this.goTo(first.place);
    this.mark(Selection.at(first.place).to(last.place));
  }

  private get rows(): number {
    return this.grid.cells.rows.length;
  }

  private get columns(): number {
    return this.grid.cells.columns.length;
  }

  private readonly holds = (place: Place): boolean => this.grid.cells.at(place) !== null;

  private focused(event: FocusEvent): void {
    const cell = this.grid.cells.of(event.target);
    if (!cell) {
      if (!this.bubble.holds(event.target)) this.leave();
      return;
    }
    this.current = cell;
    this.mode = "ready";
    if (!this.selection || !samePlace(this.selection.focus, cell.place)) this.mark(Selection.at(cell.place));
    cell.input.select();
    if (this.phone.isOn) cell.td.closest("tr")?.scrollIntoView({ block: "center" });
    this.grid.draw();
  }

  private left(event: FocusEvent): void {
    const cell = this.grid.cells.of(event.target);
    if (cell) this.commit(cell);
    // The panel belongs to the cell: going there is not leaving.
    if (event.relatedTarget === null || !this.grid.contains(event.relatedTarget as Node)) this.leave();
  }

  private leave(): void {
    this.current = null;
    this.tabStart = null;
    this.mark(null);
    this.grid.draw();
  }

  private typed(event: Event): void {
    const cell = this.grid.cells.of(event.target);
    if (!cell || cell !== this.current) return;
    if (this.mode === "ready") this.mode = cell.rule.kind === "remark" ? "edit" : "enter";
    const isDeleting = (event as InputEvent).inputType?.startsWith("delete");
    if (this.phone.isOn && this.touch && !isDeleting && isComplete(cell.input.value, cell.rule)) this.next(1);
  }

  private pressed(event: KeyboardEvent): void {
    const cell = this.grid.cells.of(event.target);
    // While Vietnamese is being composed, every key belongs to the word.
    if (!cell || cell !== this.current || event.isComposing) return;
    const action = actionOf(event, this.mode, cell.rule.kind === "remark");
    if (action && this.act(action, cell)) event.preventDefault();
  }

  /** Carry out an action; false leaves the key to the browser. */
  private act(action: Action, cell: Cell): boolean {
    switch (action.do) {
      case "move":
        return this.move(action.dr, action.dc, action.extend, action.far);
      case "page":
        return this.moveTo({ r: clamp(this.at.r + action.dr * PAGE, this.rows), c: this.at.c }, action.extend);
      case "rowEdge":
        return this.moveTo(this.rowEdge(action.dc, action.corner), action.extend);
      case "enter":
        return this.enter(cell, action.dr);
      case "tab":
        // The browser moves by itself, and leaves the grid at its end: nobody is caught in it.
        this.tabStart ??= cell.place.c;
        return false;
      case "edit":
        this.mode = "edit";
        cell.input.setSelectionRange(cell.input.value.length, cell.input.value.length);
        return true;
      case "revert":
        this.mode = "ready";
        this.grid.revert(cell);
        cell.input.select();
        return true;
      case "clear":
        this.grid.change(this.chosen().map((one) => ({ cell: one, value: null })));
        return true;
      case "undo":
        this.grid.undo(this.grid.history.undo());
        return true;
      case "redo":
        this.grid.undo(this.grid.history.redo());
        return true;
      case "fillDown":
        return this.fillDown(cell);
      case "all":
        this.mark(Selection.at({ r: 0, c: 0 }).to({ r: this.rows - 1, c: this.columns - 1 }));
        return true;
      case "phrases":
        this.bubble.show(cell);
        this.bubble.choosePhrase();
        return true;
    }
  }

  private get at(): Place {
    return this.selection?.focus ?? this.current?.place ?? { r: 0, c: 0 };
  }

  private move(dr: number, dc: number, extend: boolean, far: boolean): boolean {
    this.tabStart = null;
    const go = far ? edge : step;
    return this.moveTo(go(this.at, dr, dc, this.rows, this.columns, this.holds), extend);
  }

  private moveTo(place: Place, extend: boolean): boolean {
    if (!extend || !this.selection) this.goTo(place);
    else {
      this.mark(this.selection.to(place));
      this.grid.cells.at(place)?.td.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    return true;
  }

  private rowEdge(dc: number, corner: boolean): Place {
    const row = corner ? (dc > 0 ? this.rows - 1 : 0) : this.at.r;
    return edge({ r: row, c: this.at.c }, 0, dc, this.rows, this.columns, this.holds);
  }

  private enter(cell: Cell, dr: number): boolean {
    this.commit(cell);
    const from = { r: cell.place.r, c: this.tabStart ?? cell.place.c };
    this.tabStart = null;
    this.goTo(step(from, dr, 0, this.rows, this.columns, this.holds));
    return true;
  }

  private fillDown(cell: Cell): boolean {
    if (!this.selection || cell.input.readOnly) return true;
    if (this.mode !== "ready") this.commit(cell);
    // One cell takes the value above it; a block takes that of its first row.
    const { isSingle, top, left, right, bottom } = this.selection;
    const from = isSingle ? step(cell.place, -1, 0, this.rows, this.columns, this.holds).r : top;
    const changes: { cell: Cell; value: string | null }[] = [];
    for (let c = left; c <= right; c += 1) {
      const source = this.grid.cells.at({ r: from, c });
      for (let r = isSingle ? top : top + 1; source && r <= bottom; r += 1) {
        const one = this.grid.cells.at({ r, c });
        if (one && one !== source) changes.push({ cell: one, value: source.value });
      }
    }
    this.grid.change(changes);
    return true;
  }

  private goTo(place: Place): void {
    const cell = this.grid.cells.at(place);
    if (!cell) return;
    this.selection = Selection.at(place);
    if (document.activeElement === cell.input) cell.input.select();
    else cell.input.focus({ preventScroll: this.phone.isOn });
    this.mark(this.selection);
  }

  /** Show which cells are chosen. */
  private mark(selection: Selection | null): void {
    for (const td of this.grid.querySelectorAll(".mark-chosen")) td.classList.remove("mark-chosen");
    this.selection = selection;
    if (!selection || selection.isSingle) return;
    for (const cell of this.chosen()) cell.td.classList.add("mark-chosen");
    this.grid.say(t("Đã chọn {n} ô.", { n: this.chosen().length }));
  }

  private chosen(): Cell[] {
    return this.selection?.places().flatMap((place) => this.grid.cells.at(place) ?? []) ?? [];
  }

  private mouseDown(event: MouseEvent): void {
    const cell = this.grid.cells.of(event.target);
    if (!cell || event.button !== 0 || this.touch) return;
    if (event.shiftKey && this.selection) {
      event.preventDefault();
      return this.mark(this.selection.to(cell.place));
    }
    // A second click puts the caret into the value; the first one only chooses the cell.
    if (cell === this.current && this.selection?.isSingle) {
      this.mode = "edit";
      return;
    }
    event.preventDefault();
    this.goTo(cell.place);
    this.dragging = true;
  }

  private mouseOver(event: MouseEvent): void {
    const cell = this.dragging ? this.grid.cells.of(event.target) : null;
    if (cell && this.selection) this.mark(this.selection.to(cell.place));
  }

  private copied(event: ClipboardEvent, cut: boolean): void {
    if (!this.selection || !this.current || this.mode !== "ready") return;
    const { top, bottom, left, right } = this.selection;
    const rows: string[][] = [];
    for (let r = top; r <= bottom; r += 1) {
      const row: string[] = [];
      for (let c = left; c <= right; c += 1) {
        const cell = this.grid.cells.at({ r, c });
        row.push(cell ? show(cell.value, cell.rule.kind) : "");
      }
      rows.push(row);
    }
    event.clipboardData?.setData("text/plain", writeBlock(rows));
    event.preventDefault();
    if (cut) this.grid.change(this.chosen().map((cell) => ({ cell, value: null })));
    else this.grid.say(t("Đã chép {n} ô.", { n: this.chosen().length }));
  }

  private async pasted(event: ClipboardEvent): Promise<void> {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const cell = this.current;
    if (!cell || !this.selection || !text || cell.input.readOnly) return;
    const block = readBlock(text);
    const isOne = block.length === 1 && block[0]?.length === 1;
    // A word into a value that is being edited is the browser's own business.
    if (isOne && this.mode !== "ready") return;
    event.preventDefault();
    const at = this.selection;
    const plan = planPaste(block, at, this.grid.cells);
    if (plan.refused.length && !(await preview(plan))) return;
    this.grid.change(plan.accepted);
    const end = { r: clamp(at.top + block.length - 1, this.rows), c: clamp(at.left + (block[0]?.length ?? 1) - 1, this.columns) };
    if (!isOne) this.mark(Selection.at({ r: at.top, c: at.left }).to(end));
    this.grid.say(t("Đã dán {n} ô.", { n: plan.accepted.length }));
  }
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(value, count - 1));
}

function samePlace(a: Place, b: Place): boolean {
  return a.r === b.r && a.c === b.c;
}
