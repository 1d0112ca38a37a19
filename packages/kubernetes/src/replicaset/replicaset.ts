import { goSortBy } from '@plimsoll/core';
import { type Crowding, compareForDeletion } from '../pods/deletion-order.ts';
import { isActive, isAvailable, isTerminating, type PodState } from '../pods/pod-state.ts';

/** Pods that one sync creates or deletes at most. Source: Kubernetes v1.36.2, `pkg/controller/replicaset/replica_set.go` (BurstReplicas). */
export const REPLICASET_BURST = 500;

/** What a ReplicaSet counts. */
export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeled: number;
  readonly ready: number;
  readonly available: number;
  /** Pods that are going. */
  readonly terminating: number;
}

/**
 * The deletion order of a ReplicaSet's active pods: the first is the first victim. See {@link compareForDeletion}. Among equals Go's
 * sort decides, from the order they are given in, which in the real controller is that of a map.
 */
export function deletionOrder(active: readonly PodState[], related: readonly PodState[], now: number): PodState[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    if (!isActive(pod)) continue;
    const node = pod.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const crowding: Crowding = (pod) => onNode.get(pod.nodeName ?? '') ?? 0;
  return goSortBy([...active], (a, b) => compareForDeletion(a, b, crowding, now) < 0);
}

/**
 * What one sync wants: pods to create, or victims. At most {@link REPLICASET_BURST} of either.
 *
 * @param related active or not, all pods that the selectors of the ReplicaSets of the same Deployment match; none without a Deployment
 */
export function planReplicas(
  replicas: number,
  active: readonly PodState[],
  related: readonly PodState[],
  now: number,
): { readonly create: number; readonly victims: readonly PodState[] } {
  const excess = active.length - replicas;
  if (excess <= 0) return { create: Math.min(-excess, REPLICASET_BURST), victims: [] };
  const count = Math.min(excess, REPLICASET_BURST);
  // Nothing to choose where all go.
  const victims = count < active.length ? deletionOrder(active, related, now).slice(0, count) : active;
  return { create: 0, victims };
}

/** Counts the pods of a ReplicaSet. `templateMatches`: whether the pod has all labels of the template. */
export function replicaSetStatus(
  pods: readonly PodState[],
  minReadyMs: number,
  now: number,
  templateMatches: (pod: PodState) => boolean,
): ReplicaSetStatus {
  let [replicas, fullyLabeled, ready, available, terminating] = [0, 0, 0, 0, 0];
  for (const pod of pods) {
    if (isTerminating(pod)) terminating++;
    if (!isActive(pod)) continue;
    replicas++;
    if (templateMatches(pod)) fullyLabeled++;
    if (pod.ready) ready++;
    if (isAvailable(pod, minReadyMs, now)) available++;
  }
  return { replicas, fullyLabeled, ready, available, terminating };
}
