import type { Planner } from '../planner.ts';
import { approvesMove, type BalancedPools } from './balanced.ts';
import type { Candidate } from './candidates.ts';
import { type Consolidation, consolidate, savingsOf } from './consolidation.ts';
import { withoutSameTypes } from './replacement.ts';
import { largestTogether } from './search.ts';

/**
 * The largest number of candidates, best first, that can go together: their pods fit elsewhere, or with one machine that is cheaper
 * than all of them and no dearer version of what is there.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/multinodeconsolidation.go`.
 */
export function multiNode(planner: Planner, taken: readonly Candidate[], balanced: BalancedPools): Consolidation | undefined {
  const { verdicts } = planner;
  return largestTogether(taken, (together) => {
    if (verdicts.areHopeless(together)) return undefined;
    const tried = worthwhile(planner, consolidate(planner, together));
    if (tried === undefined) verdicts.failedTogether(together);
    else if (approvesMove(together, savingsOf(planner, tried), balanced)) return tried;
    return undefined;
  });
}

/** Leaves out what makes no sense: to replace machines by one of a type that is among them. */
function worthwhile({ market }: Planner, tried: Consolidation | undefined): Consolidation | undefined {
  if (tried?.replacement === undefined) return tried;
  const current = new Map<number, number>();
  for (const { type, price } of tried.candidates) current.set(type, Math.min(current.get(type) ?? Infinity, price));
  const choice = withoutSameTypes(market, tried.replacement, (type) => current.get(type));
  return choice === undefined ? undefined : { ...tried, replacement: { ...tried.replacement, ...choice } };
}
