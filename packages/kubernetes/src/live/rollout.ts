import type { DeploymentObject } from '@plimsoll/core';
import { scaledCount } from '../pods/int-or-percent.ts';

/** A ReplicaSet as its Deployment sees it. */
export interface RolloutSet {
  readonly replicas: number;
  readonly available: number;
}

/**
 * The next step of a Deployment: what its ReplicaSets shall have, the new one first, then the old ones in order of their age. It is
 * taken again after each change, until nothing changes.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/deployment/rolling.go`, `recreate.go`, `sync.go`.
 */
export function rolloutStep(
  deployment: Pick<DeploymentObject, 'replicas' | 'strategy' | 'maxSurge' | 'maxUnavailable'>,
  current: RolloutSet,
  old: readonly RolloutSet[],
): { readonly current: number; readonly old: readonly number[] } {
  const { replicas } = deployment;
  const oldSum = old.reduce((sum, set) => sum + set.replicas, 0);
  if (deployment.strategy === 'Recreate') {
    return { current: oldSum > 0 ? current.replicas : replicas, old: old.map(() => 0) };
  }
  const { surge, unavailable } = bounds(deployment);
  const unchanged = old.map((set) => set.replicas);
  const wanted = grown(replicas, surge, current.replicas, oldSum);
  if (wanted !== current.replicas) return { current: wanted, old: unchanged };
  if (oldSum === 0) return { current: current.replicas, old: unchanged };
  const minAvailable = replicas - unavailable;
  const newUnavailable = current.replicas - current.available;
  let mayGo = current.replicas + oldSum - minAvailable - newUnavailable;
  if (mayGo <= 0) return { current: current.replicas, old: unchanged };
  // Replicas that do not serve go first, whichever set they are of; then those that can be spared.
  const left = old.map((set) => {
    const gone = Math.min(mayGo, Math.max(0, set.replicas - set.available));
    mayGo -= gone;
    return set.replicas - gone;
  });
  let spare = current.available + old.reduce((sum, set) => sum + set.available, 0) - minAvailable;
  return {
    current: current.replicas,
    old: left.map((count) => {
      const gone = Math.min(Math.max(0, spare), count);
      spare -= gone;
      return count - gone;
    }),
  };
}

function grown(replicas: number, surge: number, current: number, oldSum: number): number {
  if (current > replicas) return replicas;
  const room = replicas + surge - (current + oldSum);
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}

function bounds({
  replicas,
  maxSurge = '25%',
  maxUnavailable = '25%',
}: Pick<DeploymentObject, 'replicas' | 'maxSurge' | 'maxUnavailable'>): {
  surge: number;
  unavailable: number;
} {
  const surge = scaledCount(maxSurge, replicas, 'up');
  const unavailable = Math.min(scaledCount(maxUnavailable, replicas, 'down'), replicas);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}
