import type { LaunchRequest, OfferingsView } from '@plimsoll/core';
import { rankPools, triesBlindly } from './pool-choice.ts';
import type { Refusal, Supply } from './supply.ts';

/** What became of a fleet request. */
export interface FleetAnswer {
  /** The pool that gives the machine; undefined where none does. */
  readonly pool: number | undefined;
  /** Pools that were tried in vain, in the order tried, each with its error. */
  readonly refused: readonly Refusal[];
}

/** What changes an answer beside the request: how equal prices are told apart, and how many machines the call took of each pool. */
export interface FleetContext {
  readonly tie?: ((pool: number) => number) | undefined;
  readonly taken?: (pool: number) => number;
}

/**
 * Answers a request for one machine, as an EC2 Fleet of type `instant` does: one attempt over all its offerings, nothing maintained
 * afterwards. A pool without capacity is skipped and reported, and the next is tried in the same call. Strategies that look at
 * capacity report pools only where nothing was to be had.
 */
export function answerFleet(
  { offerings: pools, strategy }: Pick<LaunchRequest, 'offerings' | 'strategy'>,
  offerings: OfferingsView,
  supply: Pick<Supply, 'refusal' | 'depth'>,
  { tie, taken }: FleetContext = {},
): FleetAnswer {
  const refused: Refusal[] = [];
  for (const pool of rankPools(strategy, pools, offerings, supply, tie, taken)) {
    const error = supply.refusal(pool);
    if (error === undefined) return { pool, refused: triesBlindly(strategy) ? refused : [] };
    refused.push({ pool, error });
  }
  return { pool: undefined, refused };
}
