import { type Classes, LABEL, type Offering, type OfferingsView, type ResourceVector } from '@plimsoll/core';
import { hasIntersection, type Requirement } from '../requirements/requirement.ts';
import { type RequirementSet, requirementSet, requirementText, withAll } from '../requirements/requirement-set.ts';
import { TYPE_KEYS } from '../requirements/well-known.ts';
import { type Bits, meet, setBit, wordsFor } from './bits.ts';

/** An instance type as Karpenter predicts it before it has seen a node. */
export interface CatalogueType {
  readonly name: string;
  /** What the type can be, key by key; a key that it can never have is DoesNotExist. */
  readonly requirements: RequirementSet;
  readonly capacity: ResourceVector;
  readonly allocatable: ResourceVector;
  /** Bare metal, or with accelerators: launched only where nothing else will do. */
  readonly exotic: boolean;
}

/** A zone and a way of paying: what a launch may be free to choose. */
export interface Market {
  readonly zone: string;
  readonly capacityType: string;
}

interface ResourceRanks {
  /** Allocatable amounts that occur, ascending. */
  readonly amounts: Float64Array;
  /** Types that have at least the amount of the same position. */
  readonly atLeast: readonly Bits[];
}

/**
 * Everything that can be bought, compiled so that a claim's choice is an AND of words: per requirement the set of types that
 * can meet it, per resource and amount the set of types that hold as much, per zone and capacity type the set of types sold there.
 */
export class Catalogue {
  readonly types: readonly CatalogueType[];
  readonly offerings: readonly Offering[];
  /** At most 31, so that a set of markets is one number. */
  readonly markets: readonly Market[];
  readonly words: number;
  /** Offering row of type t in market m at `t * markets.length + m`, or -1. */
  readonly offeringAt: Int32Array;
  /** Market row by offering row; -1 for reserved offerings, which are left out. */
  readonly marketOf: Int32Array;
  readonly #admits = new Map<string, Bits>();
  readonly #ranks: ResourceRanks[] = [];

  constructor(types: readonly CatalogueType[], offerings: readonly Offering[]) {
    this.types = types;
    this.offerings = offerings;
    this.words = wordsFor(types.length);
    const markets: Market[] = [];
    this.marketOf = new Int32Array(offerings.length).fill(-1);
    offerings.forEach(({ zone, capacityType }, row) => {
      if (capacityType === 'reserved') return;
      let market = markets.findIndex((m) => m.zone === zone && m.capacityType === capacityType);
      if (market < 0) market = markets.push({ zone, capacityType }) - 1;
      this.marketOf[row] = market;
    });
    if (markets.length > 31) throw new RangeError(`${markets.length} pairs of zone and capacity type; at most 31 are supported`);
    this.markets = markets;
    this.offeringAt = new Int32Array(types.length * markets.length).fill(-1);
    offerings.forEach(({ type }, row) => {
      if (this.marketOf[row] >= 0) this.offeringAt[type * markets.length + this.marketOf[row]] = row;
    });
  }

  /** Types whose own requirement on the key can meet it. A type that does not know the key does not mind. */
  admits(wanted: Requirement): Bits {
    const text = requirementText(wanted);
    let bits = this.#admits.get(text);
    if (bits === undefined) {
      bits = new Int32Array(this.words);
      for (let type = 0; type < this.types.length; type++) {
        const own = this.types[type].requirements.get(wanted.key);
        if (own === undefined || hasIntersection(own, wanted) || (mayBeAbsent(own) && mayBeAbsent(wanted))) setBit(bits, type);
      }
      this.#admits.set(text, bits);
    }
    return bits;
  }

  /** Types that may meet some requirements, or the same with others added to them. */
  everMeets(set: RequirementSet): Bits {
    const bits = new Int32Array(this.words);
    for (let type = 0; type < this.types.length; type++) {
      const { requirements } = this.types[type];
      let meets = true;
      for (const wanted of set.values()) {
        const own = requirements.get(wanted.key);
        // What is added may make an absent label do.
        if (own !== undefined && !hasIntersection(own, wanted) && !mayBeAbsent(own)) meets = false;
      }
      if (meets) setBit(bits, type);
    }
    return bits;
  }

  /** Types with at least an amount of a resource allocatable; undefined where none has. */
  atLeast(resource: number, amount: number): Bits | undefined {
    const { amounts, atLeast } = this.#ranksOf(resource);
    let low = 0;
    let high = amounts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (amounts[middle] >= amount) high = middle;
      else low = middle + 1;
    }
    return atLeast[low];
  }

  /** The largest allocatable amount of a resource among some types; -1 for no types. */
  largest(resource: number, among: Bits): number {
    const { amounts, atLeast } = this.#ranksOf(resource);
    let low = 0;
    let high = amounts.length;
    // The sets are nested, so the ranks that still meet `among` come first.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (meet(atLeast[middle], among)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : amounts[low - 1];
  }

  #ranksOf(resource: number): ResourceRanks {
    let ranks = this.#ranks[resource];
    if (ranks === undefined) {
      const of = (type: CatalogueType): number => type.allocatable[resource] ?? 0;
      const amounts = Float64Array.from(new Set(this.types.map(of))).sort();
      const atLeast = Array.from(amounts, (amount) => {
        const bits = new Int32Array(this.words);
        this.types.forEach((type, row) => {
          if (of(type) >= amount) setBit(bits, row);
        });
        return bits;
      });
      ranks = { amounts, atLeast };
      this.#ranks[resource] = ranks;
    }
    return ranks;
  }
}

function mayBeAbsent(r: Requirement): boolean {
  return r.complement ? r.values.length > 0 : r.values.length === 0;
}

const ACCELERATORS = ['nvidia.com/gpu', 'amd.com/gpu', 'aws.amazon.com/neuron', 'aws.amazon.com/neuroncore', 'habana.ai/gaudi'];

/** The catalogue of a price list. */
export function catalogueOf(view: OfferingsView, classes: Classes): Catalogue {
  const zones = view.types.map(() => new Set<string>());
  const capacityTypes = view.types.map(() => new Set<string>());
  for (const { type, zone, capacityType } of view.offerings) {
    zones[type].add(zone);
    capacityTypes[type].add(capacityType);
  }
  const types = view.types.map((type, row): CatalogueType => {
    const { labels } = type;
    const labelled = requirementSet(Object.keys(labels).map((key) => ({ key, operator: 'In', values: [labels[key]] }) as const));
    const defaults: Readonly<Record<string, readonly string[]>> = {
      [LABEL.instanceType]: [type.name],
      [LABEL.os]: ['linux'],
      [LABEL.arch]: ['amd64'],
      [LABEL.region]: [view.region],
    };
    const own = requirementSet([
      ...Object.keys(defaults)
        .filter((key) => !labelled.has(key))
        .map((key) => ({ key, operator: 'In', values: defaults[key] }) as const),
      ...TYPE_KEYS.filter((key) => !labelled.has(key)).map((key) => ({ key, operator: 'DoesNotExist' }) as const),
    ]);
    const places = new Map(
      requirementSet([
        { key: LABEL.zone, operator: 'In', values: [...zones[row]] },
        { key: LABEL.capacityType, operator: 'In', values: [...capacityTypes[row]] },
      ]),
    );
    const requirements = new Map(withAll(labelled, own.values()));
    for (const [key, place] of places) requirements.set(key, place);
    return {
      name: type.name,
      requirements,
      capacity: classes.resources.vector(type.predictedCapacity),
      allocatable: classes.resources.vector(type.predictedAllocatable),
      exotic: type.name.includes('.metal') || ACCELERATORS.some((name) => (type.predictedCapacity[name] ?? 0) > 0),
    };
  });
  return new Catalogue(types, view.offerings);
}
