import { type Purchase, purchaseOf } from '../launch/launcher.ts';
import type { Planner } from '../planner.ts';
import { ORIGIN } from '../provisioning/solver.ts';
import type { Candidate } from './candidates.ts';
import { listed } from './consolidation.ts';

/** A node that has drifted, and what is bought for its pods. */
export interface DriftedNode {
  readonly candidate: Candidate;
  readonly replacements: readonly Purchase[];
  /** Existing nodes, by index, that the plan puts pods on. */
  readonly destinations: readonly number[];
}

/**
 * The first of some drifted nodes whose pods all find a place elsewhere: on other nodes, whose consolidateAfter does not matter, or on any number
 * of new ones at any price. Nodes are tried by the time of their drift, those without pods first.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/drift.go`.
 */
export function drift(
  planner: Planner,
  candidates: readonly Candidate[],
  since: (node: number) => number,
  left: readonly number[],
): DriftedNode | undefined {
  const sorted = [...candidates].sort((a, b) => since(a.node) - since(b.node) || a.index - b.index);
  const isBare = ({ reschedulable }: Candidate): boolean => reschedulable === 0;
  for (const candidate of [...sorted.filter(isBare), ...sorted.filter((other) => !isBare(other))]) {
    if (left[candidate.pool] === 0) continue;
    const found = without(planner, candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

function without(planner: Planner, candidate: Candidate): DriftedNode | undefined {
  planner.without([candidate.index], candidate.pods, Infinity, ORIGIN.deleting);
  const { existing, solver, waiting } = planner;
  const own = new Set(candidate.pods);
  const pending = new Set(waiting.pods.filter((_, i) => waiting.origins[i] === ORIGIN.pending));
  for (let i = 0; i < solver.planned; i++) {
    const pod = solver.plannedPods[i];
    const placement = solver.placements[i];
    if (placement === -1 && !pending.has(pod)) return undefined;
    if (placement >= 0 && own.has(pod) && existing.initialized[placement] === 0) return undefined;
  }
  const replacements: Purchase[] = [];
  for (const claim of solver.claims) {
    const types = listed(planner, claim);
    if (types === undefined && claim.pods.every((pod) => pending.has(pod))) continue;
    if (types === undefined) return undefined;
    replacements.push(purchaseOf(claim, types));
  }
  return { candidate, replacements, destinations: planner.destinations() };
}
