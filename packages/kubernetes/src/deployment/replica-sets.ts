import { compareText } from '@plimsoll/core';
import { scaledCount } from '../pods/int-or-percent.ts';
import type { DeploymentSpec, DeploymentStatus, OwnedReplicaSet } from './deployment.ts';

/** Pods above the wanted number that a rollout may create: rounded up. 0 where the strategy is Recreate. */
export function maxSurge({ strategy, replicas }: DeploymentSpec): number {
  return strategy.type === 'Recreate' ? 0 : scaledCount(strategy.maxSurge, replicas, 'up');
}

/** Pods that may be missing during a rollout: rounded down, but 1 where both limits would be 0, and no more than there are. */
export function maxUnavailable(spec: DeploymentSpec): number {
  const { strategy, replicas } = spec;
  if (strategy.type === 'Recreate' || replicas === 0) return 0;
  const unavailable = scaledCount(strategy.maxUnavailable, replicas, 'down');
  return Math.min(unavailable === 0 && maxSurge(spec) === 0 ? 1 : unavailable, replicas);
}

export function wantedPods(sets: readonly OwnedReplicaSet[]): number {
  return sets.reduce((sum, { replicas }) => sum + replicas, 0);
}

export function availablePods(sets: readonly OwnedReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + status.available, 0);
}

export function actualPods(sets: readonly OwnedReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + status.replicas, 0);
}

/** Sets that want pods. */
export function activeSets(sets: readonly OwnedReplicaSet[]): OwnedReplicaSet[] {
  return sets.filter(({ replicas }) => replicas > 0);
}

export function byCreation(a: OwnedReplicaSet, b: OwnedReplicaSet): number {
  return a.createdAt - b.createdAt || compareText(a.name, b.name);
}

/** How many replicas the new set is to have now. */
export function newSetReplicas(spec: DeploymentSpec, all: readonly OwnedReplicaSet[], current: number): number {
  if (spec.strategy.type === 'Recreate') return spec.replicas;
  const room = spec.replicas + maxSurge(spec) - wantedPods(all);
  return room <= 0 ? current : current + Math.min(room, spec.replicas - current);
}

/** All pods are of the newest template and available. */
export function isComplete({ replicas }: DeploymentSpec, status: DeploymentStatus): boolean {
  return status.updated === replicas && status.replicas === replicas && status.available === replicas;
}

/**
 * A set's share of a change of the deployment's size, before leftovers.
 *
 * @param toAdd pods to add in all, or to remove where negative
 * @param added the shares that were given out already
 */
export function proportion(
  set: OwnedReplicaSet,
  spec: DeploymentSpec,
  status: DeploymentStatus,
  toAdd: number,
  added: number,
): number {
  if (set.replicas === 0 || toAdd === 0 || toAdd === added) return 0;
  const share = fraction(set, spec, status);
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
}

function fraction(set: OwnedReplicaSet, spec: DeploymentSpec, status: DeploymentStatus): number {
  if (spec.replicas === 0) return -set.replicas;
  const before = set.annotatedMax || status.replicas;
  if (before === 0) return 0;
  // Halves are rounded away from zero; sizes are never negative.
  return Math.floor((set.replicas * (spec.replicas + maxSurge(spec))) / before + 0.5) - set.replicas;
}
