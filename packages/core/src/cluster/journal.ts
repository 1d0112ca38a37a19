/**
 * The rows of nodes whose state was touched, in order: what caches read to learn which of their entries are stale. A ring: a
 * reader that fell further behind than its length starts afresh.
 */
export class Journal {
  readonly #ring: Int32Array;
  readonly #mask: number;
  /** How many touches there have been. */
  end = 0;

  constructor(bits = 16) {
    this.#ring = new Int32Array(2 ** bits);
    this.#mask = this.#ring.length - 1;
  }

  /** The oldest position that can still be read. */
  get start(): number {
    return Math.max(0, this.end - this.#ring.length);
  }

  push(node: number): void {
    this.#ring[this.end & this.#mask] = node;
    this.end++;
  }

  /** The node touched at a position from {@link start} to `end` − 1. */
  at(position: number): number {
    return this.#ring[position & this.#mask];
  }
}
