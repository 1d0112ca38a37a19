import type { ResourceNames } from '@plimsoll/core';
import { type Bits, hasBit, meet, setBit, wordsFor } from '../catalogue/bits.ts';
import { allowsAbsence, hasIntersection, type Requirement } from '../requirements/requirement.ts';
import { incompatibility, requirementText } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import type { InstanceType, Offering } from './instance-type.ts';
import type { KnownSet } from './known-sets.ts';
import { Ladder } from './ladder.ts';

/** Offerings that no requirement can tell apart: where, how, and of which reservation. */
interface Market {
  readonly offering: Offering;
  /** Types that are to be had there now. */
  readonly types: Bits;
  /** Rows of those types, and what each costs there. */
  readonly rows: number[];
  readonly prices: number[];
}

/** The instance types of a NodePool in the provider's order, and which of them meet what. */
export class TypeTable {
  readonly types: readonly InstanceType[];
  readonly words: number;
  readonly #names: ResourceNames;
  readonly #allocatable: (Ladder | undefined)[] = [];
  readonly #markets: Market[] = [];
  readonly #admits = new Map<string, Bits>();
  readonly #admitsThat = new Map<Requirement, Bits>();
  readonly #ofSet: (Bits | undefined)[] = [];
  readonly #prices: (Float64Array | undefined)[] = [];
  readonly #values = new Map<string, readonly Bits[]>();
  readonly #capacities: (Ladder | undefined)[] = [];
  /** Types with room for anything at all: overhead beyond the capacity leaves none. */
  readonly #sound: Bits;

  constructor(types: readonly InstanceType[], names: ResourceNames) {
    this.types = types;
    this.words = wordsFor(types.length);
    this.#names = names;
    this.#sound = this.where(({ allocatable }) => Object.values(allocatable).every((amount) => amount >= 0));
    const markets = new Map<string, Market>();
    types.forEach((type, row) => {
      for (const offering of type.offerings) {
        if (!offering.available) continue;
        const key = `${offering.zone} ${offering.capacityType} ${offering.reservationId ?? ''}`;
        let market = markets.get(key);
        if (market === undefined) markets.set(key, (market = { offering, types: this.none(), rows: [], prices: [] }));
        setBit(market.types, row);
        market.rows.push(row);
        market.prices.push(offering.price);
      }
    });
    this.#markets.push(...markets.values());
  }

  none(): Bits {
    return new Int32Array(this.words);
  }

  where(test: (type: InstanceType, row: number) => boolean): Bits {
    const bits = this.none();
    this.types.forEach((type, row) => {
      if (test(type, row)) setBit(bits, row);
    });
    return bits;
  }

  /** Types whose requirements meet a set's and that are to be had where the set allows. */
  of(set: KnownSet): Bits {
    let bits = this.#ofSet[set.id];
    if (bits === undefined) {
      bits = this.admitted(set);
      const offered = this.offered(set);
      for (let w = 0; w < bits.length; w++) bits[w] &= offered[w];
      this.#ofSet[set.id] = bits;
    }
    return bits;
  }

  /** The same without the types that have room for nothing at all. */
  soundOf(set: KnownSet): Bits {
    const bits = this.of(set).slice();
    for (let w = 0; w < bits.length; w++) bits[w] &= this.#sound[w];
    return bits;
  }

  /** Types whose requirements meet a set's. Keys that a type does not know do not matter. */
  admitted(set: KnownSet): Bits {
    const bits = this.where(() => true);
    for (const wanted of set.set.values()) {
      const admits = this.#admitted(wanted);
      for (let w = 0; w < bits.length; w++) bits[w] &= admits[w];
    }
    return bits;
  }

  /** Types that are to be had where a set allows. */
  offered({ set }: KnownSet): Bits {
    const bits = this.none();
    for (const { offering, types } of this.#markets) {
      if (incompatibility(set, offering.requirements, WELL_KNOWN) !== undefined) continue;
      for (let w = 0; w < bits.length; w++) bits[w] |= types[w];
    }
    return bits;
  }

  /** The least that each type costs where a set allows, Infinity where it is not to be had. */
  prices(set: KnownSet): Float64Array {
    let least = this.#prices[set.id];
    if (least === undefined) {
      least = new Float64Array(this.types.length).fill(Infinity);
      for (const { offering, prices, rows } of this.#markets) {
        if (incompatibility(set.set, offering.requirements, WELL_KNOWN) !== undefined) continue;
        rows.forEach((row, i) => {
          if (prices[i] < (least as Float64Array)[row]) (least as Float64Array)[row] = prices[i];
        });
      }
      this.#prices[set.id] = least;
    }
    return least;
  }

  get hasReservations(): boolean {
    return this.#markets.some(({ offering }) => offering.reservationId !== undefined);
  }

  /** Reservations of some types that a set allows. */
  reservations({ set }: KnownSet, types: Bits): readonly string[] {
    return this.#markets.flatMap(({ offering, types: having }) => {
      if (offering.reservationId === undefined || !meet(having, types)) return [];
      return incompatibility(set, offering.requirements, WELL_KNOWN) === undefined ? offering.reservationId : [];
    });
  }

  /** Types that have room for anything at all. */
  get sound(): Bits {
    return this.#sound;
  }

  /** Types with at least so much to give of a resource; undefined for none. */
  atLeast(resource: number, amount: number): Bits | undefined {
    return amount <= 0 ? this.#sound : this.#given(resource).atLeast(amount);
  }

  /** The most that a type of a set has to give of a resource. */
  largest(resource: number, bits: Bits): number {
    return this.#given(resource).largest(bits);
  }

  /** How many different values of a key some types have between them. */
  distinct(key: string, bits: Bits): number {
    let values = this.#values.get(key);
    if (values === undefined) {
      const byValue = new Map<string, Bits>();
      this.types.forEach((type, row) => {
        for (const value of type.requirements.get(key)?.values ?? []) {
          let having = byValue.get(value);
          if (having === undefined) byValue.set(value, (having = this.none()));
          setBit(having, row);
        }
      });
      this.#values.set(key, (values = [...byValue.values()]));
    }
    let count = 0;
    for (const having of values) if (meet(having, bits)) count++;
    return count;
  }

  /** Types of a set whose capacity of each resource is at most what is given. */
  within(bits: Bits, limits: readonly { readonly resource: number; readonly left: number }[]): Bits {
    const out = bits.slice();
    for (const { left, resource } of limits) this.#capacity(resource).keepAtMost(out, left);
    return out;
  }

  /** The largest capacity of a resource among some types. */
  largestCapacity(resource: number, bits: Bits): number {
    return this.#capacity(resource).largest(bits);
  }

  #given(resource: number): Ladder {
    let ladder = this.#allocatable[resource];
    if (ladder === undefined) {
      const name = this.#names.names[resource];
      const amounts = this.types.map(({ allocatable }, row) =>
        hasBit(this.#sound, row) ? (allocatable[name] ?? 0) : Number.NaN,
      );
      this.#allocatable[resource] = ladder = new Ladder(amounts);
    }
    return ladder;
  }

  #capacity(resource: number): Ladder {
    let ladder = this.#capacities[resource];
    if (ladder === undefined) {
      const name = this.#names.names[resource];
      this.#capacities[resource] = ladder = new Ladder(this.types.map(({ capacity }) => capacity[name] ?? 0));
    }
    return ladder;
  }

  #admitted(wanted: Requirement): Bits {
    let bits = this.#admitsThat.get(wanted);
    if (bits === undefined) {
      const text = requirementText(wanted);
      bits = this.#admits.get(text);
      if (bits === undefined) {
        const absence = allowsAbsence(wanted);
        bits = this.where(({ requirements }) => {
          const own = requirements.get(wanted.key);
          return own === undefined || hasIntersection(own, wanted) || (absence && allowsAbsence(own));
        });
        this.#admits.set(text, bits);
      }
      this.#admitsThat.set(wanted, bits);
    }
    return bits;
  }
}
