// Undo and redo. One step is all that one act changed: a key, a paste, a fill.

export interface Change {
  key: string;
  before: string | null;
  after: string | null;
}

const LIMIT = 200;

export class History {
  private done: Change[][] = [];
  private undone: Change[][] = [];

  /** Remember a step; what had been undone can no longer be redone. */
  add(step: Change[]): void {
    const real = step.filter((change) => change.before !== change.after);
    if (!real.length) return;
    this.done.push(real);
    if (this.done.length > LIMIT) this.done.shift();
    this.undone = [];
  }

  /** Values to put back, or nothing to undo. */
  undo(): Change[] | null {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    return [...step].reverse().map(({ key, before, after }) => ({ key, before: after, after: before }));
  }

  redo(): Change[] | null {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(step);
    return step;
  }

  /** Another person changed this cell: putting our old value back would overwrite theirs, so those steps forget it. */
  forget(key: string): void {
    const without = (steps: Change[][]): Change[][] =>
      steps.map((step) => step.filter((change) => change.key !== key)).filter((step) => step.length);
    this.done = without(this.done);
    this.undone = without(this.undone);
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }
}
