// The table as cells: reads the server's markup once, keeps each cell's value and paints its state.
import { fold, type Kind, parse, type Parsed, type Rule, show, CHOICES } from "./parse";
import { keyOf } from "./outbox";
import type { Place } from "./selection";

export type State = "" | "saving" | "waiting" | "saved" | "refused" | "conflict";

export interface Cell {
  key: string;
  row: string;
  col: string;
  place: Place;
  td: HTMLTableCellElement;
  input: HTMLInputElement | HTMLTextAreaElement;
  rule: Rule;
  version: number;
  /** What the person wants the cell to hold. */
  value: string | null;
  /** What the server is known to hold. */
  saved: string | null;
  state: State;
  /** Why the cell was refused, or whose value stands against ours. */
  message: string;
  theirs: { value: string | null; by: string; version: number } | null;
}

export class Cells {
  readonly all = new Map<string, Cell>();
  readonly rows: string[] = [];
  readonly columns: string[] = [];
  private readonly matrix = new Map<string, Map<string, Cell>>();

  constructor(
    private readonly table: HTMLTableElement,
    private readonly defaults: DOMStringMap,
  ) {
    for (const td of table.querySelectorAll<HTMLTableCellElement>("td[data-row][data-col]")) this.read(td);
    // Columns stand in the order of the head, whatever the order of the first row with cells.
    const order = [...table.querySelectorAll<HTMLElement>("thead [data-col]")].map((head) => head.dataset.col!);
    if (order.length) this.columns.sort((a, b) => order.indexOf(a) - order.indexOf(b));
    for (const cell of this.all.values()) {
      cell.place = { r: this.rows.indexOf(cell.row), c: this.columns.indexOf(cell.col) };
    }
  }

  at(place: Place): Cell | null {
    return this.matrix.get(this.rows[place.r] ?? "")?.get(this.columns[place.c] ?? "") ?? null;
  }

  get(row: string, col: string): Cell | null {
    return this.matrix.get(row)?.get(col) ?? null;
  }

  of(target: EventTarget | null): Cell | null {
    const td = target instanceof Element ? target.closest<HTMLTableCellElement>("td[data-row][data-col]") : null;
    return td ? this.get(td.dataset.row!, td.dataset.col!) : null;
  }

  column(col: string): Cell[] {
    return this.rows.flatMap((row) => this.get(row, col) ?? []);
  }

  /** The pupil's name, as the row's head says it. */
  rowName(row: string): string {
    const tr = this.rowOf(row);
    return tr?.dataset.name ?? tr?.querySelector("th")?.textContent?.trim().replace(/\s+/g, " ") ?? "";
  }

  columnName(col: string): string {
    const head = this.table.querySelector<HTMLElement>(`thead [data-col="${CSS.escape(col)}"]`);
    return head?.dataset.label ?? head?.textContent?.trim().replace(/\s+/g, " ") ?? col;
  }

  rowOf(row: string): HTMLTableRowElement | null {
    return this.table.querySelector<HTMLElement>(`td[data-row="${CSS.escape(row)}"]`)?.closest("tr") ?? null;
  }

  /** Read what stands in the cell's input by the cell's rule. */
  typed(cell: Cell): Parsed {
    return parse(cell.input.value, cell.rule);
  }

  /** Put a value into the cell and its input. */
  put(cell: Cell, value: string | null): void {
    cell.value = value;
    cell.input.value = show(value, cell.rule.kind);
  }

  paint(cell: Cell, state: State, message = ""): void {
    cell.state = state;
    cell.message = message;
    if (state) cell.td.dataset.state = state;
    else delete cell.td.dataset.state;
    cell.input.setAttribute("aria-invalid", String(state === "refused" || state === "conflict"));
  }

  private read(td: HTMLTableCellElement): void {
    const input = td.querySelector<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea");
    const { row, col } = td.dataset;
    if (!input || !row || !col || input.disabled) return;
    const rule = this.ruleOf(td);
    const parsed = parse(input.value, { ...rule, autoDecimal: false });
    const value = parsed.ok ? parsed.value : null;
    const version = Number(td.dataset.version ?? 0);
    const base = { key: keyOf({ row, col }), row, col, place: { r: 0, c: 0 }, td, input, rule, version };
    const cell: Cell = { ...base, value, saved: value, state: "", message: "", theirs: null };
    input.autocomplete = "off";
    if (!this.rows.includes(row)) this.rows.push(row);
    if (!this.columns.includes(col)) this.columns.push(col);
    if (!this.matrix.has(row)) this.matrix.set(row, new Map());
    this.matrix.get(row)!.set(col, cell);
    this.all.set(cell.key, cell);
  }

  /** A cell's own attributes go before those of its column's head, and those before the grid's. */
  private ruleOf(td: HTMLTableCellElement): Rule {
    const head = this.table.querySelector<HTMLElement>(`thead [data-col="${CSS.escape(td.dataset.col!)}"]`);
    const kind = (td.dataset.kind ?? head?.dataset.kind ?? "mark") as Kind;
    const setting = (name: string): string | undefined => td.dataset[name] ?? head?.dataset[name] ?? this.defaults[name];
    const figure = (name: string, normal: number): number => Number(setting(name)?.replace(",", ".") ?? normal);
    const isTest = kind === "test";
    return {
      kind,
      // Circular 27: a test of primary school is marked 1 to 10, whole.
      min: isTest ? Number(td.dataset.min ?? head?.dataset.min ?? 1) : figure("min", 0),
      max: figure("max", 10),
      decimals: isTest ? 0 : figure("decimals", 1),
      choices: (td.dataset.choices ?? head?.dataset.choices)?.split("|") ?? CHOICES[kind] ?? [],
      maxLength: figure("maxlength", 0),
      autoDecimal: this.defaults.autoDecimal !== undefined && this.defaults.autoDecimal !== "false",
    };
  }
}

/** Does this pupil's name answer to what was typed? Case and marks do not matter. */
export function nameMatches(name: string, word: string): boolean {
  return fold(name).includes(fold(word));
}
