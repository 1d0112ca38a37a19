import {
  attemptMessage,
  type Candidate,
  type CycleContext,
  CycleError,
  chooseNode,
  findNodes,
  firstInPreorder,
  type Preemption,
  podInfo,
  rejectorsOf,
  runPostFilters,
  type Search,
  type Status,
} from '@plimsoll/scheduler-sim';
import { GoldenCluster } from './cluster.ts';
import { Json } from './json.ts';
import { podObject } from './objects.ts';

/** Pods without a start time count as started now: after every time in the cases. */
const NOW = Date.UTC(2026, 0, 1);

/** The answer to a case of kind `cycle`: one attempt for one pod. */
export function answerCycle(raw: unknown): unknown {
  const input = new Json(raw);
  const cluster = new GoldenCluster(input);
  const pod = podObject(input.at('pod'));
  const { nodeName, ...unbound } = pod;
  const info = podInfo(nodeName === undefined ? pod : { ...unbound, spec: { ...pod.spec, nodeName } });
  const context = cluster.context(info);
  const nodeCount = context.snapshot.nodes.length;
  if (nodeCount === 0) return { outcome: 'no-nodes', message: 'no nodes available to schedule pods' };
  try {
    return answerSearch(context, nodeCount);
  } catch (error) {
    if (error instanceof CycleError) return { outcome: 'error', message: error.message };
    throw error;
  }
}

function answerSearch(context: CycleContext, nodeCount: number): unknown {
  const search = findNodes(context, 0);
  const common = {
    feasible: names(search),
    ...(search.rejected.size > 0 && {
      rejected: Object.fromEntries([...search.rejected].map(([node, s]) => [node, statusOf(s)])),
    }),
    ...(search.nodeNames && { prefilterNodes: [...search.nodeNames].sort() }),
    ...(search.refused && { prefilter: statusOf(search.refused) }),
  };
  return search.feasible.length > 0
    ? { outcome: 'scheduled', ...common, ...chosen(context, search) }
    : { outcome: 'unschedulable', ...common, ...refused(context, search, nodeCount) };
}

function names({ feasible, nodeNames }: Search): string[] {
  const found = feasible.map(({ name }) => name);
  return nodeNames === undefined ? found : found.sort();
}

function statusOf({ plugin, code, reasons }: Status) {
  return { plugin, code, reasons: [...reasons].sort() };
}

function chosen(context: CycleContext, { feasible, rejected, nodeNames }: Search) {
  const { scores, best } = chooseNode(context, feasible);
  const byNode = (values: readonly number[]) => Object.fromEntries(feasible.map(({ name }, i) => [name, values[i]]));
  return {
    evaluated: feasible.length + rejected.size,
    best: best.map((i) => feasible[i].name).sort(),
    ...(nodeNames === undefined && { host: feasible[firstInPreorder(best)].name }),
    ...(scores && {
      scores: Object.fromEntries([...scores.byPlugin].map(([plugin, values]) => [plugin, byNode(values)])),
      total: byNode(scores.totals),
    }),
  };
}

function refused(context: CycleContext, search: Search, nodeCount: number) {
  const { preemption, message } = runPostFilters(context, search, NOW);
  return {
    unschedulablePlugins: rejectorsOf(search),
    message: attemptMessage(search, nodeCount, message),
    preemption: {
      ...(preemption === undefined ? { status: 'error' } : outcome(preemption)),
      ...(message !== '' && { message }),
    },
  };
}

function outcome({ status, candidates, rejected, nominated, clears }: Preemption) {
  const dryRun: Record<string, unknown> = {};
  for (const candidate of candidates) dryRun[candidate.node] = victimsOf(candidate);
  for (const [node, { code, plugin, reasons }] of rejected) {
    dryRun[node] = {
      rejected: { code, reasons: [...reasons].sort(), ...(plugin !== 'DefaultPreemption' && { plugin }) },
    };
  }
  return {
    status,
    ...(Object.keys(dryRun).length > 0 && { dryRun }),
    ...(nominated.length > 0 && { nominated: nominated.map(({ node }) => node).sort() }),
    ...(clears && { clearNominatedNode: true }),
  };
}

function victimsOf({ victims, violations }: Candidate) {
  return { victims: victims.map(({ key }) => key), pdbViolations: violations };
}
