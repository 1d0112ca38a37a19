import { NODE, NONE, POD, type WorkloadView } from '@plimsoll/core';
import type { Planner } from '../planner.ts';

/** A node that may be disrupted. */
export interface Candidate {
  readonly node: number;
  /** Its index among the existing nodes of the moment. */
  readonly index: number;
  /** Row of its NodePool. */
  readonly pool: number;
  /** Row of its instance type. */
  readonly type: number;
  readonly spot: boolean;
  /** Nano-dollars per hour. */
  readonly price: number;
  /** Pods that would have to go elsewhere, in queue order. */
  readonly pods: readonly number[];
  /** 1 and what the eviction of those pods costs. */
  readonly rescheduleCost: number;
  /** Price by that cost: the higher, the sooner it is tried. */
  readonly savingsRatio: number;
}

/** Candidates, and when there may be others though nothing happens. */
export interface CandidateList {
  readonly list: readonly Candidate[];
  readonly changesAt: number;
}

const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';

/**
 * The nodes that may be disrupted for consolidation at the moment that the planner has captured, best ratio of savings to
 * disruption first, equal ones by name. Left out are nodes that are not initialized, going, nominated for pods, inside their
 * consolidateAfter window, or that hold a pod that must not be disrupted or whose disruption budget is used up.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/types.go`, `consolidation.go`; costs in `pkg/utils/disruption/disruption.go`.
 */
export function candidates(planner: Planner, workload: WorkloadView, now: number): CandidateList {
  const { catalogue, existing, fleet, options, view } = planner;
  const { class: nodeClass, group, offering, state } = view.nodes;
  const out: Candidate[] = [];
  let changesAt = Infinity;
  for (let index = 0; index < existing.count; index++) {
    const node = existing.rows[index];
    const pool = group[node];
    if (pool < 0 || state[node] !== NODE.ready || fleet.isMarked(node)) continue;
    const { consolidateAfterMs } = options.nodePools[pool];
    if (consolidateAfterMs === Infinity) continue;
    if (fleet.nominatedUntil(node) > now || !planner.isQuiet(node, now)) {
      const quietAt = planner.isQuiet(node, now) ? now : fleet.quietSince(node) + consolidateAfterMs;
      changesAt = Math.min(changesAt, Math.max(quietAt, fleet.nominatedUntil(node)));
      continue;
    }
    if (view.classes.nodes[nodeClass[node]].shape.annotations?.[DO_NOT_DISRUPT] === 'true') continue;
    const found = podsOf(planner, workload, node);
    if (found === undefined) {
      // What blocks may be a protection that runs out: nothing will tell when.
      changesAt = now;
      continue;
    }
    const { price, type, capacityType } = catalogue.offerings[offering[node]];
    const { pods, rescheduleCost } = found;
    out.push({
      node,
      index,
      pool,
      type,
      spot: capacityType === 'spot',
      price,
      pods,
      rescheduleCost,
      savingsRatio: price / rescheduleCost,
    });
  }
  // Sorting is stable, and initialized nodes stand by name.
  out.sort((a, b) => b.savingsRatio - a.savingsRatio);
  return { list: out, changesAt };
}

/** Whether it has nothing that would have to go elsewhere, or nothing that is not glad to go. */
export function isEmpty({ rescheduleCost }: Candidate): boolean {
  return rescheduleCost <= 1;
}

/** Pods of a node that would have to go elsewhere and what that costs; undefined where one of its pods blocks. */
function podsOf(
  planner: Planner,
  workload: WorkloadView,
  node: number,
): { pods: readonly number[]; rescheduleCost: number } | undefined {
  const { intake, pods: kinds, view } = planner;
  const { class: podClass, next, state } = view.pods;
  const pods: number[] = [];
  let rescheduleCost = 1;
  for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
    const kind = kinds.of(podClass[pod]);
    if (kind.protectedMs > 0 && intake.isProtected(pod, kind)) return undefined;
    const terminating = state[pod] === POD.terminating;
    if (!terminating && !kind.toleratesDisruption && workload.evictionBlocked(pod)) return undefined;
    if (!intake.isReschedulable(pod)) continue;
    pods.push(pod);
    rescheduleCost += Math.max(0, kind.evictionCost);
  }
  return { pods: pods.length > 1 ? intake.sort(pods) : pods, rescheduleCost };
}
