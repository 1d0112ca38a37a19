import { LABEL, type Labels } from '@plimsoll/core';
import type { InstanceType } from '../../scheduling/instance-type.ts';
import type { NodePoolObject, PodObject } from '../../state/objects.ts';
import { blockingBudgets, isDisruptable, isOwnedByDaemonSet, isReschedulable } from '../../state/pod-state.ts';
import type { StateNode } from '../../state/state-node.ts';
import type { PoolTotals } from '../balanced.ts';
import { evictionCost, lifetimeRemaining, NODE_COST } from '../eviction-cost.ts';
import type { DisruptionWorld, WorldNode } from './world.ts';

/** A machine that may be disrupted. Prices are in the unit of the offerings, times are milliseconds. */
export interface Candidate {
  readonly node: StateNode;
  readonly name: string;
  /** Row of its NodePool among the objects. */
  readonly pool: number;
  readonly nodePool: NodePoolObject;
  /** Undefined where the pool's types have none of that name. */
  readonly type: InstanceType | undefined;
  /** Of its offering, available or not; 0 where there is none. */
  readonly price: number;
  /** What evicting all its pods costs, less as it grows old. Versions before 1.14 sorted by it. */
  readonly disruptionCost: number;
  /** 1 and what evicting its reschedulable pods costs. */
  readonly rescheduleCost: number;
  readonly savingsRatio: number;
  /** Pods that would come back elsewhere. */
  readonly pods: readonly PodObject[];
}

/** Why a machine is no candidate, in the real program's words. */
interface Blocked {
  readonly node: StateNode;
  readonly message: string;
}

/** Machines that may be disrupted, in order of name, those that may not, and what Balanced pools divide by. */
export interface Candidates {
  readonly list: readonly Candidate[];
  readonly blocked: readonly Blocked[];
  readonly balanced: ReadonlyMap<number, PoolTotals>;
}

const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';

/**
 * The machines that may be disrupted now.
 *
 * @param eventual whether a termination grace period overrules pods that must not be disrupted
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/types.go` (NewCandidate), `helpers.go` (GetCandidatesWithTotals).
 */
export function candidatesOf(world: DisruptionWorld, eventual: boolean): Candidates {
  const list: Candidate[] = [];
  const blocked: Blocked[] = [];
  const types = world.fleet.state.objects.nodePools.map(
    ({ name }) => new Map((world.fleet.instanceTypes.get(name) ?? []).map((type) => [type.name, type])),
  );
  for (const node of world.nodes) {
    const found = candidateOf(world, node, types[node.pool], eventual);
    if (typeof found === 'string') blocked.push({ node: node.state, message: found });
    else list.push(found);
  }
  return { list, blocked, balanced: balancedTotals(world, list) };
}

/** Candidates by savings ratio, the best first; equals keep their order. Source: as above, `consolidation.go` (sortCandidates). */
export function bySavings(list: readonly Candidate[]): Candidate[] {
  return [...list].sort((a, b) => b.savingsRatio - a.savingsRatio);
}

/** Whether it has nothing that would have to go elsewhere, or nothing that is not glad to go. */
export function isEmpty({ rescheduleCost }: Candidate): boolean {
  return rescheduleCost <= NODE_COST;
}

function candidateOf(
  world: DisruptionWorld,
  worldNode: WorldNode,
  types: ReadonlyMap<string, InstanceType> | undefined,
  eventual: boolean,
): Candidate | string {
  const { fleet, now } = world;
  const { pool, state: node } = worldNode;
  const { labels } = node;
  const refusal = nodeRefusal(worldNode, labels, now);
  if (refusal !== undefined) return refusal;
  if (pool < 0 || types === undefined || types.size === 0) return `NodePool not found (NodePool=${labels[LABEL.nodePool]})`;
  const pods = world.podsOn(node);
  const claim = node.nodeClaim;
  const overrules = eventual && claim?.terminationGracePeriodMs !== undefined;
  const podsRefuse = overrules ? undefined : podRefusal(world, pods);
  if (podsRefuse !== undefined) return podsRefuse;
  const type = types.get(labels[LABEL.instanceType] ?? '');
  const reschedulable: PodObject[] = [];
  let [evictionCosts, rescheduleCost] = [0, NODE_COST];
  for (const pod of pods) {
    const cost = costOf(pod);
    evictionCosts += cost;
    if (!isReschedulable(pod)) continue;
    reschedulable.push(pod);
    rescheduleCost += Math.max(0, cost);
  }
  const price = priceOf(labels, type);
  return {
    node,
    name: node.name,
    pool,
    nodePool: fleet.state.objects.nodePools[pool],
    type,
    price,
    disruptionCost: evictionCosts * lifetimeRemaining(now - (claim?.createdAt ?? 0), claim?.expireAfterMs),
    rescheduleCost,
    savingsRatio: price / rescheduleCost,
    pods: reschedulable,
  };
}

/** Source: Karpenter 1.14.1, `pkg/controllers/state/statenode.go` (ValidateNodeDisruptable). */
function nodeRefusal({ initialized, marked, state: node }: WorldNode, labels: Labels, now: number): string | undefined {
  if (node.nodeClaim === undefined) return "Node isn't managed by karpenter";
  if (node.node === undefined) return 'Nodeclaim does not have an associated node';
  if (!initialized) return "Node isn't initialized";
  if (marked) return 'Node is deleting or marked for deletion';
  if (node.nominatedUntil > now) return 'Node is nominated for a pending pod';
  if (node.annotations[DO_NOT_DISRUPT] === 'true') return `Disruption is blocked through the "${DO_NOT_DISRUPT}" annotation`;
  if (labels[LABEL.nodePool] === undefined) return `Node doesn't have required label (label=${LABEL.nodePool})`;
  return undefined;
}

/** Source: as above (ValidatePodsDisruptable). */
function podRefusal({ fleet, now }: DisruptionWorld, pods: readonly PodObject[]): string | undefined {
  const { budgets } = fleet.state.objects;
  const fullName = ({ name, namespace }: { name: string; namespace: string }): string => `${namespace}/${name}`;
  for (const pod of pods) {
    if (isDisruptable(pod, now)) continue;
    return `Pod has "${DO_NOT_DISRUPT}" annotation (Pod=${fullName({ name: pod.name, namespace: pod.spec.namespace })})`;
  }
  for (const pod of budgets.length === 0 ? [] : pods) {
    const blocking = blockingBudgets(pod, budgets, now, ({ disruptionsAllowed }) => disruptionsAllowed === 0);
    if (blocking.length === 0) continue;
    const names = `[${blocking.map(fullName).join(' ')}]`;
    return blocking.length > 1
      ? `Eviction does not support multiple PDBs (PodDisruptionBudget(s)=${names})`
      : `Pdb prevents pod evictions (PodDisruptionBudget=${names})`;
  }
  return undefined;
}

function costOf({ spec }: PodObject): number {
  return evictionCost(spec.annotations, spec.priority ?? 0);
}

function priceOf(labels: Labels, type: InstanceType | undefined): number {
  const { [LABEL.zone]: zone, [LABEL.capacityType]: capacityType } = labels;
  return type?.offerings.find((offering) => offering.zone === zone && offering.capacityType === capacityType)?.price ?? 0;
}

/**
 * What the Balanced pools of some candidates have in all: machines that are no candidates count too.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/balanced.go` (computeNodePoolTotals), `pkg/state/cost/cost.go`.
 */
function balancedTotals({ fleet }: DisruptionWorld, list: readonly Candidate[]): ReadonlyMap<number, PoolTotals> {
  const { instanceTypes, state } = fleet;
  const totals = new Map<number, PoolTotals>();
  const pools = new Set(list.filter(({ nodePool }) => nodePool.consolidationPolicy === 'Balanced').map(({ pool }) => pool));
  if (pools.size === 0) return totals;
  const byNode = new Map(list.map((candidate) => [candidate.node, candidate]));
  for (const pool of pools) {
    const { name } = state.objects.nodePools[pool];
    const types = new Map((instanceTypes.get(name) ?? []).map((type) => [type.name, type]));
    let cost = 0;
    for (const { labels } of state.objects.nodeClaims) {
      if (labels[LABEL.nodePool] !== name) continue;
      const { [LABEL.zone]: zone, [LABEL.capacityType]: capacityType, [LABEL.instanceType]: type = '' } = labels;
      if (zone === undefined || capacityType === undefined) continue;
      const offering = types.get(type)?.offerings.find((o) => o.zone === zone && o.capacityType === capacityType);
      cost += offering?.price ?? 0;
    }
    if (cost <= 0) cost = list.reduce((sum, candidate) => (candidate.pool === pool ? sum + candidate.price : sum), 0);
    let disruption = 0;
    for (const node of state.nodes) {
      if (node.labels[LABEL.nodePool] === name) disruption += byNode.get(node)?.rescheduleCost ?? disruptionOf(node);
    }
    totals.set(pool, { cost, disruption });
  }
  return totals;
}

function disruptionOf({ pods }: StateNode): number {
  return pods.reduce((sum, pod) => (isOwnedByDaemonSet(pod) ? sum : sum + Math.max(0, costOf(pod))), NODE_COST);
}

/** Drifted candidates in the order in which they are tried: by the time of their condition, those without pods first. */
export function byDrift(list: readonly Candidate[]): { readonly sorted: Candidate[]; readonly tried: Candidate[] } {
  const since = ({ node }: Candidate): number =>
    node.nodeClaim?.conditions.find(({ type }) => type === 'Drifted')?.changedAt ?? 0;
  const sorted = [...list].sort((a, b) => since(a) - since(b));
  return { sorted, tried: [...sorted.filter(({ pods }) => pods.length === 0), ...sorted.filter(({ pods }) => pods.length > 0)] };
}
