import { compareText } from '@plimsoll/core';
import type { NodePool } from '../options/node-pool.ts';
import type { Planner } from '../planner.ts';
import type { Candidate } from './candidates.ts';
import { type Consolidation, consolidate } from './consolidation.ts';

/** Candidates one from each NodePool in turn, pools in order of name, each pool's in their order. */
export function interleave(sorted: readonly Candidate[], pools: readonly NodePool[]): Candidate[] {
  const rows = pools.map((_, row) => row).sort((a, b) => compareText(pools[a].name, pools[b].name));
  const queues = rows.map((row) => sorted.filter((candidate) => candidate.pool === row));
  const out: Candidate[] = [];
  for (let round = 0; out.length < sorted.length; round++) {
    for (const queue of queues) if (round < queue.length) out.push(queue[round]);
  }
  return out;
}

/**
 * The first candidate that can go or be replaced. `held` tells whether a budget kept one from being tried.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/singlenodeconsolidation.go`.
 */
export function singleNode(
  planner: Planner,
  tried: readonly Candidate[],
  left: readonly number[],
): { found: Consolidation | undefined; held: boolean } {
  let held = false;
  for (const candidate of tried) {
    if (left[candidate.pool] === 0) {
      held = true;
      continue;
    }
    if (planner.verdicts.isHopeless(candidate)) continue;
    const found = consolidate(planner, [candidate]);
    if (found !== undefined) return { found, held };
    planner.verdicts.failed(candidate);
  }
  return { found: undefined, held };
}
