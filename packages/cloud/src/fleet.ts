import type { LaunchRequest, OfferingsView } from '@plimsoll/core';
import type { CapacityPools } from './capacity-pools.ts';
import { rankPools, triesBlindly } from './pool-choice.ts';

/** What became of a fleet request. */
export interface FleetAnswer {
  /** The pool that gives the machine; undefined where none does. */
  readonly pool: number | undefined;
  /** Pools that were tried and had no capacity, in the order tried. */
  readonly refused: readonly number[];
}

/**
 * Answers a request for one machine, as an EC2 Fleet of type `instant` does: one attempt over all its offerings, nothing maintained
 * afterwards. A pool without capacity is skipped and reported, and the next is tried in the same call. Strategies that look at
 * capacity report pools only where nothing was to be had.
 */
export function answerFleet(
  { offerings: pools, strategy }: LaunchRequest,
  offerings: OfferingsView,
  capacity: CapacityPools,
  tie?: (pool: number) => number,
): FleetAnswer {
  const refused: number[] = [];
  for (const pool of rankPools(strategy, pools, offerings, capacity, tie)) {
    if (capacity.room(pool) >= 1) return { pool, refused: triesBlindly(strategy) ? refused : [] };
    refused.push(pool);
  }
  return { pool: undefined, refused };
}
