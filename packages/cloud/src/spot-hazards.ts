import { HOUR, ln, type OfferingsView, OptionsError } from '@plimsoll/core';
import type { PoolMatch } from './capacity-pools.ts';
import { ec2Facts } from './catalogue/ec2-facts.ts';

/**
 * Spot machines of matching pools are taken one by one, without memory: after `every` milliseconds on average, or as often as the Spot
 * Instance Advisor says of the type. Of several rules for a pool, the first counts.
 *
 * This misses that machines of a pool go together: see `reclaim` of a shortage for that.
 */
export type SpotHazard = PoolMatch &
  ({ readonly every: number } | { readonly advisor: true }) & {
    /** Share of the notices before which a rebalance recommendation comes, from 0 to 1. Default 0. */
    readonly rebalance?: number;
    /** From the recommendation to the notice, milliseconds. Default 2 min. */
    readonly lead?: number;
  };

/** Middle of each band of the Spot Instance Advisor: share of machines reclaimed in a month. The last is open above 20 %. */
const BANDS = [0.025, 0.075, 0.125, 0.175, 0.25];
/** A type that the advisor does not know counts as the middle band. */
const UNKNOWN_BAND = 2;
const MONTH = 730 * HOUR;

/** Mean time in milliseconds until the advisor's share of machines of a type is taken, if each hour is like the other. */
export function advisorMean(instanceType: string): number {
  const band = ec2Facts().get(instanceType)?.interruptionBand ?? UNKNOWN_BAND;
  return MONTH / -ln(1 - BANDS[band]);
}

/**
 * The rule of each pool that has one.
 *
 * @throws OptionsError for a rule that no spot pool matches.
 */
export function hazardsByPool(
  hazards: readonly SpotHazard[],
  { types, offerings }: OfferingsView,
): ReadonlyMap<number, SpotHazard & { readonly mean: number }> {
  const out = new Map<number, SpotHazard & { readonly mean: number }>();
  hazards.forEach((hazard, i) => {
    if ('every' in hazard && !(hazard.every > 0)) {
      throw new OptionsError(['spotHazards', i, 'every'], `expected more than 0 ms, got ${hazard.every}`);
    }
    let found = 0;
    for (const { id, type, zone, capacityType } of offerings) {
      const { name } = types[type];
      if (capacityType !== 'spot' || (hazard.instanceType ?? name) !== name || (hazard.zone ?? zone) !== zone) continue;
      found++;
      if (!out.has(id)) out.set(id, { ...hazard, mean: 'every' in hazard ? hazard.every : advisorMean(name) });
    }
    if (found === 0) throw new OptionsError(['spotHazards', i], 'the catalogue has no spot offering that this rule matches');
  });
  return out;
}
