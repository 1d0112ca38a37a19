import type { ContainerState, DeschedulerPod } from '../cluster.ts';
import type { RemoveFailedPodsArgs } from '../policy.ts';
import { concerns, evictInOrder, type StrategyContext } from './strategy.ts';

/** Evicts failed pods. Source: descheduler v0.36.0, `plugins/removefailedpods`. */
export function removeFailedPods(context: StrategyContext, args: RemoveFailedPodsArgs): void {
  const { cluster, nodes } = context;
  for (const node of nodes) {
    const pods = cluster
      .allPodsOn(node.name)
      .filter(
        (pod) =>
          pod.phase === 'Failed' &&
          concerns(args, pod) &&
          context.evictable(pod) &&
          context.passes(pod) &&
          isMeant(pod, args, cluster.now),
      );
    if (!evictInOrder(pods, context)) return;
  }
}

function isMeant(pod: DeschedulerPod, args: RemoveFailedPodsArgs, now: number): boolean {
  if (Math.floor((now - pod.createdAt) / 1000) < args.minPodLifetimeSeconds) return false;
  if (pod.owners.some(({ kind }) => args.excludeOwnerKinds.includes(kind))) return false;
  const containers = args.includingInitContainers ? [...pod.containers, ...pod.initContainers] : pod.containers;
  if (args.reasons.length > 0) {
    const reasons = [...containers.flatMap(reasonsOf), pod.reason];
    if (!reasons.some((reason) => reason !== undefined && args.reasons.includes(reason))) return false;
  }
  return (
    args.exitCodes.length === 0 || containers.some(({ exitCode }) => exitCode !== undefined && args.exitCodes.includes(exitCode))
  );
}

function reasonsOf({ waitingReason, terminatedReason }: ContainerState): (string | undefined)[] {
  return [waitingReason, terminatedReason];
}
