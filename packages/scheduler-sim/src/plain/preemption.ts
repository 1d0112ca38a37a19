import { matchesSelector } from '@plimsoll/core';
import { fitErrorMessage } from './fit-error.ts';
import type { NodeInfo } from './node-info.ts';
import type { BudgetObject } from './objects.ts';
import type { CycleContext } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';
import type { PreparedFilters } from './prepared-filters.ts';
import type { Search } from './schedule-pod.ts';
import { type Status, unresolvable } from './status.ts';

/** What making room on one node would take. */
export interface Candidate {
  readonly node: string;
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  readonly violations: number;
}

/** What came of looking for a node to make room on. */
export interface Preemption {
  readonly status: 'ok' | 'U';
  /** Absent on success. */
  readonly message?: string;
  /** Where victims were found, and where not. */
  readonly candidates: readonly Candidate[];
  readonly rejected: ReadonlyMap<string, Status>;
  /** The candidates that the choice falls on; several where it is open. */
  readonly nominated: readonly Candidate[];
  /** Whether the pod gives up the node that it waited for. */
  readonly clears: boolean;
}

/**
 * Looks for pods of lower priority whose going would make room. Nothing is evicted.
 *
 * Source: kube-scheduler v1.36.2, `plugins/defaultpreemption/default_preemption.go` and `pkg/scheduler/framework/preemption`.
 */
export function preempt(context: CycleContext, search: Search, now: number): Preemption {
  const { snapshot } = context;
  const none = { candidates: [], rejected: new Map(), nominated: [] };
  const ineligible = whyIneligible(context, search);
  if (ineligible !== undefined) return { status: 'U', message: `preemption: ${ineligible}`, ...none, clears: false };
  const possible = snapshot.nodes.filter(({ name }) => search.rejected.get(name)?.code === 'U');
  const { candidates, rejected } = dryRun(context, search.filters as PreparedFilters, possible, now);
  if (candidates.length > 0) {
    return { status: 'ok', candidates, rejected, nominated: pickNodes(candidates, now), clears: false };
  }
  const message = fitErrorMessage({
    nodeCount: snapshot.nodes.length,
    statuses: rejected,
    absent: ['Preemption is not helpful for scheduling'],
  });
  return { status: 'U', message: `preemption: ${message}`, ...none, rejected, clears: true };
}

function whyIneligible({ pod, snapshot }: CycleContext, { rejected }: Search): string | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const waitsFor = pod.pod.nominatedNodeName;
  if (waitsFor === undefined || rejected.get(waitsFor)?.code === 'UU') return undefined;
  const node = snapshot.nodes.find(({ name }) => name === waitsFor);
  const makingRoom = node?.pods.some((other) => other.priority < pod.priority && other.pod.preempted === true);
  return makingRoom === true ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function dryRun(context: CycleContext, filters: PreparedFilters, nodes: readonly NodeInfo[], now: number) {
  const { preemption } = context.config;
  const enough = Math.max(preemption.minCandidateAbsolute, Math.trunc((nodes.length * preemption.minCandidatePercentage) / 100));
  const candidates: Candidate[] = [];
  const rejected = new Map<string, Status>();
  for (const node of nodes) {
    const found = victimsOn(context, filters.clone(), node.clone(), now);
    if ('code' in found) rejected.set(node.name, found);
    else candidates.push(found);
    if (candidates.length >= enough && candidates.some(({ violations }) => violations === 0)) break;
  }
  return { candidates, rejected };
}

/** The pods that would have to go from a node; the node and the filters are spent for it. */
function victimsOn(context: CycleContext, filters: PreparedFilters, node: NodeInfo, now: number): Candidate | Status {
  const lower = node.pods.filter(({ priority }) => priority < context.pod.priority);
  if (lower.length === 0) return unresolvable('DefaultPreemption', 'No preemption victims found for incoming pod');
  for (const pod of lower) filters.remove(pod, node);
  const status = filters.filterWithNominated(node);
  if (status !== undefined) return status;
  // Back come as many as still leave room: those first that a budget protects, and the more important before the less.
  const sorted = [...lower].sort((a, b) => byImportance(a, b, now));
  const violating = violatingPods(sorted, context.objects.budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  for (const pod of [...sorted.filter((pod) => violating.has(pod)), ...sorted.filter((pod) => !violating.has(pod))]) {
    filters.add(pod, node);
    if (filters.filterWithNominated(node) === undefined) continue;
    filters.remove(pod, node);
    victims.push(pod);
    if (violating.has(pod)) violations++;
  }
  // Sorting keeps equals as they are: the protected before the others.
  return { node: node.name, victims: victims.sort((a, b) => byImportance(a, b, now)), violations };
}

/** Negative where `a` matters more: by priority, then by how long it has run. */
function byImportance(a: PodInfo, b: PodInfo, now: number): number {
  return b.priority - a.priority || startOf(a, now) - startOf(b, now);
}

function startOf({ pod }: PodInfo, now: number): number {
  return pod.startTime ?? now;
}

/** The pods, of a list in order of importance, whose eviction would break a budget. */
function violatingPods(pods: readonly PodInfo[], budgets: readonly BudgetObject[]): Set<PodInfo> {
  const left = budgets.map(({ disruptionsAllowed }) => disruptionsAllowed);
  const violating = new Set<PodInfo>();
  for (const info of pods) {
    if (Object.keys(info.labels).length === 0) continue;
    budgets.forEach(({ namespace, selector, disruptedPods = [] }, i) => {
      if (namespace !== info.pod.namespace || disruptedPods.includes(info.pod.name)) return;
      if (selector === undefined || !selectsSomething(selector) || !matchesSelector(info.labels, selector)) return;
      if (--left[i] < 0) violating.add(info);
    });
  }
  return violating;
}

function selectsSomething({ matchLabels = {}, matchExpressions = [] }: NonNullable<BudgetObject['selector']>): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length > 0;
}

/**
 * The candidates that are left when one rule after the other has its say.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/preemption/preemption.go` (pickOneNodeForPreemption).
 */
function pickNodes(candidates: readonly Candidate[], now: number): readonly Candidate[] {
  const highest = ({ victims }: Candidate): number => victims[0]?.priority ?? Number.NEGATIVE_INFINITY;
  const rules: ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    highest,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    ({ victims }) => victims.length,
    (candidate) => {
      const starts = candidate.victims
        .filter(({ priority }) => priority === highest(candidate))
        .map((victim) => startOf(victim, now));
      return -Math.min(...starts);
    },
  ];
  let left = candidates;
  for (const rule of rules) {
    const values = left.map(rule);
    const least = Math.min(...values);
    left = left.filter((_, i) => values[i] === least);
  }
  return left;
}
