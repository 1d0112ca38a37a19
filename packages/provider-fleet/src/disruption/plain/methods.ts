import { LABEL } from '@plimsoll/core';
import { cronOf, disruptionBudget } from '../../options/disruption-budget.ts';
import type { RequirementSet } from '../../requirements/requirement-set.ts';
import type { InstanceType } from '../../scheduling/instance-type.ts';
import type { ClosedClaim } from '../../scheduling/node-claim.ts';
import type { NodePoolObject, PodObject, PoolBudget } from '../../state/objects.ts';
import { isTrue, type StateNode } from '../../state/state-node.ts';
import { approvesMove, type BalancedPools, mayBeApproved } from '../balanced.ts';
import { allowedDisruptions } from '../budgets.ts';
import { cheaperChoice, withoutSameTypes } from '../replacement.ts';
import { interleave, largestTogether, withinBudgets } from '../search.ts';
import { byDrift, bySavings, type Candidate, type Candidates, candidatesOf, isEmpty } from './candidates.ts';
import { MARKET } from './market.ts';
import type { DisruptionWorld } from './world.ts';

/** The ways to disrupt, in the order in which a pass tries them, with the reason that budgets know them by. */
export const DISRUPTION_METHODS = {
  Emptiness: 'Empty',
  Drift: 'Drifted',
  MultiNodeConsolidation: 'Underutilized',
  SingleNodeConsolidation: 'Underutilized',
} as const;
export type DisruptionMethod = keyof typeof DISRUPTION_METHODS;

/** Machines to be deleted, and those to be launched for them first. */
export interface DisruptionCommand {
  readonly candidates: readonly Candidate[];
  readonly replacements: readonly ClosedClaim[];
  /** Pods by the machine that is to take them. */
  readonly existing: ReadonlyMap<StateNode, readonly PodObject[]>;
}

/** What a method came to. */
export interface MethodOutcome {
  /** Disruptions left at the start, by row of the NodePool. */
  readonly budgets: readonly number[];
  /** In the order in which the method sorts them. */
  readonly candidates: readonly Candidate[];
  readonly command: DisruptionCommand | undefined;
  /** Why machines stay, in the real program's words. */
  readonly notes: readonly { readonly node: StateNode; readonly message: string }[];
}

type Note = (node: StateNode, message: string) => void;

/**
 * Runs one method. A consolidation that it finds is looked at again in the cluster as it is after the wait of 15 s.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption` (emptiness.go, drift.go, multinodeconsolidation.go, singlenodeconsolidation.go).
 */
export function runMethod(method: DisruptionMethod, world: DisruptionWorld, afterWait: () => DisruptionWorld): MethodOutcome {
  const found = candidatesOf(world, method === 'Drift');
  const notes: { node: StateNode; message: string }[] = [...found.blocked];
  const note: Note = (node, message) => notes.push({ node, message });
  const eligible = found.list.filter((candidate) => isEligible(method, candidate, note));
  const budgets = budgetsLeft(world, DISRUPTION_METHODS[method]);
  const left = [...budgets];
  const sorted = method === 'Drift' ? byDrift(eligible).sorted : bySavings(eligible);
  const order = method === 'SingleNodeConsolidation' ? interleave(sorted, world.fleet.state.objects.nodePools) : sorted;
  const outcome = (command: DisruptionCommand | undefined): MethodOutcome => ({
    budgets,
    candidates: order,
    command,
    notes,
  });
  if (order.length === 0) return outcome(undefined);
  switch (method) {
    case 'Emptiness': {
      const { taken } = withinBudgets(order, left);
      if (taken.length === 0) return outcome(undefined);
      const still = stillEmpty(afterWait(), taken);
      return outcome(still.length === 0 ? undefined : { candidates: still, replacements: [], existing: new Map() });
    }
    case 'Drift':
      return outcome(drift(world, byDrift(eligible).tried, left, note));
    case 'MultiNodeConsolidation': {
      const command = multiNode(world, withinBudgets(order, left).taken, found.balanced);
      return outcome(command !== undefined && stillHolds(afterWait(), command, method) ? command : undefined);
    }
    case 'SingleNodeConsolidation': {
      const command = singleNode(world, order, left, found.balanced, note);
      return outcome(command !== undefined && stillHolds(afterWait(), command, method) ? command : undefined);
    }
  }
}

/** What a command saves, in the unit of the offerings. Source: as above, `types.go` (EstimatedSavings). */
export function savingsOf({ candidates, replacements }: Pick<DisruptionCommand, 'candidates' | 'replacements'>): number {
  const price = candidates.reduce((sum, candidate) => sum + candidate.price, 0);
  const spent = replacements.reduce((sum, { types, requirements }) => {
    const cheapest = types.length === 0 ? Infinity : MARKET.cheapest(types[0], requirements);
    return cheapest === Infinity ? sum : sum + cheapest;
  }, 0);
  return replacements.length === 0 ? price : price - spent;
}

/** Source: as above (ShouldDisrupt of each method). */
function isEligible(method: DisruptionMethod, candidate: Candidate, note: Note): boolean {
  const { node, nodePool, type } = candidate;
  const conditions = node.nodeClaim?.conditions ?? [];
  if (nodePool.replicas !== undefined) return false;
  if (method === 'Drift') return isTrue(conditions, 'Drifted');
  const disabled = `NodePool "${nodePool.name}" has consolidation disabled`;
  if (method === 'Emptiness') {
    if (nodePool.consolidateAfterMs === undefined) note(node, disabled);
    else return isEmpty(candidate) && isTrue(conditions, 'Consolidatable');
    return false;
  }
  const refuse = (message: string): false => {
    note(node, message);
    return false;
  };
  if (type === undefined) return refuse(`Instance Type "${node.labels[LABEL.instanceType] ?? ''}" not found`);
  for (const key of [LABEL.capacityType, LABEL.zone]) {
    if (node.labels[key] === undefined) return refuse(`Node does not have label "${key}"`);
  }
  if (nodePool.consolidateAfterMs === undefined) return refuse(disabled);
  if (isEmpty(candidate)) return false;
  if (nodePool.consolidationPolicy === 'WhenEmpty') {
    return refuse(`NodePool "${nodePool.name}" has consolidation policy WhenEmpty, but node is not empty`);
  }
  return isTrue(conditions, 'Consolidatable');
}

/** Source: as above, `helpers.go` (BuildDisruptionBudgetMapping). */
function budgetsLeft({ fleet, nodes: all, now }: DisruptionWorld, reason: string): number[] {
  const { nodePools } = fleet.state.objects;
  const counts = nodePools.map(() => ({ nodes: 0, going: 0 }));
  for (const { initialized, marked, pool, state } of all) {
    if (pool < 0 || !initialized || state.nodeClaim === undefined) continue;
    if (isTrue(state.nodeClaim.conditions, 'InstanceTerminating')) continue;
    counts[pool].nodes++;
    if (marked || !isTrue(state.node?.conditions ?? [], 'Ready')) counts[pool].going++;
  }
  return nodePools.map((pool, row) => {
    const { nodes, going } = counts[row];
    return Math.max(0, allowedDisruptions(budgetsOf(pool), reason, { nodes, clock: now }) - going);
  });
}

function budgetsOf({ budgets = [] }: NodePoolObject): ReturnType<typeof disruptionBudget>[] {
  return budgets.map(({ nodes, reasons, schedule, durationMs }: PoolBudget) => {
    const always = schedule === undefined && durationMs === undefined;
    const window = { schedule: schedule === undefined ? undefined : cronOf(schedule), durationMs: durationMs ?? 0 };
    return disruptionBudget(nodes, reasons, always ? undefined : window);
  });
}

/** What could be done with some machines together. Source: as above, `consolidation.go` (computeConsolidation). */
function consolidate(world: DisruptionWorld, candidates: readonly Candidate[]): DisruptionCommand | string {
  const { claims, existing, failed } = world.without(candidates, true);
  if (failed.length > 0) return `Not all pods would schedule, ${failed.join(' ')}`;
  if (claims.length === 0) return { candidates, replacements: [], existing };
  if (claims.length > 1) return `Can't remove without creating ${claims.length} candidates`;
  const choice = cheaperChoice<InstanceType, RequirementSet>(MARKET, claims[0], {
    price: candidates.reduce((sum, { price }) => sum + price, 0),
    count: candidates.length,
    allSpot: candidates.every(({ node }) => node.labels[LABEL.capacityType] === 'spot'),
    spotToSpot: world.spotToSpot,
  });
  if (typeof choice === 'string') return choice;
  return { candidates, replacements: [{ ...claims[0], ...choice }], existing };
}

function drift(
  world: DisruptionWorld,
  tried: readonly Candidate[],
  left: readonly number[],
  note: Note,
): DisruptionCommand | undefined {
  for (const candidate of tried) {
    if (left[candidate.pool] === 0) continue;
    const { claims, existing, failed } = world.without([candidate], false);
    if (failed.length === 0) return { candidates: [candidate], replacements: claims, existing };
    note(candidate.node, `Not all pods would schedule, ${failed.join(' ')}`);
  }
  return undefined;
}

function multiNode(world: DisruptionWorld, taken: readonly Candidate[], balanced: BalancedPools): DisruptionCommand | undefined {
  return largestTogether(taken, (together) => {
    let command = consolidate(world, together);
    if (typeof command === 'string') return undefined;
    const [replacement] = command.replacements;
    if (replacement !== undefined) {
      const choice = withoutSameTypes<InstanceType, RequirementSet>(MARKET, replacement, (type) => priceOfType(type, together));
      if (choice === undefined) return undefined;
      command = { ...command, replacements: [{ ...replacement, ...choice }] };
    }
    return approvesMove(together, savingsOf(command), balanced) ? command : undefined;
  });
}

/** What the cheapest machine of a type costs among some; undefined where none is of it. */
function priceOfType(type: InstanceType, among: readonly Candidate[]): number | undefined {
  const prices = among.flatMap((candidate) => (candidate.type?.name === type.name ? candidate.price : []));
  return prices.length === 0 ? undefined : Math.min(...prices);
}

function singleNode(
  world: DisruptionWorld,
  tried: readonly Candidate[],
  left: readonly number[],
  balanced: BalancedPools,
  note: Note,
): DisruptionCommand | undefined {
  for (const candidate of tried) {
    if (left[candidate.pool] === 0 || !mayBeApproved(candidate, balanced)) continue;
    const command = consolidate(world, [candidate]);
    if (typeof command === 'string') note(candidate.node, command);
    else if (approvesMove([candidate], savingsOf(command), balanced)) return command;
  }
  return undefined;
}

/** Those of some machines that a method would still take, in order of name. */
function stillEligible(world: DisruptionWorld, method: DisruptionMethod, chosen: readonly Candidate[]): readonly Candidate[] {
  const names = new Set(chosen.map(({ name }) => name));
  const found: Candidates = candidatesOf(world, false);
  return found.list.filter((candidate) => names.has(candidate.name) && isEligible(method, candidate, () => undefined));
}

/** Those of some empty machines that are still empty and within budgets. Source: as above, `validation.go`. */
function stillEmpty(world: DisruptionWorld, chosen: readonly Candidate[]): readonly Candidate[] {
  return withinBudgets(stillEligible(world, 'Emptiness', chosen), budgetsLeft(world, DISRUPTION_METHODS.Emptiness)).taken;
}

/**
 * Whether a consolidation comes to the same now: all machines may still go, as many new ones are needed, and what was to be bought may still be
 * bought.
 *
 * Source: as above, `validation.go` (validateCandidates, validateCommand).
 */
function stillHolds(world: DisruptionWorld, command: DisruptionCommand, method: DisruptionMethod): boolean {
  const { candidates, replacements } = command;
  const valid = stillEligible(world, method, candidates);
  if (valid.length !== candidates.length) return false;
  if (withinBudgets(valid, budgetsLeft(world, DISRUPTION_METHODS[method])).held) return false;
  const { claims, failed } = world.without(valid, true);
  if (failed.length > 0 || claims.length !== replacements.length) return false;
  if (replacements.length === 0) return true;
  const names = new Set(claims[0].types.map(({ name }) => name));
  return replacements[0].types.every(({ name }) => names.has(name));
}
