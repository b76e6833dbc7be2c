// What has been written here but is not yet known to be on the server. Pure; `store.ts` keeps it on the device.
//
// One attempt is on its way at a time. It keeps its request_id until the server has answered, however often it is sent:
// a line that breaks after the server has written must not write twice. What is typed meanwhile waits behind it.

export interface Edit {
  row: string;
  col: string;
  value: string | null;
  /** The version of the cell that this edit was made on. */
  version: number;
}

export interface Attempt {
  request_id: string;
  cells: Edit[];
}

export interface OutboxData {
  pending: Edit[];
  attempt: Attempt | null;
}

export interface CellReply {
  row: string;
  col: string;
  state: "saved" | "refused" | "conflict";
  value?: string | null;
  version?: number;
  message?: string;
  by?: string;
}

export const BATCH = 200;

export function keyOf(cell: { row: string; col: string }): string {
  return `${cell.row}:${cell.col}`;
}

export class Outbox {
  private pending: Map<string, Edit>;
  private attempt: Attempt | null;

  constructor(data: OutboxData = { pending: [], attempt: null }) {
    this.pending = new Map(data.pending.map((edit) => [keyOf(edit), edit]));
    this.attempt = data.attempt;
  }

  /** Add an edit. The last value of a cell wins; the version stays that of the first, which the eye had seen. */
  add(edit: Edit): void {
    const before = this.pending.get(keyOf(edit));
    this.pending.set(keyOf(edit), before ? { ...edit, version: before.version } : edit);
  }

  /** A cell's waiting edit is no longer wanted (the other person's value was taken). */
  discard(key: string): void {
    this.pending.delete(key);
  }

  /** What to send now: the unanswered attempt again, or a new one; null when all is sent. */
  take(newId: () => string): Attempt | null {
    if (this.attempt) return this.attempt;
    const cells = [...this.pending.values()].slice(0, BATCH);
    if (!cells.length) return null;
    for (const cell of cells) this.pending.delete(keyOf(cell));
    this.attempt = { request_id: newId(), cells };
    return this.attempt;
  }

  /**
   * The server has answered the attempt. An edit that waits behind a saved one now stands on the new version. An edit
   * that waits behind a conflict is not sent: the person must choose first; it comes back as "mine".
   */
  settle(replies: CellReply[]): Map<string, string | null> {
    const mine = new Map<string, string | null>();
    const answered = new Set(replies.map(keyOf));
    for (const sent of this.attempt?.cells ?? []) {
      // A cell that the answer passes over is asked about again.
      if (!answered.has(keyOf(sent)) && !this.pending.has(keyOf(sent))) this.pending.set(keyOf(sent), sent);
      mine.set(keyOf(sent), sent.value);
    }
    for (const reply of replies) {
      const key = keyOf(reply);
      const waiting = this.pending.get(key);
      if (!waiting) continue;
      mine.set(key, waiting.value);
      if (reply.state === "conflict") this.pending.delete(key);
      else if (reply.version !== undefined) this.pending.set(key, { ...waiting, version: reply.version });
    }
    this.attempt = null;
    return mine;
  }

  /** The server refuses the attempt as a whole (a sheet locked meanwhile): give it back and send it no more. */
  drop(): Edit[] {
    const cells = this.attempt?.cells ?? [];
    this.attempt = null;
    return cells;
  }

  has(key: string): boolean {
    return this.pending.has(key) || (this.attempt?.cells.some((cell) => keyOf(cell) === key) ?? false);
  }

  isInFlight(key: string): boolean {
    return this.attempt?.cells.some((cell) => keyOf(cell) === key) ?? false;
  }

  /** The latest value of every cell that is not yet known to be saved. */
  edits(): Edit[] {
    const all = new Map((this.attempt?.cells ?? []).map((cell) => [keyOf(cell), cell]));
    for (const [key, edit] of this.pending) all.set(key, edit);
    return [...all.values()];
  }

  get size(): number {
    return this.edits().length;
  }

  toData(): OutboxData {
    return { pending: [...this.pending.values()], attempt: this.attempt };
  }
}
