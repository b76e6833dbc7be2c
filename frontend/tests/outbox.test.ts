import { describe, expect, it } from "vitest";
import { BATCH, type CellReply, type Edit, Outbox } from "../islands/marks/outbox";

const edit = (row: string, value: string | null, version = 1): Edit => ({ row, col: "tx1", value, version });
const saved = (row: string, value: string | null, version: number): CellReply => ({ row, col: "tx1", state: "saved", value, version });
const ids = (): (() => string) => {
  let n = 0;
  return () => `id-${(n += 1)}`;
};

describe("the outbox", () => {
  it("sends the last value of a cell on the version that was seen first", () => {
    const box = new Outbox();
    box.add(edit("a", "7", 3));
    box.add(edit("a", "8", 9));
    expect(box.take(ids())).toEqual({ request_id: "id-1", cells: [edit("a", "8", 3)] });
  });

  it("sends an unanswered attempt again under the same id, whatever was typed since", () => {
    const box = new Outbox();
    const id = ids();
    box.add(edit("a", "7"));
    const first = box.take(id);
    box.add(edit("a", "8"));
    box.add(edit("b", "9"));
    expect(box.take(id)).toEqual(first);
    expect(box.size).toBe(2);
  });

  it("puts what waited behind a saved edit on the new version", () => {
    const box = new Outbox();
    const id = ids();
    box.add(edit("a", "7", 1));
    box.take(id);
    box.add(edit("a", "8", 1));
    box.settle([saved("a", "7", 2)]);
    expect(box.take(id)).toEqual({ request_id: "id-2", cells: [edit("a", "8", 2)] });
  });

  it("holds back what waited behind a conflict, and returns it as mine", () => {
    const box = new Outbox();
    box.add(edit("a", "7"));
    box.take(ids());
    box.add(edit("a", "8"));
    const mine = box.settle([{ row: "a", col: "tx1", state: "conflict", value: "5", version: 4, by: "Cô Lan" }]);
    expect(mine.get("a:tx1")).toBe("8");
    expect(box.size).toBe(0);
  });

  it("returns the sent value as mine when nothing waited", () => {
    const box = new Outbox();
    box.add(edit("a", null));
    box.take(ids());
    expect(box.settle([saved("a", null, 2)]).get("a:tx1")).toBeNull();
    expect(box.take(ids())).toBeNull();
  });

  it("asks again about a cell that the answer passed over", () => {
    const box = new Outbox();
    const id = ids();
    box.add(edit("a", "7"));
    box.add(edit("b", "8"));
    box.take(id);
    box.settle([saved("a", "7", 2)]);
    expect(box.take(id)).toEqual({ request_id: "id-2", cells: [edit("b", "8")] });
  });

  it("lets a correction go out after a refusal", () => {
    const box = new Outbox();
    const id = ids();
    box.add(edit("a", "7"));
    box.take(id);
    box.add(edit("a", "8"));
    box.settle([{ row: "a", col: "tx1", state: "refused", message: "không", version: 1 }]);
    expect(box.take(id)?.cells).toEqual([edit("a", "8")]);
  });

  it("gives an attempt back when the server refuses it whole, and keeps what came after", () => {
    const box = new Outbox();
    box.add(edit("a", "7"));
    box.take(ids());
    box.add(edit("b", "8"));
    expect(box.drop()).toEqual([edit("a", "7")]);
    expect(box.edits()).toEqual([edit("b", "8")]);
  });

  it("splits a large block", () => {
    const box = new Outbox();
    const id = ids();
    for (let n = 0; n < BATCH + 5; n += 1) box.add(edit(`r${n}`, "8"));
    expect(box.take(id)?.cells).toHaveLength(BATCH);
    box.settle(Array.from({ length: BATCH }, (_, n) => saved(`r${n}`, "8", 2)));
    expect(box.take(id)?.cells).toHaveLength(5);
  });

  it("comes back from the device as it was, attempt and all", () => {
    const box = new Outbox();
    box.add(edit("a", "7"));
    const attempt = box.take(ids());
    box.add(edit("b", "8"));
    const again = new Outbox(JSON.parse(JSON.stringify(box.toData())));
    expect(again.take(() => "other")).toEqual(attempt);
    expect(again.edits()).toEqual([edit("a", "7"), edit("b", "8")]);
  });

  it("knows which cells are not yet saved", () => {
    const box = new Outbox();
    box.add(edit("a", "7"));
    expect(box.has("a:tx1")).toBe(true);
    expect(box.isInFlight("a:tx1")).toBe(false);
    box.take(ids());
    expect(box.isInFlight("a:tx1")).toBe(true);
    box.settle([saved("a", "7", 2)]);
    expect(box.has("a:tx1")).toBe(false);
  });

  it("drops an edit that is no longer wanted", () => {
    const box = new Outbox();
    box.add(edit("a", "7"));
    box.discard("a:tx1");
    expect(box.size).toBe(0);
  });
});
