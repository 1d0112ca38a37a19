import {
  chooseNode,
  findNodes,
  firstInPreorder,
  fitErrorMessage,
  type PodInfo,
  podInfo,
  type Search,
} from '@plimsoll/scheduler-sim';
import { GoldenCluster } from './cluster.ts';
import { Json } from './json.ts';
import { podObject } from './objects.ts';

/** Longer lists of names are left out of answers. */
const BEST_SHOWN = 40;
const FEASIBLE_SHOWN = 130;

/**
 * The answer to a case of kind `sequence` or `sampling`: a queue of pods placed one after the other, without preemption.
 *
 * In a sequence a pod goes to the first of the best by name, in a sampling to the one that 1.36 takes.
 */
export function answerSequence(raw: unknown, kind: 'sequence' | 'sampling'): unknown {
  const input = new Json(raw);
  const cluster = new GoldenCluster(input);
  const steps: unknown[] = [];
  let start = 0;
  for (const pod of inOrder(input)) {
    const context = cluster.context(pod);
    const { nodes } = context.snapshot;
    const name = { pod: pod.pod.namespace === 'default' ? pod.pod.name : pod.key };
    if (nodes.length === 0) {
      steps.push({ ...name, outcome: 'no-nodes', message: 'no nodes available to schedule pods' });
      continue;
    }
    const search = findNodes(context, start);
    const sampled = kind === 'sampling' ? sampling(search, start) : {};
    start = search.nextStart;
    const { feasible, rejected } = search;
    const counts = { feasibleCount: feasible.length, evaluated: feasible.length + rejected.size };
    if (feasible.length === 0) {
      const message = fitErrorMessage({ nodeCount: nodes.length, statuses: rejected });
      steps.push({ ...name, ...sampled, feasibleCount: 0, message });
      continue;
    }
    const { scores, best } = chooseNode(context, feasible);
    const names = best.map((i) => feasible[i].name).sort();
    const host = feasible[firstInPreorder(best)].name;
    const chosen = kind === 'sampling' ? host : names[0];
    steps.push({
      ...name,
      ...counts,
      ...sampled,
      bestCount: best.length,
      ...(scores && { bestTotal: scores.totals[best[0]] }),
      host,
      ...(kind === 'sequence' && { chosen, ...(best.length <= BEST_SHOWN && { best: names }) }),
    });
    const { nominatedNodeName: _, ...unbound } = pod.pod;
    cluster.addPod({ ...unbound, nodeName: chosen });
  }
  return { steps };
}

/** The pods as the queue gives them out: by priority, then by time, then as listed. */
function inOrder(input: Json): PodInfo[] {
  const queue = input.at('queue').items.map((raw, at) => ({
    pod: podInfo(podObject(raw)),
    created: raw.at('metadata', 'creationTimestamp').time ?? 0,
    at,
  }));
  queue.sort((a, b) => b.pod.priority - a.pod.priority || a.created - b.created || a.at - b.at);
  return queue.map(({ pod }) => pod);
}

function sampling({ feasible, rejected, nextStart }: Search, start: number) {
  const names = feasible.map(({ name }) => name);
  return {
    startIndex: start,
    nextIndex: nextStart,
    rejectedCount: rejected.size,
    // The recorder writes an empty list as null.
    ...(names.length <= FEASIBLE_SHOWN && { feasible: names.length === 0 ? null : names }),
    ...(names.length > 0 && {
      firstFeasible: names[0],
      lastFeasible: names.at(-1),
      feasibleHash: hash(names),
    }),
    ...(rejected.size > 0 && { rejectedHash: hash([...rejected.keys()]) }),
  };
}

/** 32-bit FNV-1a over names joined by commas. */
function hash(names: readonly string[]): string {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(names.join(','))) h = Math.imul(h ^ byte, 0x01000193);
  return (h >>> 0).toString(16).padStart(8, '0');
}
