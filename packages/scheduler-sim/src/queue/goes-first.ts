import type { ClusterView } from '@plimsoll/core';
import type { SchedulerConfig } from '../plain/config.ts';
import { simulatedPod } from '../plain/simulated-objects.ts';
import type { QueuedPod } from '../plain/user-plugin.ts';

/**
 * The order of waiting pods that a plug-in of the user's own gives, by pod rows; undefined for that of PrioritySort.
 *
 * @param since when a pod entered the queue, or when its last attempt failed
 */
export function goesFirst(
  view: ClusterView,
  { queueSort, plugins = [] }: SchedulerConfig,
  since: (pod: number) => number,
): ((a: number, b: number) => boolean) | undefined {
  const before = plugins.find(({ name }) => name === queueSort)?.before;
  if (before === undefined) return undefined;
  const queued = (pod: number): QueuedPod => {
    const { spec, priority } = view.classes.pods[view.pods.class[pod]];
    return { pod: simulatedPod(spec, String(pod)), priority, since: since(pod) };
  };
  return (a, b) => before(queued(a), queued(b));
}
