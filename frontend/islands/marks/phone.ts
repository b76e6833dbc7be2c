// A phone shows one column at a time: the list of pupils with one large input each, and a bar with the way on.
import { html, nothing, render } from "lit/html.js";
import { t } from "../../lib/i18n";
import type { Cell, Cells } from "./cells";

export interface PhoneActions {
  move(step: number): void;
  choose(value: string): void;
}

const NARROW = "(max-width: 767.98px)";

export class Phone {
  column: string;
  private readonly dock = document.createElement("div");
  private readonly media = window.matchMedia(NARROW);

  constructor(
    private readonly host: HTMLElement,
    private readonly cells: Cells,
    private readonly act: PhoneActions,
    changed: () => void,
  ) {
    this.column = cells.columns.find((col) => missingIn(cells, col)) ?? cells.columns[0] ?? "";
    this.dock.className = "mark-dock";
    this.dock.hidden = true;
    // The keyboard must stay open while one taps Next.
    this.dock.addEventListener("mousedown", (event) => event.preventDefault());
    host.append(this.dock);
    this.media.addEventListener("change", () => {
      this.layOut();
      changed();
    });
    this.layOut();
  }

  get isOn(): boolean {
    return this.media.matches;
  }

  setColumn(column: string): void {
    this.column = column;
    this.layOut();
  }

  /** Columns to choose from, each with the number of pupils who still have nothing there. */
  columns(): { col: string; name: string; missing: number }[] {
    return this.cells.columns.map((col) => ({ col, name: this.cells.columnName(col), missing: missingIn(this.cells, col) }));
  }

  show(cell: Cell | null): void {
    this.dock.hidden = !this.isOn || !cell;
    if (!cell || !this.isOn) {
      render(nothing, this.dock);
      return;
    }
    const cells = this.cells.column(cell.col);
    const choices = cell.input.readOnly ? [] : cell.rule.choices;
    render(
      html`<p><strong>${this.cells.rowName(cell.row)}</strong><span>${cells.indexOf(cell) + 1}/${cells.length}</span></p>
        <div class="mark-dock-keys">
          <button type="button" class="btn" @click=${() => this.act.move(-1)}>${t("Trước")}</button>
          ${choices.map((one) => html`<button type="button" class="btn" @click=${() => this.act.choose(one)}>${one}</button>`)}
          <button type="button" class="btn btn-primary" @click=${() => this.act.move(1)}>${t("Tiếp")}</button></div>`,
      this.dock,
    );
  }

  private layOut(): void {
    this.host.toggleAttribute("data-phone", this.isOn);
    for (const part of this.host.querySelectorAll<HTMLElement>("table [data-col]")) {
      part.hidden = this.isOn && part.dataset.col !== this.column;
    }
    // A pupil without a cell in this column has nothing to do here.
    for (const row of this.cells.rows) {
      const tr = this.cells.rowOf(row);
      if (tr) tr.hidden = this.isOn && !this.cells.get(row, this.column);
    }
    for (const cell of this.cells.all.values()) {
      // Comments are tapped in the bar, so no keyboard comes up over the list.
      if (cell.rule.choices.length) cell.input.inputMode = this.isOn ? "none" : "text";
      cell.input.enterKeyHint = "next";
    }
  }
}

function missingIn(cells: Cells, col: string): number {
  return cells.column(col).filter((cell) => cell.value === null).length;
}
