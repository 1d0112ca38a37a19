import { type Bits, meet, setBit, wordsFor } from '../catalogue/bits.ts';

/** Rows by how much they have of something: which have at least, or at most, so much. */
export class Ladder {
  /** Amounts that occur, ascending, and the rows that have at least each. */
  readonly #amounts: readonly number[];
  readonly #rows: readonly Bits[];

  /** @param amounts what each row has; NaN leaves a row out */
  constructor(amounts: ArrayLike<number>) {
    const order = Array.from(amounts, (_, row) => row).filter((row) => !Number.isNaN(amounts[row]));
    order.sort((a, b) => amounts[b] - amounts[a]);
    const steps: number[] = [];
    const rows: Bits[] = [];
    const so = new Int32Array(wordsFor(amounts.length));
    order.forEach((row, at) => {
      setBit(so, row);
      if (at + 1 < order.length && amounts[order[at + 1]] === amounts[row]) return;
      steps.push(amounts[row]);
      rows.push(so.slice());
    });
    this.#amounts = steps.reverse();
    this.#rows = rows.reverse();
  }

  /** Rows that have at least so much; undefined for none. */
  atLeast(amount: number): Bits | undefined {
    return this.#rows[this.#firstAtLeast(amount)];
  }

  /** Takes out of a set what has more than so much. */
  keepAtMost(bits: Bits, amount: number): void {
    let at = this.#firstAtLeast(amount);
    if (this.#amounts[at] === amount) at++;
    const more = this.#rows[at];
    if (more === undefined) return;
    for (let w = 0; w < bits.length; w++) bits[w] &= ~more[w];
  }

  /** The most that a row of a set has; 0 where it has none of the rows. */
  largest(bits: Bits): number {
    let low = 0;
    let high = this.#amounts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (meet(this.#rows[middle], bits)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#amounts[low - 1];
  }

  #firstAtLeast(amount: number): number {
    const amounts = this.#amounts;
    let low = 0;
    let high = amounts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (amounts[middle] < amount) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
