import { goSortBy } from '@plimsoll/core';
import type { DeschedulerPod } from '../cluster.ts';
import type { TooManyRestartsArgs } from '../policy.ts';
import { concerns, evictInOrder, type StrategyContext } from './strategy.ts';

/** Evicts pods whose containers restarted too often, most restarts first. Source: descheduler v0.36.0, `plugins/removepodshavingtoomanyrestarts`. */
export function removePodsHavingTooManyRestarts(context: StrategyContext, args: TooManyRestartsArgs): void {
  const restarts = (pod: DeschedulerPod): number => {
    const containers = args.includingInitContainers ? [...pod.containers, ...pod.initContainers] : pod.containers;
    return containers.reduce((sum, container) => sum + container.restarts, 0);
  };
  for (const node of context.nodes) {
    const pods = context.cluster
      .allPodsOn(node.name)
      .filter(
        (pod) =>
          concerns(args, pod) &&
          context.evictable(pod) &&
          context.passes(pod) &&
          restarts(pod) >= args.podRestartThreshold &&
          inState(pod, args),
      );
    goSortBy(pods, (a, b) => restarts(a) > restarts(b));
    if (!evictInOrder(pods, context)) return;
  }
}

function inState(pod: DeschedulerPod, { states, includingInitContainers }: TooManyRestartsArgs): boolean {
  if (states.length === 0 || states.includes(pod.phase)) return true;
  const containers = includingInitContainers ? [...pod.containers, ...pod.initContainers] : pod.containers;
  return containers.some(({ waitingReason }) => waitingReason !== undefined && states.includes(waitingReason));
}
