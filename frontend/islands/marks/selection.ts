// Which cells are chosen, and where a key leads. Places are row and column in the grid of cells that can be written.

export interface Place {
  r: number;
  c: number;
}

/** Tells whether a place holds a cell; a pupil who has left has none. */
export type Holds = (place: Place) => boolean;

export class Selection {
  private constructor(
    readonly anchor: Place,
    readonly focus: Place,
  ) {}

  static at(place: Place): Selection {
    return new Selection(place, place);
  }

  /** The same start, another end. */
  to(place: Place): Selection {
    return new Selection(this.anchor, place);
  }

  get top(): number {
    return Math.min(this.anchor.r, this.focus.r);
  }

  get bottom(): number {
    return Math.max(this.anchor.r, this.focus.r);
  }

  get left(): number {
    return Math.min(this.anchor.c, this.focus.c);
  }

  get right(): number {
    return Math.max(this.anchor.c, this.focus.c);
  }

  get isSingle(): boolean {
    return this.anchor.r === this.focus.r && this.anchor.c === this.focus.c;
  }

  has(place: Place): boolean {
    return place.r >= this.top && place.r <= this.bottom && place.c >= this.left && place.c <= this.right;
  }

  /** Every place, row by row. */
  places(): Place[] {
    const all: Place[] = [];
    for (let r = this.top; r <= this.bottom; r += 1) {
      for (let c = this.left; c <= this.right; c += 1) all.push({ r, c });
    }
    return all;
  }
}

/** The next cell in a direction, over places without one; the same place at the edge. */
export function step(from: Place, dr: number, dc: number, rows: number, columns: number, holds: Holds): Place {
  for (let place = { r: from.r + dr, c: from.c + dc }; ; place = { r: place.r + dr, c: place.c + dc }) {
    if (place.r < 0 || place.r >= rows || place.c < 0 || place.c >= columns) return from;
    if (holds(place)) return place;
  }
}

/** The last cell in a direction (Ctrl with an arrow, Home, End). */
export function edge(from: Place, dr: number, dc: number, rows: number, columns: number, holds: Holds): Place {
  for (let place = from; ; ) {
    const next = step(place, dr, dc, rows, columns, holds);
    if (next === place) return place;
    place = next;
  }
}

/** The next cell in reading order down a column, then to the top of the next one; null after the last. */
export function nextDown(from: Place, rows: number, columns: number, holds: Holds): Place | null {
  for (let c = from.c; c < columns; c += 1) {
    for (let r = c === from.c ? from.r + 1 : 0; r < rows; r += 1) {
      if (holds({ r, c })) return { r, c };
    }
  }
  return null;
}
