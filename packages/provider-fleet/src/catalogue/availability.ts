import { MINUTE } from '@plimsoll/core';
import { type Bits, setBit } from './bits.ts';
import type { Catalogue } from './catalogue.ts';

/** How long an offering that could not be had is left alone. Source: AWS provider 1.14.1, `pkg/cache/cache.go`. */
const UNAVAILABLE_MS = 3 * MINUTE;

/** Prices of every type over some markets, nano-dollars per hour; Infinity where nothing is available. */
export interface MarketPrices {
  /** Of the cheapest available offering. */
  readonly cheapest: Float64Array;
  /** The dearest price at which a launch may end: over zones, of spot where there is any, else of on-demand. */
  readonly worst: Float64Array;
}

/** Which offerings are worth asking for now: all but those that failed within the last 3 minutes. */
export class Availability {
  readonly #catalogue: Catalogue;
  readonly #until = new Map<number, number>();
  readonly #masks = new Map<number, Bits>();
  readonly #prices = new Map<number, MarketPrices>();
  /** Moves on with every change. */
  version = 0;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** An offering could not be had at `now`. */
  fail(offering: number, now: number): void {
    if (!this.#until.has(offering)) this.#changed();
    this.#until.set(offering, now + UNAVAILABLE_MS);
  }

  /** Forgets what has lasted long enough. */
  advance(now: number): void {
    if (this.#until.size === 0) return;
    for (const [offering, until] of this.#until) {
      if (until > now) continue;
      this.#until.delete(offering);
      this.#changed();
    }
  }

  /** When the next offering may be asked for again; Infinity where all may. */
  get changesAt(): number {
    let next = Infinity;
    for (const until of this.#until.values()) next = Math.min(next, until);
    return next;
  }

  /** Whether an offering may be asked for. */
  has(offering: number): boolean {
    return !this.#until.has(offering);
  }

  /** Types that can be had in one of some markets. */
  types(markets: number): Bits {
    let bits = this.#masks.get(markets);
    if (bits === undefined) {
      const { types, words } = this.#catalogue;
      bits = new Int32Array(words);
      for (let type = 0; type < types.length; type++) if (this.#any(type, markets)) setBit(bits, type);
      this.#masks.set(markets, bits);
    }
    return bits;
  }

  /** Prices over some markets. */
  prices(markets: number): MarketPrices {
    let prices = this.#prices.get(markets);
    if (prices === undefined) {
      const { types, offeringAt, offerings, markets: all } = this.#catalogue;
      const cheapest = new Float64Array(types.length).fill(Infinity);
      const worst = new Float64Array(types.length).fill(Infinity);
      for (let type = 0; type < types.length; type++) {
        let spot = -1;
        let onDemand = -1;
        for (let market = 0; market < all.length; market++) {
          const row = offeringAt[type * all.length + market];
          if ((markets & (1 << market)) === 0 || row < 0 || this.#until.has(row)) continue;
          const { price } = offerings[row];
          if (price < cheapest[type]) cheapest[type] = price;
          if (all[market].capacityType === 'spot') spot = Math.max(spot, price);
          else onDemand = Math.max(onDemand, price);
        }
        if (spot >= 0) worst[type] = spot;
        else if (onDemand >= 0) worst[type] = onDemand;
      }
      prices = { cheapest, worst };
      this.#prices.set(markets, prices);
    }
    return prices;
  }

  snapshot(): readonly (readonly [number, number])[] {
    return [...this.#until];
  }

  restore(saved: readonly (readonly [number, number])[]): void {
    this.#until.clear();
    for (const [offering, until] of saved) this.#until.set(offering, until);
    this.#changed();
  }

  #any(type: number, markets: number): boolean {
    const { offeringAt, markets: all } = this.#catalogue;
    for (let market = 0; market < all.length; market++) {
      const row = offeringAt[type * all.length + market];
      if ((markets & (1 << market)) !== 0 && row >= 0 && !this.#until.has(row)) return true;
    }
    return false;
  }

  #changed(): void {
    this.version++;
    this.#masks.clear();
    this.#prices.clear();
  }
}
