import { beforeInPreorder } from '../cycle/tie.ts';
import type { SchedulerConfig } from './config.ts';
import type { NodeInfo } from './node-info.ts';
import type { CycleContext } from './plugin.ts';
import { type PreparedFilters, prepareFilters } from './prepared-filters.ts';
import { type Scores, scoreNodes } from './scoring.ts';
import type { Status } from './status.ts';

/** What one search for a node found. */
export interface Search {
  /** Nodes that fit, in the order found. */
  readonly feasible: readonly NodeInfo[];
  /** Nodes that were examined and rejected. */
  readonly rejected: ReadonlyMap<string, Status>;
  /** A refusal before any node was looked at. */
  readonly refused?: Status;
  /** The only nodes that might be looked at, and the plug-ins that said so. */
  readonly nodeNames?: ReadonlySet<string>;
  readonly restricting: readonly string[];
  /** Where the next search begins. */
  readonly nextStart: number;
  /** Whether the node that the pod waited for was taken. */
  readonly tookNominated: boolean;
  /** Filters as they stand, for a preemption's dry run. Absent after a refusal. */
  readonly filters?: PreparedFilters;
}

/**
 * Looks for nodes that fit a pod: first at the one that it waits for, then from `start` on until enough are found.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/schedule_one.go` (findNodesThatFitPod).
 */
export function findNodes(context: CycleContext, start: number): Search {
  const { nodes } = context.snapshot;
  const preparation = prepareFilters(context);
  const { restricting } = preparation;
  const rejected = new Map<string, Status>();
  if (preparation.is === 'refused') {
    return { feasible: [], rejected, refused: preparation.status, restricting, nextStart: start, tookNominated: false };
  }
  const { filters, nodeNames } = preparation;
  const common = { rejected, restricting, filters, ...(nodeNames && { nodeNames }) };
  const nominated = nodes.find(({ name }) => name === context.pod.pod.nominatedNodeName);
  if (nominated !== undefined) {
    const status = filters.filterWithNominated(nominated);
    if (status === undefined) return { feasible: [nominated], ...common, nextStart: start, tookNominated: true };
    rejected.set(nominated.name, status);
  }
  const among = nodeNames === undefined ? nodes : nodes.filter(({ name }) => nodeNames.has(name));
  const feasible: NodeInfo[] = [];
  const wanted = nodesToFind(context.config, among.length);
  for (let i = 0; i < among.length; i++) {
    const node = among[(start + i) % among.length];
    const status = filters.filterWithNominated(node);
    if (status !== undefined) rejected.set(node.name, status);
    else if (feasible.length === wanted) break;
    else feasible.push(node);
  }
  const nextStart = (start + feasible.length + rejected.size) % nodes.length;
  return { feasible, ...common, nextStart, tookNominated: false };
}

/** How many nodes that fit are enough. Source: `pkg/scheduler/schedule_one.go` (numFeasibleNodesToFind). */
export function nodesToFind({ percentageOfNodesToScore, scoreWeights }: SchedulerConfig, nodeCount: number): number {
  if (Object.keys(scoreWeights).length === 0) return 1;
  if (nodeCount < 100) return nodeCount;
  const percentage = percentageOfNodesToScore === 0 ? Math.max(5, 50 - Math.trunc(nodeCount / 125)) : percentageOfNodesToScore;
  return Math.max(100, Math.trunc((nodeCount * percentage) / 100));
}

/** The choice among the nodes that fit. */
export interface Choice {
  /** Absent where only one node fits: it is taken without being scored. */
  readonly scores?: Scores;
  /** Indices of the nodes with the highest score. */
  readonly best: readonly number[];
}

export function chooseNode(context: CycleContext, feasible: readonly NodeInfo[]): Choice {
  if (feasible.length === 1) return { best: [0] };
  const scores = scoreNodes(context, feasible);
  const most = scores.totals.reduce((a, b) => Math.max(a, b));
  return { scores, best: scores.totals.flatMap((total, i) => (total === most ? [i] : [])) };
}

/** The one of several best that 1.36 takes when nodes are examined one after the other. */
export function firstInPreorder(best: readonly number[]): number {
  return best.reduce((first, i) => (beforeInPreorder(i, first) ? i : first));
}

/** The plug-ins whose events may help a pod that fits nowhere, in text order. */
export function rejectorsOf({ rejected, refused, restricting }: Search): string[] {
  const names = new Set(restricting);
  if (refused !== undefined && refused.plugin !== '') names.add(refused.plugin);
  for (const { plugin } of rejected.values()) names.add(plugin);
  return [...names].sort();
}
