import type { Labels } from '@plimsoll/core';

/** Phases of a pod's life. */
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

/** What the controllers of workloads read of a pod. Times are milliseconds. */
export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  /** UID of the controlling owner. */
  readonly ownerUid?: string;
  /** Absent while the pod is bound to no node. */
  readonly nodeName?: string;
  readonly phase: PodPhase;
  readonly ready: boolean;
  /** When the Ready condition last changed. */
  readonly readyChangedAt?: number;
  readonly createdAt: number;
  /** Its deletion was asked for. */
  readonly deleting: boolean;
  /** Annotation `controller.kubernetes.io/pod-deletion-cost`, as {@link deletionCost} reads it. Default 0. */
  readonly deletionCost?: number;
  /** The most restarts of one container. Default 0. */
  readonly restarts?: number;
  /** The most restarts of one sidecar. Default 0. */
  readonly sidecarRestarts?: number;
}

/** Succeeded or failed: it will not run again. */
export function isTerminal({ phase }: Pick<PodState, 'phase'>): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Counts as a replica: neither finished nor going. */
export function isActive(pod: Pick<PodState, 'phase' | 'deleting'>): boolean {
  return !isTerminal(pod) && !pod.deleting;
}

/** Going, and not finished yet. */
export function isTerminating(pod: Pick<PodState, 'phase' | 'deleting'>): boolean {
  return !isTerminal(pod) && pod.deleting;
}

/** Ready for at least `minReadyMs`. Source: Kubernetes v1.36, `pkg/api/v1/pod/util.go`. */
export function isAvailable(pod: Pick<PodState, 'ready' | 'readyChangedAt'>, minReadyMs: number, now: number): boolean {
  if (!pod.ready) return false;
  return minReadyMs === 0 || (pod.readyChangedAt !== undefined && pod.readyChangedAt + minReadyMs <= now);
}
