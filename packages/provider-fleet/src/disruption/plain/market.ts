import { goSortBy, LABEL } from '@plimsoll/core';
import { allows, requirement } from '../../requirements/requirement.ts';
import { incompatibility, type RequirementSet, withAll } from '../../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../../requirements/well-known.ts';
import type { InstanceType, Offering } from '../../scheduling/instance-type.ts';
import type { Market } from '../replacement.ts';

/** Capacity types in the order in which a launch takes them. */
const PRECEDENCE = ['reserved', 'spot', 'on-demand'] as const;

/**
 * Instance types and their offerings as consolidation looks at them.
 *
 * Source: Karpenter 1.14.1, `pkg/cloudprovider/types.go` (OrderByPrice, WorstLaunchPrice, SatisfiesMinValues).
 */
export const MARKET: Market<InstanceType, RequirementSet> = {
  allows(requirements, capacityType) {
    const wanted = requirements.get(LABEL.capacityType);
    return wanted === undefined || allows(wanted, capacityType);
  },

  onlySpot(requirements) {
    return withAll(requirements, [requirement(LABEL.capacityType, 'In', ['spot'])]);
  },

  byPrice(types, requirements) {
    const prices = new Map(types.map((type) => [type, this.cheapest(type, requirements)]));
    const price = (type: InstanceType): number => prices.get(type) ?? Infinity;
    return goSortBy([...types], (a, b) => price(a) < price(b));
  },

  cheapest(type, requirements) {
    return offered(type, requirements).reduce((least, { price }) => Math.min(least, price), Infinity);
  },

  worst(type, requirements) {
    const offerings = offered(type, requirements);
    for (const capacityType of PRECEDENCE) {
      const prices = offerings.flatMap((offering) => (offering.capacityType === capacityType ? offering.price : []));
      if (prices.length > 0) return Math.max(...prices);
    }
    return Infinity;
  },

  typesNeeded(types, requirements) {
    const asked = [...requirements.values()].filter(({ minValues }) => minValues !== undefined);
    if (asked.length === 0 || types.length === 0) return 0;
    const distinct = asked.map(() => new Set<string>());
    for (let count = 1; count <= types.length; count++) {
      asked.forEach(({ key }, i) => {
        for (const value of types[count - 1].requirements.get(key)?.values ?? []) distinct[i].add(value);
      });
      if (asked.every(({ minValues }, i) => distinct[i].size >= (minValues ?? 0))) return count;
    }
    return undefined;
  },
};

/** Offerings of a type that are to be had and that requirements allow. */
function offered({ offerings }: InstanceType, requirements: RequirementSet): readonly Offering[] {
  return offerings.filter((o) => o.available && incompatibility(requirements, o.requirements, WELL_KNOWN) === undefined);
}
