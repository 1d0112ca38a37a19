import type { LaunchRequest, OfferingsView } from '@plimsoll/core';
import type { Supply } from './supply.ts';

/** How a pool is chosen among several. */
export type PoolStrategy = LaunchRequest['strategy'];

/**
 * The pools in the order in which a strategy would try them. Pools are rows of offerings, in the caller's order of preference.
 *
 * - `lowest-price`: cheapest first. `prioritized`: as given. `diversified`: those of which `taken` has the fewest first, equal ones as
 *   given. All three try pools without capacity, and are refused.
 * - `price-capacity-optimized`: of the pools that have capacity, those at least as deep as the middle one (the lower of two), cheapest
 *   first; then the shallower ones, cheapest first. `capacity-optimized`: deepest first, equally deep ones by row;
 *   `capacity-optimized-prioritized`: equally deep ones as given. All three see where there is none and try such pools last.
 *
 * Of equal prices, the pool with the lower `tie` comes first, then the lower row.
 */
export function rankPools(
  strategy: PoolStrategy,
  pools: readonly number[],
  { offerings }: OfferingsView,
  supply: Pick<Supply, 'refusal' | 'depth'>,
  tie: (pool: number) => number = (pool) => pool,
  taken: (pool: number) => number = () => 0,
): number[] {
  if (strategy === 'prioritized') return [...pools];
  // Sorting is stable: what is equal keeps the caller's order.
  if (strategy === 'diversified') return [...pools].sort((a, b) => taken(a) - taken(b));
  const candidates = pools.map((pool) => {
    const depth = supply.refusal(pool) !== undefined ? -1 : supply.depth(pool);
    return { pool, price: offerings[pool].price, tie: tie(pool), depth, class: 0 };
  });
  if (strategy === 'capacity-optimized') {
    return candidates.sort((a, b) => b.depth - a.depth || a.pool - b.pool).map(({ pool }) => pool);
  }
  if (strategy === 'capacity-optimized-prioritized') {
    return candidates.sort((a, b) => b.depth - a.depth).map(({ pool }) => pool);
  }
  if (strategy === 'price-capacity-optimized') {
    const depths = candidates.map(({ depth }) => depth).filter((depth) => depth >= 0);
    const middle = depths.sort((a, b) => a - b)[Math.floor((depths.length - 1) / 2)];
    for (const candidate of candidates) candidate.class = candidate.depth < 0 ? 2 : candidate.depth < middle ? 1 : 0;
  }
  return candidates
    .sort((a, b) => a.class - b.class || a.price - b.price || a.tie - b.tie || a.pool - b.pool)
    .map(({ pool }) => pool);
}

/** Whether a strategy tries pools without capacity before those that have some. */
export function triesBlindly(strategy: PoolStrategy): boolean {
  return strategy === 'lowest-price' || strategy === 'prioritized' || strategy === 'diversified';
}
