// The small panel at a cell: why it was refused, whose value stands against ours, ready-made sentences for a remark.
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { t } from "../../lib/i18n";
import type { Cell, Cells } from "./cells";
import { fold, show } from "./parse";

export interface PhraseGroup {
  group: string;
  phrases: string[];
}

export interface BubbleActions {
  takeMine(cell: Cell): void;
  takeTheirs(cell: Cell): void;
  insert(cell: Cell, phrase: string): void;
}

export class Bubble {
  private readonly box = document.createElement("div");
  private cell: Cell | null = null;
  private choosing = false;
  private word = "";

  constructor(
    host: HTMLElement,
    private readonly cells: Cells,
    private readonly phrases: PhraseGroup[],
    private readonly act: BubbleActions,
  ) {
    this.box.className = "mark-bubble";
    this.box.id = "mark-bubble";
    this.box.hidden = true;
    host.append(this.box);
    // A click in the panel must not take the focus, and with it the panel, away from the cell.
    this.box.addEventListener("mousedown", (event) => !(event.target as Element).matches("input") && event.preventDefault());
    for (const name of ["scroll", "resize"]) window.addEventListener(name, () => this.place(), { capture: true, passive: true });
  }

  holds(target: EventTarget | null): boolean {
    return target instanceof Node && this.box.contains(target);
  }

  /** Show what there is to say about a cell; nothing to say hides the panel. */
  show(cell: Cell | null): void {
    if (cell !== this.cell) this.choosing = false;
    this.cell?.input.removeAttribute("aria-describedby");
    this.cell = cell;
    this.draw();
  }

  /** Open the ready-made sentences at a remark. */
  choosePhrase(): void {
    if (!this.cell || !this.phrases.length || this.cell.rule.kind !== "remark") return;
    this.choosing = true;
    this.word = "";
    this.draw();
    this.box.querySelector("input")?.focus();
  }

  private draw(): void {
    const content = this.cell ? this.content(this.cell) : nothing;
    this.box.hidden = content === nothing;
    render(content, this.box);
    if (content !== nothing && this.cell) {
      this.cell.input.setAttribute("aria-describedby", this.box.id);
      this.place();
    }
  }

  private content(cell: Cell): TemplateResult | typeof nothing {
    if (this.choosing) return this.chooser(cell);
    if (cell.state === "conflict" && cell.theirs) return this.dispute(cell, cell.theirs);
    if (cell.state === "refused") {
      return html`<p class="mark-why">${cell.message}</p><p class="help">${t("Esc để trả lại giá trị trước.")}</p>`;
    }
    if (cell.rule.kind === "remark" && this.phrases.length && !cell.input.readOnly) {
      return html`<button type="button" class="btn btn-sm" @click=${() => this.choosePhrase()}>${t("Câu mẫu")} <kbd>Alt ↓</kbd></button>`;
    }
    return nothing;
  }

  private dispute(cell: Cell, theirs: NonNullable<Cell["theirs"]>): TemplateResult {
    const kind = cell.rule.kind;
    const by = theirs.by || t("Người khác");
    const value = show(theirs.value, kind) || t("(trống)");
    return html`<p class="mark-why">${t("{by} vừa ghi ô này: {value}", { by, value })}</p>
      <div class="mark-choice">
        <button type="button" class="btn btn-sm" @click=${() => this.act.takeTheirs(cell)}>${t("Lấy {value}", { value })} <kbd>Esc</kbd></button>
        <button type="button" class="btn btn-sm btn-primary" @click=${() => this.act.takeMine(cell)}>
          ${t("Giữ {value} của tôi", { value: cell.input.value || t("(trống)") })}</button></div>`;
  }

  private chooser(cell: Cell): TemplateResult {
    const groups = this.phrases
      .map(({ group, phrases }) => ({ group, phrases: phrases.filter((one) => fold(one).includes(fold(this.word))) }))
      .filter((group) => group.phrases.length);
    const typed = (event: Event): void => {
      this.word = (event.target as HTMLInputElement).value;
      this.draw();
    };
    return html`<div class="mark-phrases" @keydown=${(event: KeyboardEvent) => this.pressed(event, cell)}>
      <input type="search" class="form-control" aria-label=${t("Tìm câu mẫu")} placeholder=${t("Tìm câu mẫu…")} .value=${this.word} @input=${typed} />
      <div class="mark-phrase-list">${groups.map(
        ({ group, phrases }) => html`<p class="palette-group">${group}</p>${phrases.map(
          (one) => html`<button type="button" class="menu-item" @click=${() => this.choose(cell, one)}>${one}</button>`,
        )}`,
      )}${groups.length ? nothing : html`<p class="help">${t("Không có câu nào như vậy.")}</p>`}</div></div>`;
  }

  private choose(cell: Cell, phrase: string): void {
    this.choosing = false;
    const name = this.cells.rowName(cell.row).split(" ").at(-1) ?? "";
    this.act.insert(cell, phrase.replaceAll("{ten}", name));
    this.draw();
  }

  private pressed(event: KeyboardEvent, cell: Cell): void {
    const items = [...this.box.querySelectorAll<HTMLElement>("input, .menu-item")];
    const now = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Escape") {
      this.choosing = false;
      this.draw();
      cell.input.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      items[now + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    } else if (event.key === "Enter" && now === 0) items[1]?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private place(): void {
    if (this.box.hidden || !this.cell) return;
    const at = this.cell.td.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const below = at.bottom + 6 + height < window.innerHeight;
    this.box.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
    this.box.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
  }
}
