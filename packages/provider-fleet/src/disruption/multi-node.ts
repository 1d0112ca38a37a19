import type { Planner } from '../planner.ts';
import { lackingKey } from '../provisioning/templates.ts';
import type { Candidate } from './candidates.ts';
import { type Consolidation, consolidate } from './consolidation.ts';

/** At most this many nodes beyond the first are consolidated together. Source: Karpenter 1.14.1, `multinodeconsolidation.go`. */
const MORE_MAX = 100;

/**
 * The largest number of best candidates, found by halving, that can go together: their pods fit elsewhere, or with one machine that
 * is cheaper than all of them and no dearer version of what is there. `held` tells whether a budget kept one out.
 *
 * Halving supposes that fewer nodes are no harder than more, which need not be: the real program supposes it too.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/multinodeconsolidation.go`.
 */
export function multiNode(
  planner: Planner,
  sorted: readonly Candidate[],
  left: number[],
): { found: Consolidation | undefined; held: boolean } {
  let held = false;
  const taken: Candidate[] = [];
  for (const candidate of sorted) {
    if (left[candidate.pool] === 0) held = true;
    else {
      left[candidate.pool]--;
      taken.push(candidate);
    }
  }
  let found: Consolidation | undefined;
  let low = 1;
  let high = Math.min(taken.length - 1, MORE_MAX);
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const together = taken.slice(0, middle + 1);
    const hopeless = planner.verdicts.areHopeless(together);
    const tried = hopeless ? undefined : worthwhile(planner, consolidate(planner, together));
    if (tried === undefined) {
      if (!hopeless) planner.verdicts.failedTogether(together);
      high = middle - 1;
    } else {
      found = tried;
      low = middle + 1;
    }
  }
  return { found, held };
}

/**
 * Leaves out what makes no sense: to replace machines by one of a type that is among them, unless it is cheaper than the cheapest
 * of that type. Going on without the others would then do.
 */
function worthwhile(planner: Planner, tried: Consolidation | undefined): Consolidation | undefined {
  if (tried?.replacement === undefined) return tried;
  const { replacement } = tried;
  let cap = Infinity;
  for (const { type, price } of tried.candidates) if (replacement.types.includes(type)) cap = Math.min(cap, price);
  if (cap === Infinity) return tried;
  const { worst } = planner.availability.prices(replacement.requirements.markets);
  const types = replacement.types.filter((type) => worst[type] < cap);
  if (types.length === 0 || lackingKey(planner.catalogue, replacement.requirements, types) !== undefined) return undefined;
  return { ...tried, replacement: { ...replacement, types } };
}
