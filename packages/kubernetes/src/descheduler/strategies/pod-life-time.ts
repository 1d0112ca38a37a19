import { goSortBy } from '@plimsoll/core';
import type { ContainerState, DeschedulerPod } from '../cluster.ts';
import type { PodConditionFilter, PodLifeTimeArgs } from '../policy.ts';
import { concerns, type StrategyContext } from './strategy.ts';

/** Evicts pods that are too old, or in a state that does not please, oldest first. Source: descheduler v0.36.0, `plugins/podlifetime`. */
export function removeOldPods(context: StrategyContext, args: PodLifeTimeArgs): void {
  const { cluster, nodes } = context;
  const pods = nodes.flatMap(({ name }) =>
    cluster
      .allPodsOn(name)
      .filter((pod) => concerns(args, pod) && context.evictable(pod) && context.passes(pod) && isMeant(pod, args, cluster.now)),
  );
  goSortBy(pods, (a, b) => a.createdAt < b.createdAt);
  for (const pod of pods) if (context.evict(pod) === 'total limit') return;
}

function isMeant(pod: DeschedulerPod, args: PodLifeTimeArgs, now: number): boolean {
  const { maxPodLifeTimeSeconds: most, states, ownerKinds, conditions, exitCodes } = args;
  const age = now - pod.createdAt;
  if (most !== undefined && (age < 0 || Math.floor(age / 1000) <= most)) return false;
  const containers = args.includingInitContainers ? [...pod.containers, ...pod.initContainers] : pod.containers;
  if (states.length > 0 && !inState(pod, containers, states)) return false;
  if (ownerKinds?.include?.length) {
    if (!pod.owners.some(({ kind }) => ownerKinds.include?.includes(kind))) return false;
  } else if (pod.owners.some(({ kind }) => ownerKinds?.exclude?.includes(kind))) return false;
  if (conditions.length > 0 && !conditions.some((filter) => meets(pod, filter, now))) return false;
  return exitCodes.length === 0 || containers.some(({ exitCode }) => exitCode !== undefined && exitCodes.includes(exitCode));
}

function inState(pod: DeschedulerPod, containers: readonly ContainerState[], states: readonly string[]): boolean {
  const found = [pod.phase, pod.reason, ...containers.flatMap((one) => [one.waitingReason, one.terminatedReason])];
  return found.some((state) => state !== undefined && states.includes(state));
}

function meets(pod: DeschedulerPod, filter: PodConditionFilter, now: number): boolean {
  const { type, status, reason, minTimeSinceLastTransitionSeconds: least } = filter;
  return pod.conditions.some((condition) => {
    if (type && condition.type !== type) return false;
    if (status && condition.status !== status) return false;
    if (reason && condition.reason !== reason) return false;
    if (least === undefined) return true;
    return condition.changedAt !== undefined && Math.floor((now - condition.changedAt) / 1000) >= least;
  });
}
