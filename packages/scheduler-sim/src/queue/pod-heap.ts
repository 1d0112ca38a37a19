/** A binary heap of pod rows by an order given from outside, which must be total. */
export class PodHeap {
  readonly #before: (a: number, b: number) => boolean;
  readonly #rows: number[] = [];

  constructor(before: (a: number, b: number) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Rows in no particular order. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  /** The first row, or -1 where there is none. */
  peek(): number {
    return this.#rows.length === 0 ? -1 : this.#rows[0];
  }

  push(row: number): void {
    const rows = this.#rows;
    let at = rows.push(row) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(row, rows[parent])) break;
      rows[at] = rows[parent];
      at = parent;
    }
    rows[at] = row;
  }

  /** Takes the first row; -1 where there is none. */
  pop(): number {
    const rows = this.#rows;
    if (rows.length === 0) return -1;
    const first = rows[0];
    const last = rows.pop() as number;
    if (rows.length > 0) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#rows.length = 0;
  }

  #sink(row: number): void {
    const rows = this.#rows;
    const end = rows.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= end) break;
      if (child + 1 < end && this.#before(rows[child + 1], rows[child])) child++;
      if (!this.#before(rows[child], row)) break;
      rows[at] = rows[child];
      at = child;
    }
    rows[at] = row;
  }
}
