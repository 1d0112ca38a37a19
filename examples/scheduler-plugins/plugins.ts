// Plug-ins for the scheduler on one page: one that filters and scores, and one that sorts the queue.
// packages/plimsoll/test/scheduler-plugins.test.ts runs them; docs/scheduler.md says what a plug-in may do.
import { type NodeInfo, type PodObject, type UserPlugin, unschedulable } from '@plimsoll/scheduler-sim';

const LICENCE = 'example.com/licence';
const LICENCES = 'example.com/licences';

/**
 * Nodes with the label `example.com/licences: "2"` take two pods with the label `example.com/licence`, others none. Of nodes that have
 * some left, the one with the fewest is used up first.
 */
export const licences: UserPlugin = {
  name: 'Licences',
  weight: 5,
  filter: ({ pod }) => {
    if (pod.labels[LICENCE] === undefined) return { is: 'skip' };
    return {
      is: 'ready',
      state: {
        // An eviction could free a licence, so preemption may try: unschedulable and not unresolvable.
        filter: (node) => (licencesLeft(node) > 0 ? undefined : unschedulable('Licences', 'node(s) had no licence left')),
      },
    };
  },
  score: ({ pod }) => {
    if (pod.labels[LICENCE] === undefined) return undefined;
    return {
      score: (node) => licencesLeft(node),
      normalise: (scores) => {
        const most = Math.max(...scores);
        for (let i = 0; i < scores.length; i++) scores[i] = most === 0 ? 0 : 100 - Math.trunc((100 * scores[i]) / most);
      },
    };
  },
};

function licencesLeft({ node, pods }: NodeInfo): number {
  return Number(node.labels[LICENCES] ?? 0) - pods.filter(({ labels }) => labels[LICENCE] !== undefined).length;
}

/** Whichever waiting pod asks for the least CPU goes first, whatever its priority. */
export const smallestFirst: UserPlugin = {
  name: 'SmallestFirst',
  before: (a, b) => cpuOf(a.pod) < cpuOf(b.pod),
};

function cpuOf({ spec }: PodObject): number {
  return spec.containers.reduce((sum, { requests }) => sum + (requests.cpu ?? 0), 0);
}
