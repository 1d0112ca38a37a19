import type { Planner } from '../planner.ts';
import { approvesMove, type BalancedPools, mayBeApproved } from './balanced.ts';
import type { Candidate } from './candidates.ts';
import { type Consolidation, consolidate, savingsOf } from './consolidation.ts';

/**
 * The first candidate that can go or be replaced. `held` tells whether a budget kept one from being tried.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/singlenodeconsolidation.go`.
 */
export function singleNode(
  planner: Planner,
  tried: readonly Candidate[],
  left: readonly number[],
  balanced: BalancedPools,
): { found: Consolidation | undefined; held: boolean } {
  const { verdicts } = planner;
  let held = false;
  for (const candidate of tried) {
    if (left[candidate.pool] === 0) {
      held = true;
      continue;
    }
    if (!mayBeApproved(candidate, balanced) || verdicts.isHopeless(candidate)) continue;
    const found = consolidate(planner, [candidate]);
    if (found === undefined) verdicts.failed(candidate);
    else if (approvesMove([candidate], savingsOf(planner, found), balanced)) return { found, held };
  }
  return { found: undefined, held };
}
