import { describe, expect, it } from "vitest";
import { edge, nextDown, Selection, step } from "../islands/marks/selection";

// Three rows, two columns; the pupil of row 1 has left and has no cells.
const holds = ({ r }: { r: number }): boolean => r !== 1;

describe("a selection", () => {
  it("is the same block whichever corner it began at", () => {
    const block = Selection.at({ r: 2, c: 1 }).to({ r: 0, c: 0 });
    expect([block.top, block.bottom, block.left, block.right]).toEqual([0, 2, 0, 1]);
    expect(block.has({ r: 1, c: 1 })).toBe(true);
    expect(block.has({ r: 3, c: 0 })).toBe(false);
    expect(block.places()).toHaveLength(6);
  });
  it("keeps its start while its end moves", () => {
    const block = Selection.at({ r: 1, c: 1 }).to({ r: 2, c: 1 }).to({ r: 0, c: 1 });
    expect(block.anchor).toEqual({ r: 1, c: 1 });
    expect([block.top, block.bottom]).toEqual([0, 1]);
  });
  it("of one cell is single", () => {
    expect(Selection.at({ r: 1, c: 1 }).isSingle).toBe(true);
    expect(Selection.at({ r: 1, c: 1 }).to({ r: 1, c: 0 }).isSingle).toBe(false);
  });
});

describe("moving", () => {
  it("passes over a row without cells", () => expect(step({ r: 0, c: 0 }, 1, 0, 3, 2, holds)).toEqual({ r: 2, c: 0 }));
  it("stays at the edge", () => expect(step({ r: 2, c: 1 }, 0, 1, 3, 2, holds)).toEqual({ r: 2, c: 1 }));
  it("goes to the far end", () => expect(edge({ r: 0, c: 0 }, 1, 0, 3, 2, holds)).toEqual({ r: 2, c: 0 }));
  it("goes down a column and on to the top of the next", () => {
    expect(nextDown({ r: 0, c: 0 }, 3, 2, holds)).toEqual({ r: 2, c: 0 });
    expect(nextDown({ r: 2, c: 0 }, 3, 2, holds)).toEqual({ r: 0, c: 1 });
    expect(nextDown({ r: 2, c: 1 }, 3, 2, holds)).toBeNull();
  });
});
