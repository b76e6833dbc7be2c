// <mark-grid> – the mark sheet. The server makes a table of inputs in a form, which works by itself; this adds what a
// teacher knows from Excel, saves every cell by itself, and goes on without a line. Attributes: frontend/README.md.
import { t } from "../lib/i18n";
import { drawBar } from "./marks/bar";
import { Bubble, type PhraseGroup } from "./marks/bubble";
import { type Cell, Cells } from "./marks/cells";
import { countBins, redraw, valuesOf, writeFigures } from "./marks/figures";
import { type Change, History } from "./marks/history";
import { Input } from "./marks/input";
import type { Edit } from "./marks/outbox";
import { Phone } from "./marks/phone";
import { type Phase, type PollReply, type SaveReply, Sync } from "./marks/sync";
import "../styles/mark-grid.css";

const SAVED_SHOWN = 2500;
const FLASH_SHOWN = 8000;

export class MarkGrid extends HTMLElement {
  cells!: Cells;
  readonly history = new History();
  private sync!: Sync;
  private bubble!: Bubble;
  private phone!: Phone;
  private input!: Input;
  private readonly bar = document.createElement("div");
  private readonly live = document.createElement("div");
  private phase: Phase = "idle";
  private savedAt: Date | null = null;
  private drawing = 0;

  connectedCallback(): void {
    const table = this.querySelector("table");
    if (!table || this.cells) return;
    this.classList.add("mark-grid");
    this.cells = new Cells(table, this.dataset);
    this.bar.className = "mark-bar-place";
    this.live.className = "visually-hidden";
    this.live.setAttribute("aria-live", "polite");
    this.prepend(this.bar);
    this.append(this.live);
    this.bubble = new Bubble(this, this.cells, this.readPhrases(), {
      takeMine: (cell) => this.takeMine(cell),
      takeTheirs: (cell) => this.takeTheirs(cell),
      insert: (cell, phrase) => this.insert(cell, phrase),
    });
    this.phone = new Phone(this, this.cells, {
      move: (step) => this.input.next(step),
      choose: (value) => this.input.choose(value),
    }, () => this.draw());
    this.input = new Input(this, this.phone, this.bubble);
    if (this.isLocked) for (const cell of this.cells.all.values()) cell.input.readOnly = true;
    this.sync = this.makeSync();
    void this.sync.start().then((left) => this.takeUp(left));
    window.addEventListener("beforeunload", this.leaving);
    // Saving is ours now; the button of the plain form would send everything once more.
    for (const button of this.querySelectorAll<HTMLElement>("[data-plain-submit]")) button.hidden = true;
    this.querySelector("form")?.addEventListener("submit", (event) => {
      if (!event.submitter || event.submitter.matches("[data-plain-submit]")) event.preventDefault();
    });
    this.draw();
  }

  disconnectedCallback(): void {
    this.sync?.stop();
    window.removeEventListener("beforeunload", this.leaving);
  }

  get isLocked(): boolean {
    return this.dataset.locked !== undefined && this.dataset.locked !== "false";
  }

  /** Give cells new values: at once on the screen, soon on the server. Undo takes them back as one step. */
  change(changes: { cell: Cell; value: string | null }[], remember = true): void {
    const real = changes.filter(({ cell, value }) => !cell.input.readOnly && (cell.value !== value || cell.state === "conflict" || cell.state === "refused"));
    if (!real.length) return;
    if (remember) this.history.add(real.map(({ cell, value }) => ({ key: cell.key, before: cell.value, after: value })));
    const edits: Edit[] = [];
    for (const { cell, value } of real) {
      // Who types over a conflict has seen the other value, and stands on its version.
      if (cell.theirs) cell.version = cell.theirs.version;
      cell.theirs = null;
      this.cells.put(cell, value);
      if (value === cell.saved && !this.sync.waits(cell.key)) this.cells.paint(cell, "");
      else {
        this.cells.paint(cell, this.phase === "idle" || this.phase === "saving" ? "saving" : "waiting");
        edits.push({ row: cell.row, col: cell.col, value, version: cell.version });
      }
    }
    if (edits.length) this.sync.add(edits);
    this.draw();
  }

  /** A cell holds something that its rule refuses; it stays to be seen, and is not sent. */
  refuse(cell: Cell, reason: string): void {
    this.cells.paint(cell, "refused", reason);
    this.say(`${this.cells.rowName(cell.row)}, ${this.cells.columnName(cell.col)}: ${reason}`, true);
    this.draw();
  }

  /** Take a fault away: back to what the cell held, or to what the other person wrote. */
  revert(cell: Cell): void {
    if (cell.state === "conflict") return this.takeTheirs(cell);
    const wasRefused = cell.state === "refused";
    // The server refused what we hold; what it holds itself is the truth to go back to.
    this.cells.put(cell, wasRefused && !this.sync.waits(cell.key) ? cell.saved : cell.value);
    if (wasRefused) this.cells.paint(cell, this.sync.waits(cell.key) ? "saving" : "");
    this.draw();
  }

  undo(step: Change[] | null): void {
    if (!step) return;
    const changes = step.flatMap(({ key, after }) => {
      const cell = this.cells.all.get(key);
      return cell ? [{ cell, value: after }] : [];
    });
    this.change(changes, false);
    this.input.select(changes.map(({ cell }) => cell));
    this.draw();
  }

  /** Say something to those who do not see the screen. */
  say(words: string, urgent = false): void {
    this.live.setAttribute("aria-live", urgent ? "assertive" : "polite");
    this.live.textContent = words;
  }

  draw(): void {
    // Many cells may change at once; one drawing is enough.
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.drawNow());
  }

  private drawNow(): void {
    const all = [...this.cells.all.values()];
    drawBar(
      this.bar,
      {
        phase: this.phase,
        waiting: this.sync.waiting,
        savedAt: this.savedAt,
        refused: all.filter((cell) => cell.state === "refused").length,
        conflicts: all.filter((cell) => cell.state === "conflict").length,
        canUndo: this.history.canUndo,
        canRedo: this.history.canRedo,
        locked: this.isLocked,
        autoDecimal: all.some((cell) => cell.rule.autoDecimal),
        hasMarks: all.some((cell) => cell.rule.kind === "mark" && cell.rule.decimals > 0),
        columns: this.phone.isOn ? this.phone.columns() : null,
        column: this.phone.column,
      },
      {
        undo: () => this.undo(this.history.undo()),
        redo: () => this.undo(this.history.redo()),
        nextEmpty: () => this.input.find((cell) => cell.value === null && !cell.input.readOnly),
        nextFault: () => this.input.find((cell) => cell.state === "refused" || cell.state === "conflict"),
        retry: () => this.sync.flush(),
        setAutoDecimal: (on) => this.setAutoDecimal(on),
        setColumn: (col) => {
          this.phone.setColumn(col);
          this.input.find((cell) => cell.col === col && cell.value === null, false);
          this.draw();
        },
      },
    );
    this.bubble.show(this.input.current);
    this.phone.show(this.input.current);
    this.drawChart();
  }

  private drawChart(): void {
    const chart = this.dataset.chart ? document.getElementById(this.dataset.chart) : null;
    if (!chart) return;
    const bins = chart.querySelectorAll("[data-bin]").length;
    redraw(chart, countBins(valuesOf(this, this.cells, this.dataset.chartOf ?? "average"), bins));
  }

  private setAutoDecimal(on: boolean): void {
    for (const cell of this.cells.all.values()) cell.rule.autoDecimal = on;
    localStorage.setItem("sen-auto-decimal", on ? "1" : "0");
    this.draw();
  }

  private makeSync(): Sync {
    const chosen = localStorage.getItem("sen-auto-decimal");
    if (chosen) for (const cell of this.cells.all.values()) cell.rule.autoDecimal = chosen === "1";
    return new Sync(
      {
        url: this.dataset.url ?? location.href,
        store: `${this.dataset.user ?? ""}:${this.dataset.sheet ?? location.pathname}`,
        cursor: this.dataset.cursor ?? "",
      },
      {
        settled: (reply, mine) => this.settled(reply, mine),
        refused: (edits, reason) => this.refusedAll(edits, reason),
        remote: (reply) => this.remote(reply),
        status: (phase) => this.status(phase),
      },
    );
  }

  /** Show again what an earlier visit could not send. */
  private takeUp(left: Edit[]): void {
    for (const edit of left) {
      const cell = this.cells.get(edit.row, edit.col);
      if (!cell) continue;
      this.cells.put(cell, edit.value);
      this.cells.paint(cell, "waiting");
    }
    if (left.length) this.say(t("Còn {n} ô chưa gửi từ lần trước, đang gửi.", { n: left.length }));
    this.draw();
  }

  private settled(reply: SaveReply, mine: Map<string, string | null>): void {
    for (const answer of reply.cells) {
      const cell = this.cells.get(answer.row, answer.col);
      if (!cell) continue;
      const sent = mine.get(cell.key) ?? null;
      if (answer.state === "conflict") {
        cell.theirs = { value: answer.value ?? null, by: answer.by ?? "", version: answer.version ?? cell.version };
        cell.value = sent;
        this.cells.paint(cell, "conflict");
        const words = t("{by} vừa ghi ô này: {value}", { by: cell.theirs.by || t("Người khác"), value: cell.theirs.value ?? t("(trống)") });
        this.say(`${this.cells.rowName(cell.row)}, ${this.cells.columnName(cell.col)}: ${words}`, true);
      } else if (answer.state === "refused") {
        this.cells.paint(cell, "refused", answer.message ?? t("Máy chủ không nhận giá trị này."));
        this.say(`${this.cells.rowName(cell.row)}: ${cell.message}`, true);
      } else this.settledCell(cell, answer.value === undefined ? sent : answer.value, answer.version);
    }
    this.savedAt = new Date();
    writeFigures(this.cells, reply);
    this.draw();
  }

  private settledCell(cell: Cell, value: string | null, version: number | undefined): void {
    if (version !== undefined) cell.version = version;
    cell.saved = value;
    if (this.sync.waits(cell.key)) return this.cells.paint(cell, "saving");
    // Something newer is being typed, or was refused meanwhile: it stays.
    if (cell.state === "refused" || this.input.hasDraft(cell)) return;
    if (cell.value !== value) this.cells.put(cell, value);
    this.cells.paint(cell, "saved");
    setTimeout(() => cell.state === "saved" && this.cells.paint(cell, ""), SAVED_SHOWN);
  }

  private refusedAll(edits: Edit[], reason: string): void {
    for (const edit of edits) {
      const cell = this.cells.get(edit.row, edit.col);
      if (cell) this.cells.paint(cell, "refused", reason);
    }
    this.say(reason, true);
    this.draw();
  }

  private remote(reply: PollReply): void {
    const names = new Set<string>();
    for (const other of reply.cells) {
      const cell = this.cells.get(other.row, other.col);
      // Our own writing comes back too; an edit on its way will be judged by the server.
      if (!cell || other.version <= cell.version || this.sync.waits(cell.key)) continue;
      if (this.input.hasDraft(cell) || cell.state === "refused") {
        cell.theirs = { value: other.value, by: other.by ?? "", version: other.version };
        this.cells.paint(cell, "conflict");
        continue;
      }
      cell.version = other.version;
      cell.saved = other.value;
      cell.theirs = null;
      this.cells.put(cell, other.value);
      this.cells.paint(cell, "");
      this.history.forget(cell.key);
      this.flash(cell, other.by ?? "");
      names.add(other.by ?? t("Người khác"));
    }
    writeFigures(this.cells, reply);
    if (names.size) this.say(t("{by} vừa sửa bảng này.", { by: [...names].join(", ") }));
    this.draw();
  }

  private flash(cell: Cell, by: string): void {
    cell.td.dataset.by = by;
    cell.td.classList.add("mark-remote");
    setTimeout(() => {
      delete cell.td.dataset.by;
      cell.td.classList.remove("mark-remote");
    }, FLASH_SHOWN);
  }

  private takeMine(cell: Cell): void {
    this.input.commit(cell, true);
    this.draw();
  }

  private takeTheirs(cell: Cell): void {
    if (!cell.theirs) return;
    this.sync.discard(cell.key);
    cell.version = cell.theirs.version;
    cell.saved = cell.theirs.value;
    this.cells.put(cell, cell.theirs.value);
    cell.theirs = null;
    this.history.forget(cell.key);
    this.cells.paint(cell, "");
    this.draw();
  }

  private insert(cell: Cell, phrase: string): void {
    const before = cell.input.value.trim();
    cell.input.value = before ? `${before}${/[.!?]$/.test(before) ? "" : "."} ${phrase}` : phrase;
    cell.input.focus();
    this.input.commit(cell);
  }

  private status(phase: Phase): void {
    const changed = phase !== this.phase;
    this.phase = phase;
    if (changed && phase === "offline") this.say(t("Mất mạng: điểm được giữ trên máy này và tự gửi khi có mạng."), true);
    for (const cell of this.cells.all.values()) {
      if (cell.state !== "saving" && cell.state !== "waiting") continue;
      this.cells.paint(cell, phase === "idle" || phase === "saving" ? "saving" : "waiting");
    }
    this.draw();
  }

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    if (this.input.current) this.input.commit(this.input.current);
    const faults = [...this.cells.all.values()].some((cell) => cell.state === "refused" || cell.state === "conflict");
    if (!this.sync.waiting && !faults) return;
    this.sync.flush();
    event.preventDefault();
  };

  private readPhrases(): PhraseGroup[] {
    const text = this.querySelector("script[data-phrases]")?.textContent;
    if (!text) return [];
    const read = JSON.parse(text) as (PhraseGroup | string)[];
    const loose = read.filter((one): one is string => typeof one === "string");
    const groups = read.filter((one): one is PhraseGroup => typeof one !== "string");
    return loose.length ? [{ group: t("Câu mẫu"), phrases: loose }, ...groups] : groups;
  }
}

customElements.define("mark-grid", MarkGrid);
