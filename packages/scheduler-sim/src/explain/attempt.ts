import { attemptMessage, NO_NODES_MESSAGE } from '../plain/attempt-message.ts';
import type { NodeInfo } from '../plain/node-info.ts';
import type { CycleContext } from '../plain/plugin.ts';
import { runPostFilters } from '../plain/post-filter.ts';
import { findNodes, type Search } from '../plain/schedule-pod.ts';
import { type PluginScores, scoreByPlugin } from '../plain/scoring.ts';
import { CycleError, type Status } from '../plain/status.ts';

/** What one plug-in made of one node. */
export interface ExplainedScore {
  readonly plugin: string;
  /** As the plug-in gave it; as it was scaled to 0..100 over the nodes that fit; and that times the weight. */
  readonly raw: number;
  readonly normalised: number;
  readonly weighted: number;
}

/** Who rejected a node, and why, in the plug-in's words. */
export interface ExplainedRejection {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Whether no eviction could change it: such nodes are no candidates for preemption. */
  readonly unresolvable: boolean;
}

/** What came of one node in one attempt. */
export interface ExplainedNode {
  readonly name: string;
  /** `fits`; `rejected`; `left-out`: a plug-in named the only nodes to look at; `not-examined`: enough had been found before. */
  readonly outcome: 'fits' | 'rejected' | 'left-out' | 'not-examined';
  /** Where it was rejected: the first plug-in that did. Those after it in {@link ExplainedAttempt.filters} were not asked. */
  readonly rejection?: ExplainedRejection;
  /** Where it was scored: every plug-in that had an opinion, in order. */
  readonly scores?: readonly ExplainedScore[];
  /** The sum of the weighted scores. */
  readonly total?: number;
}

/** Room that could be made on one node. */
export interface ExplainedCandidate {
  readonly node: string;
  /** `namespace/name` of the pods that would have to go, the most important first. */
  readonly victims: readonly string[];
  /** How many of them a disruption budget protects. */
  readonly violations: number;
}

/** Everything that one scheduling attempt came to, as data. */
export interface ExplainedAttempt {
  readonly schedulerName: string;
  /** `error`: a plug-in could not do its work. `no-nodes`: there was nothing to look at. */
  readonly outcome: 'scheduled' | 'unschedulable' | 'no-nodes' | 'error';
  /** Where it was scheduled. */
  readonly node?: string;
  /** How the node was chosen: it had the highest total, or was the only one that fits, or the one that the pod waited for. */
  readonly chosen?: 'best' | 'only' | 'nominated';
  /** Where it was not scheduled: word for word what kube-scheduler writes into the pod's condition. */
  readonly message?: string;
  /** The filters that had something to ask about this pod, in the order in which they are asked. */
  readonly filters: readonly string[];
  /** Plug-ins that scored, with their weights. */
  readonly weights: Readonly<Record<string, number>>;
  /** A refusal before any node was looked at. */
  readonly refused?: ExplainedRejection;
  /** Every node of the cluster, those that were looked at first and in that order. */
  readonly nodes: readonly ExplainedNode[];
  /** Where preemption was tried: the nodes on which room could be made, and the one that the pod is to wait for. */
  readonly preemption?: { readonly candidates: readonly ExplainedCandidate[]; readonly nominated?: string };
}

/** How an attempt was made. */
export interface AttemptOptions {
  /** Name of the profile. */
  readonly schedulerName: string;
  /** Place in the list of nodes at which the search began. Default 0. */
  readonly start?: number;
  /** Simulated milliseconds. Pods without a start time count as started now. */
  readonly now: number;
  /** The choice among equals, by their indices. Default: the first. */
  readonly choose?: (best: readonly number[]) => number;
}

/**
 * Makes one scheduling attempt and tells everything about it. Nothing is changed: the same context gives the same answer.
 *
 * The order of steps is that of {@link findNodes} and {@link chooseNode}, which recorded decisions judge.
 */
export function explainAttempt(context: CycleContext, options: AttemptOptions): ExplainedAttempt {
  const { nodes } = context.snapshot;
  const { schedulerName, start = 0, now, choose = ([first]) => first } = options;
  const nothing = { schedulerName, filters: [], weights: {}, nodes: [] };
  if (nodes.length === 0) return { ...nothing, outcome: 'no-nodes', message: NO_NODES_MESSAGE };
  try {
    const search = findNodes(context, start);
    const scores = search.feasible.length > 1 ? scoreByPlugin(context, search.feasible) : [];
    const common = {
      schedulerName,
      filters: search.filters?.names ?? [],
      weights: Object.fromEntries(scores.map(({ name, weight }) => [name, weight])),
      ...(search.refused && { refused: rejectionOf(search.refused) }),
      nodes: explainNodes(inOrder(nodes, search, start), search, scores),
    };
    if (search.feasible.length === 0) {
      const { message, preemption } = runPostFilters(context, search, now);
      const [nominated] = preemption?.status === 'ok' ? preemption.nominated : [];
      return {
        ...common,
        outcome: 'unschedulable',
        message: attemptMessage(search, nodes.length, message),
        ...(preemption && {
          preemption: {
            candidates: preemption.candidates.map(({ node, victims, violations }) => ({
              node,
              victims: victims.map(({ key }) => key),
              violations,
            })),
            ...(nominated && { nominated: nominated.node }),
          },
        }),
      };
    }
    const totals = search.feasible.map((_, i) => totalOf(scores, i));
    const most = totals.reduce((a, b) => Math.max(a, b));
    const best = totals.flatMap((total, i) => (total === most ? [i] : []));
    return {
      ...common,
      outcome: 'scheduled',
      node: search.feasible[search.feasible.length === 1 ? 0 : choose(best)].name,
      chosen: search.tookNominated ? 'nominated' : search.feasible.length === 1 ? 'only' : 'best',
    };
  } catch (error) {
    if (error instanceof CycleError) return { ...nothing, outcome: 'error', message: error.message };
    throw error;
  }
}

/** The nodes in the order in which a search comes to them: the one that the pod waited for, those from `start` on, the rest. */
function inOrder(nodes: readonly NodeInfo[], { nodeNames, tookNominated, feasible }: Search, start: number): NodeInfo[] {
  const among = nodeNames === undefined ? nodes : nodes.filter(({ name }) => nodeNames.has(name));
  const rotated = among.map((_, i) => among[(start + i) % among.length]);
  const first = tookNominated ? feasible : [];
  return [...new Set([...first, ...rotated, ...nodes])];
}

function explainNodes(
  nodes: readonly NodeInfo[],
  { feasible, rejected, refused, nodeNames }: Search,
  scores: readonly PluginScores[],
): ExplainedNode[] {
  const indices = new Map(feasible.map(({ name }, i) => [name, i]));
  return nodes.map(({ name }): ExplainedNode => {
    const status = rejected.get(name) ?? refused;
    if (status !== undefined) return { name, outcome: 'rejected', rejection: rejectionOf(status) };
    const i = indices.get(name);
    if (i === undefined) return { name, outcome: nodeNames?.has(name) === false ? 'left-out' : 'not-examined' };
    if (scores.length === 0) return { name, outcome: 'fits' };
    const explained = scores.map(({ name: plugin, weight, raw, normalised }) => ({
      plugin,
      raw: raw[i],
      normalised: normalised[i],
      weighted: normalised[i] * weight,
    }));
    return { name, outcome: 'fits', scores: explained, total: totalOf(scores, i) };
  });
}

function totalOf(scores: readonly PluginScores[], i: number): number {
  return scores.reduce((sum, { weight, normalised }) => sum + weight * normalised[i], 0);
}

function rejectionOf({ plugin, reasons, code }: Status): ExplainedRejection {
  return { plugin, reasons, unresolvable: code === 'UU' };
}
