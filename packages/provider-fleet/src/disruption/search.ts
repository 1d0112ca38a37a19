import { compareText } from '@plimsoll/core';

/** At most this many nodes beyond the first are consolidated together. Source: Karpenter 1.14.1, `multinodeconsolidation.go`. */
const MORE_MAX = 100;

interface InPool {
  /** Row of its NodePool. */
  readonly pool: number;
}

/**
 * The candidates that budgets let through, in their order. `left` holds by pool how many more there may be, and is used up. `held` tells
 * whether a budget kept one out.
 */
export function withinBudgets<C extends InPool>(sorted: readonly C[], left: number[]): { taken: C[]; held: boolean } {
  const taken: C[] = [];
  let held = false;
  for (const candidate of sorted) {
    if (left[candidate.pool] === 0) held = true;
    else {
      left[candidate.pool]--;
      taken.push(candidate);
    }
  }
  return { taken, held };
}

/**
 * What comes of the largest number of first candidates, at least two, that `attempt` makes something of, found by halving.
 *
 * Halving supposes that fewer nodes are no harder than more, which need not be: the real program supposes it too.
 *
 * Source: Karpenter 1.14.1, `multinodeconsolidation.go` (firstNConsolidationOption).
 */
export function largestTogether<C, A>(
  candidates: readonly C[],
  attempt: (together: readonly C[]) => A | undefined,
): A | undefined {
  let found: A | undefined;
  let low = 1;
  let high = Math.min(candidates.length - 1, MORE_MAX);
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const made = attempt(candidates.slice(0, middle + 1));
    if (made === undefined) high = middle - 1;
    else {
      found = made;
      low = middle + 1;
    }
  }
  return found;
}

/**
 * Candidates one from each NodePool in turn, pools in order of name, each pool's in their order.
 *
 * Source: Karpenter 1.14.1, `singlenodeconsolidation.go` (shuffleCandidates).
 */
export function interleave<C extends InPool>(sorted: readonly C[], pools: readonly { readonly name: string }[]): C[] {
  const rows = pools.map((_, row) => row).sort((a, b) => compareText(pools[a].name, pools[b].name));
  const queues = rows.map((row) => sorted.filter((candidate) => candidate.pool === row));
  const out: C[] = [];
  for (let round = 0; out.length < sorted.length; round++) {
    for (const queue of queues) if (round < queue.length) out.push(queue[round]);
  }
  return out;
}
