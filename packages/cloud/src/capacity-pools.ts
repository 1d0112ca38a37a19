import { type CapacityType, type OfferingsView, OptionsError, ORDER_ERROR, quantileMs, type Streams } from '@plimsoll/core';
import { ec2Facts } from './catalogue/ec2-facts.ts';

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
 * Either in given intervals, `[from, to]` in milliseconds from the start, in order; or by chance: open for `every` milliseconds and
 * short for `lasts` on average, both exponential, and short at the start as often as at any other time. Of several rules for a
 * pool, the first counts.
 */
export type PoolShortage = PoolMatch & {
  /** Machines that run are taken when the pool falls short. Spot pools only; default: they stay. */
  readonly reclaim?: Reclaim;
} & ({ readonly intervals: readonly (readonly [number, number])[] } | { readonly every: number; readonly lasts: number });

/**
 * How a pool that falls short takes its spot machines back. Machines of one type and zone go together: in over 92 % of 2,635 recorded
 * cases within three minutes of one another ("Spot-and-Scoot", arXiv 2604.16457).
 */
export interface Reclaim {
  /** Share of the machines that are taken, from 0 to 1. Default 1. */
  readonly share?: number;
  /** Their signals are spread over so many milliseconds from the moment on. Default 3 min. */
  readonly within?: number;
  /** Share of those for which a rebalance recommendation comes first, and the notice after `lead`. Default 0. */
  readonly rebalance?: number;
  /** From the recommendation to the notice, milliseconds. Default 2 min. */
  readonly lead?: number;
}

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

/** Depth of a pool about whose type nothing is known: the middle. */
const UNKNOWN_DEPTH = 2;

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
  /** Rule by pool, for the pools that have one. */
  readonly #shortages = new Map<number, PoolShortage>();
  readonly #depths: readonly number[];

  /** @throws OptionsError for a rule that no pool matches, or whose figures cannot be. */
  constructor({ offerings, streams, limits, shortages }: CapacityPoolsParts) {
    const count = offerings.offerings.length;
    this.#offerings = offerings;
    this.#streams = streams;
    this.#limits = new Float64Array(count).fill(Infinity);
    this.#used = new Int32Array(count);
    this.#short = new Uint8Array(count);
    this.#depths = offerings.types.map(({ name }) => {
      const band = ec2Facts().get(name)?.interruptionBand;
      return band === undefined ? UNKNOWN_DEPTH : 4 - band;
    });
    for (const { id, reservation } of offerings.offerings) if (reservation !== undefined) this.#limits[id] = reservation.count;
    limits.forEach((limit, i) => {
      if (!(limit.max >= 0)) throw new OptionsError(['limits', i, 'max'], `expected 0 or more, got ${limit.max}`);
      for (const pool of this.#matching(limit, ['limits', i])) this.#limits[pool] = Math.min(this.#limits[pool], limit.max);
    });
    shortages.forEach((shortage, i) => {
      checkShortage(shortage, ['shortages', i]);
      for (const pool of this.#matching(shortage, ['shortages', i])) {
        // Only spot machines are taken back; other pools of the same rule merely give no more.
        if (!this.#shortages.has(pool)) this.#shortages.set(pool, shortage);
      }
    });
  }

  /** How many machines the pool would still give. */
  room(pool: number): number {
    return this.#short[pool] === 1 ? 0 : this.#limits[pool] - this.#used[pool];
  }

  /** Why the pool gives no machine now; undefined where it does. */
  refusal(pool: number): number | undefined {
    if (this.room(pool) >= 1) return undefined;
    return this.#offerings.offerings[pool].reservation === undefined
      ? ORDER_ERROR.insufficientCapacity
      : ORDER_ERROR.reservationCapacityExceeded;
  }

  /** How the pool takes its machines back when it falls short; undefined where it does not. */
  reclaim(pool: number): Reclaim | undefined {
    return this.#shortages.get(pool)?.reclaim;
  }

  isShort(pool: number): boolean {
    return this.#short[pool] === 1;
  }

  /**
   * How deep a pool is thought to be: 4 where EC2 reclaims less than 5 % of such machines a month, 0 where more than 20 %, 2 where
   * nothing is known. EC2 publishes no depths: this proxy (Spot Instance Advisor) knows types, but not zones.
   */
  depth(pool: number): number {
    return this.#depths[this.#offerings.offerings[pool].type];
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

  /** Sets the state that pools have at the start; returns the first change of each, in order of pools. */
  begin(): PoolStep[] {
    const out: PoolStep[] = [];
    for (const [pool, shortage] of [...this.#shortages].sort(([a], [b]) => a - b)) {
      if ('every' in shortage) {
        const { every, lasts } = shortage;
        this.#short[pool] = this.#chance(pool, 0) < lasts / (every + lasts) ? 1 : 0;
      }
      const first = this.#nextStep(pool, 0, 0);
      if (first !== undefined) out.push(first);
    }
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
    const shortage = this.#shortages.get(pool)!;
    if ('intervals' in shortage) {
      const at = shortage.intervals[Math.floor(step / 2)]?.[step % 2];
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

  #matching({ instanceType, zone, capacityType }: PoolMatch, path: readonly (string | number)[]): number[] {
    const { types, offerings } = this.#offerings;
    const found = offerings.filter(
      (offering) =>
        (instanceType === undefined || instanceType === types[offering.type].name) &&
        (zone === undefined || zone === offering.zone) &&
        (capacityType === undefined || capacityType === offering.capacityType),
    );
    if (found.length === 0) {
      const asked = [instanceType, zone, capacityType].filter((field) => field !== undefined).join(', ');
      throw new OptionsError(path, `the catalogue has no offering that matches ${asked}`);
    }
    return found.map((offering) => offering.id);
  }
}

function checkShortage(shortage: PoolShortage, path: readonly (string | number)[]): void {
  if ('every' in shortage) {
    for (const field of ['every', 'lasts'] as const) {
      if (!(shortage[field] > 0)) throw new OptionsError([...path, field], `expected more than 0 ms, got ${shortage[field]}`);
    }
    return;
  }
  let last = -1;
  shortage.intervals.forEach((interval, i) => {
    for (const at of interval) {
      if (!(at > last) || (at !== Math.floor(at) && at !== Infinity)) {
        throw new OptionsError([...path, 'intervals', i], `expected whole milliseconds that rise, got ${interval.join(' to ')}`);
      }
      last = at;
    }
  });
}
