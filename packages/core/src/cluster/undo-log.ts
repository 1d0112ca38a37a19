/** What a what-if did, so that it can be taken back. */
export const UNDO = { bound: 1, unbound: 2, changed: 3, imagined: 4, hidden: 5 } as const;

const WIDTH = 6;

/** A stack of steps, each an operation and five numbers, in one column. */
export class UndoLog {
  /** Fields of the step that the last {@link pop} took. */
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  e = 0;
  #steps = new Int32Array(WIDTH * 256);
  #length = 0;
  #depth = 0;

  get active(): boolean {
    return this.#depth > 0;
  }

  get length(): number {
    return this.#length;
  }

  /** Opens a level; returns the mark to revert to. */
  open(): number {
    this.#depth++;
    return this.#length;
  }

  close(): void {
    this.#depth--;
  }

  push(op: number, a: number, b: number, c: number, d = 0, e = 0): void {
    const at = this.#length * WIDTH;
    if (at === this.#steps.length) {
      const wider = new Int32Array(this.#steps.length * 2);
      wider.set(this.#steps);
      this.#steps = wider;
    }
    this.#steps[at] = op;
    this.#steps[at + 1] = a;
    this.#steps[at + 2] = b;
    this.#steps[at + 3] = c;
    this.#steps[at + 4] = d;
    this.#steps[at + 5] = e;
    this.#length++;
  }

  pop(): number {
    this.#length--;
    const at = this.#length * WIDTH;
    this.a = this.#steps[at + 1];
    this.b = this.#steps[at + 2];
    this.c = this.#steps[at + 3];
    this.d = this.#steps[at + 4];
    this.e = this.#steps[at + 5];
    return this.#steps[at];
  }
}
