import type { LaunchRequest, OfferingsView } from '@plimsoll/core';
import type { CapacityPools } from './capacity-pools.ts';
import { ec2Facts } from './catalogue/ec2-facts.ts';

/** How a pool is chosen among several. */
export type PoolStrategy = LaunchRequest['strategy'];

/** Depth of a pool about which nothing is known: the middle. */
const UNKNOWN_DEPTH = 2;

/**
 * The pools in the order in which a strategy would try them. Pools are rows of offerings, in the caller's order of preference.
 *
 * - `lowest-price`: cheapest first. `prioritized`: as given. Both try pools without capacity, and are refused.
 * - `price-capacity-optimized`: of the pools that have capacity, those at least as deep as the middle one, cheapest first; then the
 *   shallower ones, cheapest first. `capacity-optimized-prioritized`: deepest first, equally deep ones as given. Both see where
 *   there is none and try such pools last.
 *
 * Ties go to the lower row; `tie` may order them otherwise. EC2 publishes no depth: ours comes from how often EC2 reclaims machines of
 * the type (Spot Instance Advisor), so it knows types but not zones.
 */
export function rankPools(
  strategy: PoolStrategy,
  pools: readonly number[],
  offerings: OfferingsView,
  capacity: CapacityPools,
  tie: (pool: number) => number = (pool) => pool,
): number[] {
  const price = (pool: number): number => offerings.offerings[pool].price;
  const byPrice = (a: number, b: number): number => price(a) - price(b) || tie(a) - tie(b) || a - b;
  switch (strategy) {
    case 'prioritized':
      return [...pools];
    case 'lowest-price':
      return [...pools].sort(byPrice);
    case 'price-capacity-optimized': {
      const open = pools.filter((pool) => capacity.room(pool) >= 1);
      const depths = open.map((pool) => poolDepth(offerings, pool)).sort((a, b) => a - b);
      const middle = depths[Math.floor((depths.length - 1) / 2)];
      const shallow = (pool: number): number => (capacity.room(pool) < 1 ? 2 : poolDepth(offerings, pool) < middle ? 1 : 0);
      return [...pools].sort((a, b) => shallow(a) - shallow(b) || byPrice(a, b));
    }
    case 'capacity-optimized-prioritized': {
      const depth = (pool: number): number => (capacity.room(pool) < 1 ? -1 : poolDepth(offerings, pool));
      // Sorting is stable: equally deep pools keep the caller's order.
      return [...pools].sort((a, b) => depth(b) - depth(a));
    }
  }
}

/** Whether a strategy tries pools without capacity before those that have some. */
export function triesBlindly(strategy: PoolStrategy): boolean {
  return strategy === 'lowest-price' || strategy === 'prioritized';
}

/** How deep a pool is thought to be: 4 where EC2 reclaims less than 5 % of such machines a month, 0 where more than 20 %. */
export function poolDepth({ types, offerings }: OfferingsView, pool: number): number {
  const band = ec2Facts().get(types[offerings[pool].type].name)?.interruptionBand;
  return band === undefined ? UNKNOWN_DEPTH : 4 - band;
}
