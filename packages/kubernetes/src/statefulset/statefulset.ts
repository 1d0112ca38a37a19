import { isAvailable, type PodState } from '../pods/pod-state.ts';

/** What a StatefulSet is told to do. */
export interface StatefulSetSpec {
  readonly replicas: number;
  readonly parallel: boolean;
  /** `OnDelete`: pods are updated when somebody deletes them. */
  readonly onDelete: boolean;
  /** Places below it keep the old revision during a rolling update. */
  readonly partition: number;
  readonly firstOrdinal: number;
  readonly minReadyMs: number;
}

/** A pod of a StatefulSet. */
export interface StatefulPod extends PodState {
  readonly ordinal: number;
  readonly revision: string;
}

export interface StatefulSetStatus {
  readonly replicas: number;
  readonly ready: number;
  readonly available: number;
  readonly current: number;
  readonly updated: number;
  readonly currentRevision: string;
  readonly updateRevision: string;
}

/** What the controller does to the API. */
export interface StatefulSetActions {
  create(ordinal: number, revision: string): void;
  delete(pod: StatefulPod): void;
}

/**
 * One sync of a StatefulSet: keeps ordinals filled, takes surplus ones away from the top, then updates from the top.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/statefulset/stateful_set_control.go`, gate MaxUnavailableStatefulSet off. Claims are not modelled.
 */
export function syncStatefulSet(
  spec: StatefulSetSpec,
  { currentRevision, updateRevision }: Pick<StatefulSetStatus, 'currentRevision' | 'updateRevision'>,
  pods: readonly StatefulPod[],
  actions: StatefulSetActions,
  now: number,
): StatefulSetStatus {
  const deleted = work(spec, currentRevision, updateRevision, pods, actions, now);
  let [replicas, ready, available, current, updated] = [pods.length, 0, 0, 0, 0];
  for (const pod of pods) {
    if (runsReady(pod)) {
      ready++;
      if (isAvailable(pod, spec.minReadyMs, now)) available++;
    }
    if (pod.deleting || pod === deleted) continue;
    if (pod.revision === currentRevision) current++;
    if (pod.revision === updateRevision) updated++;
  }
  const status = { replicas, ready, available, current, updated, currentRevision, updateRevision };
  const done = !spec.onDelete && updated === spec.replicas && ready === spec.replicas && replicas === spec.replicas;
  return done ? { ...status, current: updated, currentRevision: updateRevision } : status;
}

/** Does what can be done now; the pod that a rolling update deleted, if one. */
function work(
  spec: StatefulSetSpec,
  currentRevision: string,
  updateRevision: string,
  pods: readonly StatefulPod[],
  actions: StatefulSetActions,
  now: number,
): StatefulPod | undefined {
  const { firstOrdinal, minReadyMs, parallel } = spec;
  const last = firstOrdinal + spec.replicas - 1;
  const kept: (StatefulPod | undefined)[] = new Array(spec.replicas).fill(undefined);
  const condemned: StatefulPod[] = [];
  const isFine = (pod: StatefulPod): boolean => isUp(pod) && !pod.deleting;
  const isUp = (pod: StatefulPod): boolean => runsReady(pod) && isAvailable(pod, minReadyMs, now);
  for (const pod of pods) {
    if (pod.ordinal >= firstOrdinal && pod.ordinal <= last) kept[pod.ordinal - firstOrdinal] = pod;
    else condemned.push(pod);
  }
  condemned.sort((a, b) => b.ordinal - a.ordinal);
  const missing = kept.findIndex((pod) => pod === undefined || !isFine(pod));
  const firstUnhealthy = missing >= 0 ? kept[missing] : [...condemned].reverse().find((pod) => !isFine(pod));

  for (let index = 0; index < kept.length; index++) {
    const pod = kept[index];
    if (pod === undefined) {
      const ordinal = firstOrdinal + index;
      const old = !spec.onDelete && index < spec.partition;
      actions.create(ordinal, old ? currentRevision : updateRevision);
      if (!parallel) return undefined;
      continue;
    }
    if (pod.phase === 'Failed' || pod.phase === 'Succeeded') {
      if (!pod.deleting) actions.delete(pod);
      if (!parallel) return undefined;
      continue;
    }
    if (!parallel && !isFine(pod)) return undefined;
  }
  for (const pod of condemned) {
    if (pod.deleting) {
      if (!parallel) return undefined;
      continue;
    }
    if (!parallel && !isUp(pod) && !(missing < 0 && pod === firstUnhealthy)) return undefined;
    actions.delete(pod);
    if (!parallel) return undefined;
  }
  if (spec.onDelete) return undefined;
  for (let index = kept.length - 1; index >= spec.partition; index--) {
    const pod = kept[index];
    if (pod === undefined) return undefined;
    if (pod.revision !== updateRevision && !pod.deleting) {
      actions.delete(pod);
      return pod;
    }
    if (!isFine(pod)) return undefined;
  }
  return undefined;
}

function runsReady({ phase, ready }: StatefulPod): boolean {
  return phase === 'Running' && ready;
}
