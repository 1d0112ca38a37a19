import { NONE, POD } from '@plimsoll/core';
import type { VersionRules } from '../options/version-rules.ts';
import type { Planner } from '../planner.ts';
import type { PodKind } from '../pods/pod-kinds.ts';
import type { PoolTotals } from './balanced.ts';
import { lifetimeRemaining, NODE_COST } from './eviction-cost.ts';
import type { KindSet, Tries } from './verdicts.ts';

/** A node that may be disrupted. */
export interface Candidate {
  readonly node: number;
  /** Its index among the existing nodes of the moment. */
  readonly index: number;
  /** Row of its NodePool. */
  readonly pool: number;
  /** Row of its instance type; -1 where the catalogue has none of that name. */
  readonly type: number;
  readonly spot: boolean;
  /** Whether it says of what type, where and how it was bought. */
  readonly priceable: boolean;
  /** Dollars per hour; 0 where it is not known. */
  readonly price: number;
  /** Pods that would be planned for elsewhere, in queue order. */
  readonly pods: readonly number[];
  /** Kinds of those pods, each once. */
  readonly kinds: KindSet;
  /** How many pods would come back elsewhere, also those that are not planned for because they cannot be evicted. */
  readonly reschedulable: number;
  /** 1 and what the eviction of those costs. */
  readonly rescheduleCost: number;
  /** What evicting all its pods costs, before its age counts. */
  readonly podsCost: number;
  /** Price by that cost: the higher, the sooner it is tried. */
  readonly savingsRatio: number;
  readonly tries: Tries;
}

/** Candidates, and when there may be others though nothing happens. */
export interface CandidateList {
  readonly list: readonly Candidate[];
  readonly changesAt: number;
  /** What the pools with policy Balanced have in all. */
  readonly balanced: ReadonlyMap<number, PoolTotals>;
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
  /** The candidates that were sorted last, and where they stood. */
  #given: readonly Candidate[] = [];
  #indices: readonly number[] = [];
  #budgets = 0;
  readonly #at: (Candidate | undefined)[] = [];
  readonly #byNode: (Remembered | undefined)[] = [];
  readonly #enabled: boolean;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Forgets everything where there are other disruption budgets of pods than before. */
  under(budgets: number): void {
    if (this.#budgets !== budgets) this.#byNode.length = 0;
    this.#budgets = budgets;
  }

  /** What is known of a node whose pods are of a version. */
  of(node: number, podsVersion: number): Remembered | undefined {
    const known = this.#byNode[node];
    return known?.podsVersion === podsVersion ? known : undefined;
  }

  /** Candidates by savings ratio, then by index. */
  inOrder(candidates: readonly Candidate[], count: number): readonly Candidate[] {
    if (this.#isGiven(candidates)) return this.#sorted;
    this.#given = candidates;
    this.#indices = candidates.map(({ index }) => index);
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

  #isGiven(candidates: readonly Candidate[]): boolean {
    if (candidates.length !== this.#given.length) return false;
    for (let i = 0; i < candidates.length; i++) {
      if (candidates[i] !== this.#given[i] || candidates[i].index !== this.#indices[i]) return false;
    }
    return true;
  }

  set(node: number, remembered: Remembered): void {
    if (this.#enabled) this.#byNode[node] = remembered;
  }
}

/**
 * The nodes that may be disrupted for consolidation at the moment that the planner has captured, best ratio of savings to
 * disruption first, equal ones by name. Left out are nodes that are not initialized, going, nominated for pods, inside their
 * consolidateAfter window, or that hold a pod that must not be disrupted or whose disruption budget is used up.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/types.go`, `consolidation.go`; costs in `pkg/utils/disruption/disruption.go`.
 */
export function candidates(planner: Planner, now: number): CandidateList {
  const { existing, fleet, options, view } = planner;
  const { group } = view.nodes;
  const out: Candidate[] = [];
  let changesAt = Infinity;
  planner.candidates.under(planner.budgets.version);
  for (let index = 0; index < existing.count; index++) {
    const node = existing.rows[index];
    const pool = group[node];
    if (pool < 0 || existing.initialized[index] === 0 || fleet.isMarked(node)) continue;
    const { consolidateAfterMs } = options.nodePools[pool];
    if (consolidateAfterMs === Infinity) continue;
    const quiet = consolidateAfterMs === 0 || planner.isQuiet(node, now);
    if (!quiet || fleet.nominatedUntil(node) > now) {
      // A window that ends lets pods in even where the node is nominated for longer.
      changesAt = Math.min(changesAt, quiet ? fleet.nominatedUntil(node) : fleet.quietSince(node) + consolidateAfterMs);
      continue;
    }
    if (existing.kindOf(index).doNotDisrupt) continue;
    const found = candidateOf(planner, node, index);
    if (found === 'held') continue;
    if (found === 'blocked') {
      // It may end without anything telling.
      changesAt = now;
      continue;
    }
    out.push(found);
  }
  // Initialized nodes stand by name. Most stand as they did the last time, and what is nearly in order is sorted fast.
  const list =
    planner.rules.sort === 'savings' ? planner.candidates.inOrder(out, existing.count) : byDisruption(planner, out, now);
  return { list, changesAt, balanced: balancedTotals(planner, list, now) };
}

/**
 * Nodes that have drifted and may be disrupted, by name. Pods that must not be disrupted do not count where the pool has a termination
 * grace period: they are not planned for elsewhere.
 */
export function driftedCandidates(planner: Planner, driftedSince: (node: number) => number, now: number): readonly Candidate[] {
  const { existing, fleet, options, view } = planner;
  const { group } = view.nodes;
  const out: Candidate[] = [];
  planner.candidates.under(planner.budgets.version);
  for (let index = 0; index < existing.count; index++) {
    const node = existing.rows[index];
    const pool = group[node];
    if (pool < 0 || existing.initialized[index] === 0 || fleet.isMarked(node) || !(driftedSince(node) <= now)) continue;
    if (fleet.nominatedUntil(node) > now || existing.kindOf(index).doNotDisrupt) continue;
    const found = candidateOf(planner, node, index);
    if (typeof found === 'object') out.push(found);
    else if (options.nodePools[pool].terminationGracePeriodMs !== undefined) out.push(read(planner, node, index).candidate);
  }
  return out;
}

/** Whether it has nothing that would have to go elsewhere, or nothing that is not glad to go. */
export function isEmpty({ rescheduleCost, reschedulable }: Candidate, { empty }: VersionRules): boolean {
  return empty === 'no-cost' ? rescheduleCost <= NODE_COST : reschedulable === 0;
}

/**
 * Candidates as versions before 1.14 try them: the least cost of eviction first, which fades as a machine nears its end.
 *
 * Source: Karpenter 1.13.0, `pkg/controllers/disruption/consolidation.go` (sortCandidates), `types.go`.
 */
function byDisruption({ options, view }: Planner, list: readonly Candidate[], now: number): readonly Candidate[] {
  const { orderedAt } = view.nodes;
  const cost = new Map(
    list.map((candidate) => {
      const { node, podsCost, pool } = candidate;
      return [candidate, podsCost * lifetimeRemaining(now - orderedAt[node], options.nodePools[pool].expireAfterMs)];
    }),
  );
  const of = (candidate: Candidate): number => cost.get(candidate) ?? 0;
  return [...list].sort((a, b) => of(a) - of(b) || a.index - b.index);
}

/**
 * The candidate that a node is; 'held' where one of its pods blocks as long as nothing is told, 'blocked' where one blocks that may
 * cease to without anything telling.
 */
function candidateOf(planner: Planner, node: number, index: number): Candidate | 'held' | 'blocked' {
  const { budgets, candidates: memory, intake, pods: kinds, view } = planner;
  const podsVersion = planner.fleet.podsVersion(node);
  const known = memory.of(node, podsVersion);
  if (known !== undefined) {
    const { candidate, asked } = known;
    if (candidate === undefined) return 'held';
    if (budgets.mayBlock) for (const pod of asked) if (budgets.blocks(pod)) return 'blocked';
    candidate.index = index;
    return candidate;
  }
  const { class: podClass, next } = view.pods;
  for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
    const kind = kinds.of(podClass[pod]);
    if (kind.protectedMs === 0 || !intake.isProtected(pod, kind)) continue;
    if (kind.protectedMs !== Infinity) return 'blocked';
    memory.set(node, { podsVersion, candidate: undefined, asked: [] });
    return 'held';
  }
  const { asked, candidate, lasting } = read(planner, node, index);
  for (const pod of asked) if (budgets.blocks(pod)) return 'blocked';
  if (lasting) memory.set(node, { podsVersion, candidate, asked });
  return candidate;
}

/** What a node is as a candidate, and the pods whose eviction would be asked for. */
function read(
  planner: Planner,
  node: number,
  index: number,
): { candidate: Candidate; asked: readonly number[]; lasting: boolean } {
  const { budgets, catalogue, intake, pods: kinds, view } = planner;
  const { class: podClass, next, state } = view.pods;
  const pods: number[] = [];
  const asked: number[] = [];
  const seen = new Set<PodKind>();
  let rescheduleCost = NODE_COST;
  let reschedulable = 0;
  let podsCost = 0;
  let lasting = true;
  for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
    const kind = kinds.of(podClass[pod]);
    if (kind.protectedMs > 0 && kind.protectedMs !== Infinity) lasting = false;
    const terminating = state[pod] === POD.terminating;
    podsCost += kind.evictionCost;
    if (!terminating && !kind.toleratesDisruption) asked.push(pod);
    if (kind.daemon || (terminating && !kind.stateful)) continue;
    rescheduleCost += Math.max(0, kind.evictionCost);
    reschedulable++;
    if (intake.isProtected(pod, kind) || budgets.neverAllow(pod)) continue;
    pods.push(pod);
    seen.add(kind);
  }
  const { labels, offering, priceable, type } = planner.nodeKinds.of(node);
  const price = offering < 0 ? 0 : catalogue.offerings[offering].price / 1e9;
  const candidate = {
    node,
    index,
    pool: view.nodes.group[node],
    type,
    spot: labels['karpenter.sh/capacity-type'] === 'spot',
    priceable,
    price,
    pods: pods.length > 1 ? intake.sort(pods) : pods,
    reschedulable,
    kinds: planner.verdicts.kindSet(seen),
    rescheduleCost,
    podsCost,
    savingsRatio: price / rescheduleCost,
    tries: { stuckAt: -1, idleAt: -1, waitingAt: -1 },
  };
  return { candidate, asked, lasting };
}

/**
 * What the Balanced pools of some candidates have in all: nodes that are no candidates count too.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/balanced.go` (computeNodePoolTotals), `pkg/state/cost/cost.go`.
 */
function balancedTotals(planner: Planner, list: readonly Candidate[], now: number): ReadonlyMap<number, PoolTotals> {
  const { catalogue, existing, fleet, nodeKinds, options, view } = planner;
  const totals = new Map<number, { cost: number; disruption: number }>();
  options.nodePools.forEach(({ consolidationPolicy }, pool) => {
    if (consolidationPolicy === 'Balanced') totals.set(pool, { cost: 0, disruption: 0 });
  });
  if (totals.size === 0 || list.length === 0) return NO_TOTALS;
  const indices = new Map<number, number>();
  for (let index = 0; index < existing.count; index++) {
    if (existing.initialized[index] === 1) indices.set(existing.rows[index], index);
  }
  for (const node of fleet.byName) {
    const sums = totals.get(view.nodes.group[node]);
    if (sums === undefined) continue;
    const { offering } = nodeKinds.of(node);
    sums.cost += offering < 0 ? 0 : catalogue.offerings[offering].price / 1e9;
    const index = indices.get(node);
    const eligible = index !== undefined && fleet.nominatedUntil(node) <= now && !existing.kindOf(index).doNotDisrupt;
    const candidate = eligible ? candidateOf(planner, node, index) : undefined;
    sums.disruption += typeof candidate === 'object' ? candidate.rescheduleCost : disruptionOf(planner, node);
  }
  return totals;
}

const NO_TOTALS: ReadonlyMap<number, PoolTotals> = new Map();

function disruptionOf({ pods: kinds, view }: Planner, node: number): number {
  const { class: podClass, next } = view.pods;
  let cost = NODE_COST;
  for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
    const kind = kinds.of(podClass[pod]);
    if (!kind.daemon) cost += Math.max(0, kind.evictionCost);
  }
  return cost;
}
