import type { RunResult } from '../run-spec.ts';

interface Page {
  price: number;
  /** When this price began, and what had come together until then: nano-dollars per hour × milliseconds. */
  since: number;
  total: bigint;
}

/** Prices of offerings over a run, as its log tells them. Prices only change where a scenario says so. */
export class PriceBook {
  readonly #offerings: RunResult['tables']['offerings'];
  readonly #changed = new Map<number, Page>();

  constructor(offerings: RunResult['tables']['offerings']) {
    this.#offerings = offerings;
  }

  /** Nano-dollars per hour at the last change that was noted. */
  price(offering: number): number {
    return this.#changed.get(offering)?.price ?? this.#offerings[offering].price;
  }

  /** Notes a record of a new price; times rise. Returns by how much the price changed. */
  change(offering: number, at: number, b: number, c: number): number {
    const before = this.price(offering);
    const price = b * 1_000_000 + c;
    this.#changed.set(offering, { price, since: at, total: this.total(offering, at) });
    return price - before;
  }

  /** What a machine of the offering would have cost from the start to a time, not before the last change: a difference of two is exact. */
  total(offering: number, at: number): bigint {
    const page = this.#changed.get(offering);
    if (page === undefined) return BigInt(at) * BigInt(this.#offerings[offering].price);
    return page.total + BigInt(at - page.since) * BigInt(page.price);
  }
}
