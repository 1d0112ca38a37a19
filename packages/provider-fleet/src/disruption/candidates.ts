import { NODE, NONE, POD, type WorkloadView } from '@plimsoll/core';
import type { Planner } from '../planner.ts';
import type { PodKind } from '../pods/pod-kinds.ts';
import type { KindSet, Tries } from './verdicts.ts';

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
  /** Kinds of those pods, each once. */
  readonly kinds: KindSet;
  /** 1 and what the eviction of those pods costs. */
  readonly rescheduleCost: number;
  /** Price by that cost: the higher, the sooner it is tried. */
  readonly savingsRatio: number;
  readonly tries: Tries;
}

/** Candidates, and when there may be others though nothing happens. */
export interface CandidateList {
  readonly list: readonly Candidate[];
  readonly changesAt: number;
}

/** A node's candidate as it was last, to be used again as long as the pods of the node are the same. */
interface Remembered {
  readonly podsVersion: number;
  /** Undefined where a pod blocks for as long as it is there. */
  readonly candidate: { -readonly [K in keyof Candidate]: Candidate[K] } | undefined;
  /** Pods that may not go when their eviction is blocked at the time. */
  readonly asked: readonly number[];
}

/** Candidates by row of the node, and the last list of them in order. */
export class CandidateMemory {
  #sorted: readonly Candidate[] = [];
  readonly #at: (Candidate | undefined)[] = [];
  readonly #byNode: (Remembered | undefined)[] = [];
  readonly #enabled: boolean;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** What is known of a node whose pods are of a version. */
  of(node: number, podsVersion: number): Remembered | undefined {
    const known = this.#byNode[node];
    return known?.podsVersion === podsVersion ? known : undefined;
  }

  /** Candidates by savings ratio, then by index. */
  inOrder(candidates: readonly Candidate[], count: number): readonly Candidate[] {
    const at = this.#at;
    while (at.length < count) at.push(undefined);
    for (const candidate of candidates) at[candidate.index] = candidate;
    const list: Candidate[] = [];
    const take = (candidate: Candidate): void => {
      if (at[candidate.index] !== candidate) return;
      at[candidate.index] = undefined;
      list.push(candidate);
    };
    for (const candidate of this.#sorted) take(candidate);
    for (const candidate of candidates) take(candidate);
    const compare = (a: Candidate, b: Candidate): number => b.savingsRatio - a.savingsRatio || a.index - b.index;
    for (let i = 1; i < list.length; i++) {
      if (compare(list[i - 1], list[i]) < 0) continue;
      list.sort(compare);
      break;
    }
    this.#sorted = list;
    return list;
  }

  set(node: number, remembered: Remembered): void {
    if (this.#enabled) this.#byNode[node] = remembered;
  }
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
  const { existing, fleet, options, view } = planner;
  const { class: nodeClass, group, state } = view.nodes;
  const out: Candidate[] = [];
  let changesAt = Infinity;
  for (let index = 0; index < existing.count; index++) {
    const node = existing.rows[index];
    const pool = group[node];
    if (pool < 0 || state[node] !== NODE.ready || fleet.isMarked(node)) continue;
    const { consolidateAfterMs } = options.nodePools[pool];
    if (consolidateAfterMs === Infinity) continue;
    if (fleet.nominatedUntil(node) > now || !planner.isQuiet(node, now)) {
      // A window that ends lets pods in even where the node is nominated for longer.
      const quiet = planner.isQuiet(node, now);
      changesAt = Math.min(changesAt, quiet ? fleet.nominatedUntil(node) : fleet.quietSince(node) + consolidateAfterMs);
      continue;
    }
    if (view.classes.nodes[nodeClass[node]].shape.annotations?.[DO_NOT_DISRUPT] === 'true') continue;
    const found = candidateOf(planner, workload, node, index);
    if (found === 'held') continue;
    if (found === 'blocked') {
      // It may end without anything telling.
      changesAt = now;
      continue;
    }
    out.push(found);
  }
  // Initialized nodes stand by name. Most stand as they did the last time, and what is nearly in order is sorted fast.
  return { list: planner.candidates.inOrder(out, existing.count), changesAt };
}

/** Whether it has nothing that would have to go elsewhere, or nothing that is not glad to go. */
export function isEmpty({ rescheduleCost }: Candidate): boolean {
  return rescheduleCost <= 1;
}

/**
 * The candidate that a node is; 'held' where one of its pods blocks as long as nothing is told, 'blocked' where one blocks that may
 * cease to without anything telling.
 */
function candidateOf(planner: Planner, workload: WorkloadView, node: number, index: number): Candidate | 'held' | 'blocked' {
  const memory = planner.candidates;
  const podsVersion = planner.fleet.podsVersion(node);
  const known = memory.of(node, podsVersion);
  if (known !== undefined) {
    const { candidate, asked } = known;
    if (candidate === undefined) return 'held';
    for (const pod of asked) if (workload.evictionBlocked(pod)) return 'blocked';
    candidate.index = index;
    return candidate;
  }
  const { catalogue, intake, pods: kinds, view } = planner;
  const { class: podClass, next, state } = view.pods;
  const pods: number[] = [];
  const asked: number[] = [];
  const seen = new Set<PodKind>();
  let rescheduleCost = 1;
  let lasting = true;
  for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
    const kind = kinds.of(podClass[pod]);
    if (kind.protectedMs > 0) {
      if (intake.isProtected(pod, kind)) {
        if (kind.protectedMs !== Infinity) return 'blocked';
        memory.set(node, { podsVersion, candidate: undefined, asked });
        return 'held';
      }
      if (kind.protectedMs !== Infinity) lasting = false;
    }
    if (state[pod] !== POD.terminating && !kind.toleratesDisruption) {
      if (workload.evictionBlocked(pod)) return 'blocked';
      asked.push(pod);
    }
    if (!intake.isReschedulable(pod)) continue;
    pods.push(pod);
    seen.add(kind);
    rescheduleCost += Math.max(0, kind.evictionCost);
  }
  const { price, type, capacityType } = catalogue.offerings[view.nodes.offering[node]];
  const candidate = {
    node,
    index,
    pool: view.nodes.group[node],
    type,
    spot: capacityType === 'spot',
    price,
    pods: pods.length > 1 ? intake.sort(pods) : pods,
    kinds: planner.verdicts.kindSet(seen),
    rescheduleCost,
    savingsRatio: price / rescheduleCost,
    tries: { stuckAt: -1, idleAt: -1, waitingAt: -1 },
  };
  if (lasting) memory.set(node, { podsVersion, candidate, asked });
  return candidate;
}
