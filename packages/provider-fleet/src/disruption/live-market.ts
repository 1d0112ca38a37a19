import { LABEL } from '@plimsoll/core';
import type { Availability } from '../catalogue/availability.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CompiledSet, CompiledSets } from '../catalogue/compiled-sets.ts';
import { byPrice } from '../launch/price-order.ts';
import { allows, requirement } from '../requirements/requirement.ts';
import { withAll } from '../requirements/requirement-set.ts';
import type { Market } from './replacement.ts';

/** Nano-dollars a dollar. */
const NANO = 1e9;

/** Rows of the catalogue as consolidation looks at them. */
export class LiveMarket implements Market<number, CompiledSet> {
  readonly #catalogue: Catalogue;
  readonly #availability: Availability;
  readonly #sets: CompiledSets;
  readonly #spot = new Map<CompiledSet, CompiledSet>();

  constructor(catalogue: Catalogue, availability: Availability, sets: CompiledSets) {
    this.#catalogue = catalogue;
    this.#availability = availability;
    this.#sets = sets;
  }

  allows({ set }: CompiledSet, capacityType: string): boolean {
    const wanted = set.get(LABEL.capacityType);
    return wanted === undefined || allows(wanted, capacityType);
  }

  onlySpot(requirements: CompiledSet): CompiledSet {
    let spot = this.#spot.get(requirements);
    if (spot === undefined) {
      spot = this.#sets.of(withAll(requirements.set, [requirement(LABEL.capacityType, 'In', ['spot'])]));
      this.#spot.set(requirements, spot);
    }
    return spot;
  }

  byPrice(types: readonly number[], { markets }: CompiledSet): readonly number[] {
    return byPrice(types, this.#availability.prices(markets).cheapest);
  }

  cheapest(type: number, { markets }: CompiledSet): number {
    return this.#availability.prices(markets).cheapest[type] / NANO;
  }

  worst(type: number, { markets }: CompiledSet): number {
    return this.#availability.prices(markets).worst[type] / NANO;
  }

  typesNeeded(types: readonly number[], { minValueKeys, set }: CompiledSet): number | undefined {
    if (minValueKeys.length === 0 || types.length === 0) return 0;
    const distinct = minValueKeys.map(() => new Set<string>());
    for (let count = 1; count <= types.length; count++) {
      const own = this.#catalogue.types[types[count - 1]].requirements;
      minValueKeys.forEach((key, i) => {
        for (const value of own.get(key)?.values ?? []) distinct[i].add(value);
      });
      if (minValueKeys.every((key, i) => distinct[i].size >= (set.get(key)?.minValues ?? 0))) return count;
    }
    return undefined;
  }
}
