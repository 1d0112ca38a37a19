import type { LabelSelector } from '../model/labels.ts';
import type { PodSpec } from '../model/pod-spec.ts';

/** A DaemonSet. */
export interface DaemonSetFact {
  readonly namespace: string;
  readonly name: string;
  /** Its row as the owner of pods, where it owns any. */
  readonly owner?: number;
  readonly priorityClassName?: string;
  /** Its pods, as its controller makes them: `controller` is `DaemonSet`, and the tolerations of such pods are there. No node is named. */
  readonly spec: PodSpec;
}

/** A disruption budget as it stands now. */
export interface BudgetFact {
  readonly namespace: string;
  readonly selector: LabelSelector | undefined;
  /** Pods that may be evicted now. */
  readonly disruptionsAllowed: number;
  /** Whether it never allows an eviction, as `maxUnavailable: 0` or `minAvailable: "100%"`. Default false. */
  readonly blocksAlways?: boolean;
  /** Whether pods that are not ready may be evicted all the same: `unhealthyPodEvictionPolicy: AlwaysAllow`. Default false. */
  readonly evictsUnhealthy?: boolean;
}

/** What the cluster's API tells beside pods and nodes. What is absent counts as none, and controllers as there. */
export interface ClusterFacts {
  /** In order of namespace and name. */
  readonly daemonSets?: readonly DaemonSetFact[];
  budgets?(): readonly BudgetFact[];
  /** The object that would replace a pod, with the replicas that it asks for; undefined where it does not exist any more. */
  controller?(pod: number): { readonly replicas?: number } | undefined;
  /** Whether the object of a pod that has ended is still there, as a Job keeps those of failed pods until its pause is over. */
  lingers?(pod: number): boolean;
  /** The node that the scheduler keeps for a pending pod, or NONE. */
  nominatedNode?(pod: number): number;
}
