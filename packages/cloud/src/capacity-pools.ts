import { type CapacityType, type OfferingsView, quantileMs, type Streams } from '@plimsoll/core';

/** Which pools a rule is about: those that agree with every field given. */
export interface PoolMatch {
  readonly instanceType?: string;
  readonly zone?: string;
  readonly capacityType?: CapacityType;
}

/** Each matching pool holds at most `max` machines. Of several rules for a pool, the lowest counts. */
export interface PoolLimit extends PoolMatch {
  readonly max: number;
}

/**
 * Each matching pool is without capacity now and then, independently of all others: machines that run stay, new ones are refused.
 * Either for given intervals, `[from, to)` in milliseconds and in order; or by chance: open for `every` milliseconds and short for
 * `lasts` on average, both exponential, and short at the start as often as at any other time. Of several rules for a pool, the first
 * counts.
 */
export type PoolShortage = PoolMatch &
  ({ readonly intervals: readonly (readonly [number, number])[] } | { readonly every: number; readonly lasts: number });

/** What {@link CapacityPools} works with. */
export interface CapacityPoolsParts {
  readonly offerings: OfferingsView;
  readonly streams: Streams;
  readonly limits: readonly PoolLimit[];
  readonly shortages: readonly PoolShortage[];
}

/** A change of a pool that lies ahead. `step` counts the pool's changes. */
export interface PoolStep {
  readonly pool: number;
  readonly step: number;
  readonly at: number;
}

/**
 * The pools that machines come from. A pool is an offering: a type in a zone, bought in one way; its row is the offering's. What a
 * pool has shows only when something is ordered from it.
 */
export class CapacityPools {
  readonly #offerings: OfferingsView;
  readonly #streams: Streams;
  readonly #limits: Float64Array;
  readonly #used: Int32Array;
  readonly #short: Uint8Array;
  readonly #shortages: (PoolShortage | undefined)[] = [];

  constructor({ offerings, streams, limits, shortages }: CapacityPoolsParts) {
    const count = offerings.offerings.length;
    this.#offerings = offerings;
    this.#streams = streams;
    this.#limits = new Float64Array(count).fill(Infinity);
    this.#used = new Int32Array(count);
    this.#short = new Uint8Array(count);
    if (limits.length + shortages.length === 0) return;
    for (let pool = 0; pool < count; pool++) {
      for (const limit of limits) if (this.#matches(pool, limit)) this.#limits[pool] = Math.min(this.#limits[pool], limit.max);
      this.#shortages.push(shortages.find((shortage) => this.#matches(pool, shortage)));
    }
  }

  /** How many machines the pool would still give. */
  room(pool: number): number {
    return this.#short[pool] === 1 ? 0 : this.#limits[pool] - this.#used[pool];
  }

  /** Machines of the pool that exist. */
  used(pool: number): number {
    return this.#used[pool];
  }

  isShort(pool: number): boolean {
    return this.#short[pool] === 1;
  }

  /** Takes one machine. Throws where the pool has none. */
  take(pool: number): void {
    if (this.room(pool) < 1) throw new Error(`pool ${pool} has no machine to give`);
    this.#used[pool]++;
  }

  /** Gives one back. */
  release(pool: number): void {
    if (this.#used[pool] === 0) throw new Error(`pool ${pool} gets back a machine that it never gave`);
    this.#used[pool]--;
  }

  /** Sets the state that pools have at the start; returns every first change. */
  begin(): PoolStep[] {
    const out: PoolStep[] = [];
    this.#shortages.forEach((shortage, pool) => {
      if (shortage === undefined) return;
      if ('every' in shortage) {
        const { every, lasts } = shortage;
        this.#short[pool] = this.#chance(pool, 0) < lasts / (every + lasts) ? 1 : 0;
      }
      const next = this.#nextStep(pool, 0, 0);
      if (next !== undefined) out.push(next);
    });
    return out;
  }

  /** Carries out a change that is due; returns the one after it. */
  change({ pool, step, at }: PoolStep): PoolStep | undefined {
    this.#short[pool] ^= 1;
    return this.#nextStep(pool, step + 1, at);
  }

  /** Rows of the pools without capacity. */
  shortPools(): number[] {
    const out: number[] = [];
    for (let pool = 0; pool < this.#short.length; pool++) if (this.#short[pool] === 1) out.push(pool);
    return out;
  }

  /** Puts pools back: which are short, and of which pool each machine is. */
  restore(short: readonly number[], machines: readonly number[]): void {
    this.#short.fill(0);
    this.#used.fill(0);
    for (const pool of short) this.#short[pool] = 1;
    for (const pool of machines) this.#used[pool]++;
  }

  #nextStep(pool: number, step: number, now: number): PoolStep | undefined {
    const shortage = this.#shortages[pool]!;
    if ('intervals' in shortage) {
      const at = shortage.intervals.flat()[step];
      return at === undefined || at === Infinity ? undefined : { pool, step, at };
    }
    const mean = this.#short[pool] === 1 ? shortage.lasts : shortage.every;
    const length = Math.max(1, quantileMs({ kind: 'exponential', mean }, this.#chance(pool, step + 1)));
    return { pool, step, at: now + length };
  }

  #chance(pool: number, draw: number): number {
    const { type, zone, capacityType } = this.#offerings.offerings[pool];
    return this.#streams.keyed('cloud', 'shortage', this.#offerings.types[type].name, zone, capacityType).at(draw);
  }

  #matches(pool: number, { instanceType, zone, capacityType }: PoolMatch): boolean {
    const offering = this.#offerings.offerings[pool];
    return (
      (instanceType === undefined || instanceType === this.#offerings.types[offering.type].name) &&
      (zone === undefined || zone === offering.zone) &&
      (capacityType === undefined || capacityType === offering.capacityType)
    );
  }
}
