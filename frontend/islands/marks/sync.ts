// Brings edits to the server and others' edits here. One attempt at a time; a broken line only means later.
import { getJson, postJson, ServerError, withParameter } from "../../lib/net";
import { type CellReply, type Edit, Outbox } from "./outbox";
import { load, save } from "./store";

/** What goes with every answer: figures that the server has worked out anew. */
export interface Figures {
  rows?: Record<string, unknown>[];
  missing?: number;
  summary?: Record<string, unknown>;
}

export interface SaveReply extends Figures {
  cells: CellReply[];
}

export interface RemoteCell {
  row: string;
  col: string;
  value: string | null;
  version: number;
  by?: string;
}

export interface PollReply extends Figures {
  cells: RemoteCell[];
  cursor: string;
}

/** idle: all saved; saving; offline: no line; signed-out: session over; stuck: the server answers, but not as it should. */
export type Phase = "idle" | "saving" | "offline" | "signed-out" | "stuck";

export interface Hooks {
  /** The server took, refused or disputed cells; `mine` is the latest value typed here. */
  settled(reply: SaveReply, mine: Map<string, string | null>): void;
  /** A whole attempt was refused with one reason. */
  refused(edits: Edit[], reason: string): void;
  /** Another person's cells, and the figures that follow. */
  remote(reply: PollReply): void;
  status(phase: Phase, waiting: number): void;
}

export interface SyncOptions {
  url: string;
  /** Under which the outbox is kept: person and sheet. */
  store: string;
  cursor: string;
  pause?: number;
  poll?: number;
}

const PAUSE = 250;
const POLL = 15_000;
const FIRST_RETRY = 4000;
const LAST_RETRY = 60_000;

export class Sync {
  private outbox = new Outbox();
  private phase: Phase = "idle";
  private sending = false;
  private sendTimer: ReturnType<typeof setTimeout> | undefined;
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  private retryAfter = FIRST_RETRY;
  private keeping: Promise<unknown> = Promise.resolve();
  private cursor: string;
  private stopped = false;

  constructor(
    private readonly options: SyncOptions,
    private readonly hooks: Hooks,
  ) {
    this.cursor = options.cursor;
  }

  /** Take up what an earlier visit left unsent; returns those edits, so that the table can show them. */
  async start(): Promise<Edit[]> {
    const left = await load(this.options.store);
    if (left) {
      // What was typed while the store was being read is newer than what is in it.
      const typed = this.outbox.edits();
      this.outbox = new Outbox(left);
      for (const edit of typed) this.outbox.add(edit);
    }
    window.addEventListener("online", this.online);
    document.addEventListener("visibilitychange", this.seen);
    this.pollLater();
    if (this.outbox.size) this.sendSoon(0);
    return left ? this.outbox.edits() : [];
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.sendTimer);
    clearTimeout(this.pollTimer);
    window.removeEventListener("online", this.online);
    document.removeEventListener("visibilitychange", this.seen);
  }

  add(edits: Edit[]): void {
    for (const edit of edits) this.outbox.add(edit);
    this.keep();
    if (this.phase === "idle" || this.phase === "saving") this.say("saving");
    else this.say(this.phase);
    this.sendSoon(this.options.pause ?? PAUSE);
  }

  discard(key: string): void {
    this.outbox.discard(key);
    this.keep();
    this.say(this.outbox.size ? this.phase : "idle");
  }

  waits(key: string): boolean {
    return this.outbox.has(key);
  }

  isInFlight(key: string): boolean {
    return this.sending && this.outbox.isInFlight(key);
  }

  get waiting(): number {
    return this.outbox.size;
  }

  /** Send now what waits, as on a click on "try again" or when the page goes away. */
  flush(): void {
    clearTimeout(this.sendTimer);
    void this.send();
  }

  private sendSoon(pause: number): void {
    clearTimeout(this.sendTimer);
    this.sendTimer = setTimeout(() => void this.send(), pause);
  }

  private async send(): Promise<void> {
    if (this.sending || this.stopped) return;
    const attempt = this.outbox.take(newId);
    if (!attempt) return this.say("idle");
    this.sending = true;
    this.say(this.phase === "offline" ? "offline" : "saving");
    this.keep();
    try {
      // Without this, a closing tab ends the request; browsers allow it for small bodies only.
      const reply = await postJson<SaveReply>(this.options.url, attempt, attempt.cells.length < 100);
      const mine = this.outbox.settle(reply.cells);
      this.retryAfter = FIRST_RETRY;
      this.sending = false;
      this.hooks.settled(reply, mine);
      this.say(this.outbox.size ? "saving" : "idle");
      if (this.outbox.size) this.sendSoon(0);
    } catch (error) {
      this.sending = false;
      this.failed(error);
    }
    this.keep();
  }

  private failed(error: unknown): void {
    const status = error instanceof ServerError ? error.status : 0;
    if (status === 401) return this.say("signed-out");
    if (error instanceof ServerError && error.isRuling && status >= 400 && status < 500 && ![408, 425, 429].includes(status)) {
      this.hooks.refused(this.outbox.drop(), error.message);
      this.say(this.outbox.size ? "saving" : "idle");
      if (this.outbox.size) this.sendSoon(0);
      return;
    }
    this.say(status === 0 ? "offline" : "stuck");
    this.sendSoon(this.retryAfter);
    this.retryAfter = Math.min(this.retryAfter * 2, LAST_RETRY);
  }

  private readonly online = (): void => {
    if (this.outbox.size) this.flush();
    else this.say("idle");
    void this.poll();
  };

  private readonly seen = (): void => {
    if (document.visibilityState === "hidden") this.flush();
    else void this.poll();
  };

  private pollLater(): void {
    clearTimeout(this.pollTimer);
    if (!this.stopped) this.pollTimer = setTimeout(() => void this.poll(), this.options.poll ?? POLL);
  }

  /** Ask what others have changed. A failure says nothing: only unsent work makes a missing line matter. */
  async poll(): Promise<void> {
    clearTimeout(this.pollTimer);
    if (document.visibilityState !== "hidden" && !this.sending && this.phase !== "signed-out") {
      try {
        const reply = await getJson<PollReply>(withParameter(this.options.url, "since", this.cursor));
        this.cursor = reply.cursor;
        if (!this.stopped) this.hooks.remote(reply);
      } catch (error) {
        if (error instanceof ServerError && error.status === 401) this.say("signed-out");
      }
    }
    this.pollLater();
  }

  private keep(): void {
    // One after another: an older state must not be written over a newer one.
    const data = this.outbox.toData();
    this.keeping = this.keeping.then(() => save(this.options.store, data));
  }

  private say(phase: Phase): void {
    this.phase = phase;
    this.hooks.status(phase, this.outbox.size);
  }
}

function newId(): string {
  // randomUUID exists only on https; a school's own server may not have it.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
