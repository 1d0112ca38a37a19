import type { LabelSelector } from '../model/labels.ts';
import type { PodSpec } from '../model/pod-spec.ts';

/** A count, or a percentage such as `"25%"`. */
export type CountOrPercent = number | string;

/** A Deployment, and how it replaces pods whose template has changed. */
export interface DeploymentObject {
  readonly kind: 'Deployment';
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly template: PodSpec;
  /** `Recreate` waits until all old pods are gone. Default RollingUpdate. */
  readonly strategy?: 'RollingUpdate' | 'Recreate';
  /** Pods beyond the replicas wanted while pods are replaced. Default 25%, rounded up. */
  readonly maxSurge?: CountOrPercent;
  /** Replicas that may be missing meanwhile. Default 25%, rounded down. */
  readonly maxUnavailable?: CountOrPercent;
  /** How long a pod must be ready to count as available, seconds. Default 0. */
  readonly minReadySeconds?: number;
}

/** A DaemonSet: a pod on each node that its template's node selector and tolerations allow. */
export interface DaemonSetObject {
  readonly kind: 'DaemonSet';
  readonly namespace: string;
  readonly name: string;
  readonly template: PodSpec;
}

/** A Job. */
export interface JobObject {
  readonly kind: 'Job';
  readonly namespace: string;
  readonly name: string;
  readonly parallelism: number;
  /** Pods that must succeed. Absent: one, and none starts after it. */
  readonly completions?: number;
  /** Failures that count, at most. Default 6. */
  readonly backoffLimit?: number;
  /** Whether a pod that was evicted, preempted or lost with its node counts as no failure. It is replaced after the same pause either way. */
  readonly ignoresDisruption?: boolean;
  readonly template: PodSpec;
  /** Milliseconds that each pod runs. */
  readonly duration: number;
}

/** A pod without an owner. */
export interface PodObject {
  readonly kind: 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly template: PodSpec;
  /** Milliseconds that it runs, or Infinity. */
  readonly duration: number;
}

/** A PodDisruptionBudget. */
export interface BudgetObject {
  readonly kind: 'PodDisruptionBudget';
  readonly namespace: string;
  readonly name: string;
  readonly selector?: LabelSelector;
  readonly minAvailable?: CountOrPercent;
  readonly maxUnavailable?: CountOrPercent;
  readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
}

/** An object that brings pods, or says something about them. */
export type WorkloadObject = DeploymentObject | DaemonSetObject | JobObject | PodObject | BudgetObject;

/** A call of a user to the API, at a time in whole milliseconds. An object of the same kind, namespace and name is replaced. */
export type WorkloadCall =
  | { readonly time: number; readonly verb: 'apply'; readonly object: WorkloadObject }
  | {
      readonly time: number;
      readonly verb: 'delete';
      readonly kind: WorkloadObject['kind'];
      readonly namespace: string;
      readonly name: string;
    };
