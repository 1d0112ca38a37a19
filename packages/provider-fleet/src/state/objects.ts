import type { LabelSelector, Labels, NodeSelectorTerm, PodSpec, ResourceList, Taint } from '@plimsoll/core';
import type { RequirementSpec } from '../requirements/requirement-set.ts';

/** Who an object belongs to. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Whether the owner controls the object. */
  readonly controller: boolean;
}

/** A pod as Karpenter reads it from the API. Times are milliseconds; a pod without a creation time has 0. */
export interface PodObject {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number;
  /** What it asks for. Pods whose specs are the same object share all that is derived from it. */
  readonly spec: PodSpec;
  readonly owners: readonly OwnerReference[];
  /** The node that it is bound to. */
  readonly nodeName?: string;
  /** The node that it preempts others on. */
  readonly nominatedNodeName?: string;
  readonly phase: string;
  /** When its deletion was asked for to take effect; absent where it was not. */
  readonly deletedAt?: number;
  readonly startedAt?: number;
  /** Whether the scheduler has said that it is unschedulable. */
  readonly unschedulable: boolean;
  /** Whether its Ready condition is False. */
  readonly unready: boolean;
  /** Whether it or one of its containers refers to a ResourceClaim. */
  readonly hasResourceClaims: boolean;
}

/** A condition of an object. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** Milliseconds, or 0. */
  readonly changedAt: number;
}

/** A Node. */
export interface NodeObject {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly createdAt: number;
  readonly deletedAt?: number;
  /** Empty where it has none. */
  readonly providerId: string;
  readonly taints: readonly Taint[];
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly conditions: readonly Condition[];
}

/** A NodeClaim. */
export interface NodeClaimObject {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly createdAt: number;
  readonly deletedAt?: number;
  readonly requirements: readonly RequirementSpec[];
  readonly taints: readonly Taint[];
  readonly startupTaints: readonly Taint[];
  /** Milliseconds; absent where it never expires. */
  readonly expireAfterMs?: number;
  readonly terminationGracePeriodMs?: number;
  /** Empty until it is launched. */
  readonly providerId: string;
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly conditions: readonly Condition[];
  /** When a pod of it last came or went. */
  readonly lastPodEventAt?: number;
}

/** A budget of a NodePool as it is written. */
export interface PoolBudget {
  /** A number or a percentage. */
  readonly nodes: string;
  readonly reasons?: readonly string[];
  readonly schedule?: string;
  readonly durationMs?: number;
}

/** A NodePool. What is absent is absent: no default of the API is applied. */
export interface NodePoolObject {
  readonly name: string;
  readonly annotations: Labels;
  /** 0 where it has none. */
  readonly weight: number;
  /** Labels of its nodes. */
  readonly labels: Labels;
  readonly requirements: readonly RequirementSpec[];
  readonly taints: readonly Taint[];
  readonly startupTaints: readonly Taint[];
  /** Absent where it has no limits. */
  readonly limits?: ResourceList;
  /** Set on static pools. */
  readonly replicas?: number;
  readonly ready: boolean;
  readonly deleting: boolean;
  readonly expireAfterMs?: number;
  readonly terminationGracePeriodMs?: number;
  readonly consolidationPolicy?: string;
  /** Milliseconds; absent for `Never`. */
  readonly consolidateAfterMs?: number;
  readonly budgets?: readonly PoolBudget[];
}

/** A DaemonSet. */
export interface DaemonSetObject {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Its template. Limits without a request count as requests. */
  readonly template: PodSpec;
}

/** A PodDisruptionBudget. */
export interface BudgetObject {
  readonly name: string;
  readonly namespace: string;
  readonly selector?: LabelSelector;
  readonly disruptionsAllowed: number;
  readonly maxUnavailable?: string | number;
  readonly minAvailable?: string | number;
  readonly alwaysEvictsUnhealthy: boolean;
}

/** A PersistentVolumeClaim. */
export interface VolumeClaimObject {
  readonly name: string;
  readonly namespace: string;
  /** Empty while it is not bound. */
  readonly volumeName: string;
  /** Empty where it names none. */
  readonly storageClassName: string;
  readonly deleting: boolean;
  readonly lost: boolean;
  /** Whether it carries the annotation of a completed binding. */
  readonly bindCompleted: boolean;
}

/** A PersistentVolume. */
export interface VolumeObject {
  readonly name: string;
  readonly deleting: boolean;
  /** Name of its CSI driver; empty for other volumes. */
  readonly driver: string;
  /** Local and hostPath volumes: a hostname term does not bind the pod to the host. */
  readonly local: boolean;
  readonly nodeAffinity?: readonly NodeSelectorTerm[];
}

/** A StorageClass. */
export interface StorageClassObject {
  readonly name: string;
  readonly provisioner: string;
  readonly immediate: boolean;
  /** Alternatives: all expressions of one must hold. */
  readonly allowedTopologies: readonly (readonly { readonly key: string; readonly values: readonly string[] }[])[];
}

/** A CSINode: how many volumes of each driver fit on a node. */
export interface CsiNodeObject {
  readonly name: string;
  readonly drivers: readonly { readonly name: string; readonly count?: number }[];
}

/** A Namespace. */
export interface NamespaceObject {
  readonly name: string;
  readonly labels: Labels;
}

/** Everything that Karpenter reads. Lists stand in the order of (namespace, name). */
export interface ClusterObjects {
  readonly pods: readonly PodObject[];
  readonly nodes: readonly NodeObject[];
  readonly nodeClaims: readonly NodeClaimObject[];
  readonly nodePools: readonly NodePoolObject[];
  readonly daemonSets: readonly DaemonSetObject[];
  readonly budgets: readonly BudgetObject[];
  readonly volumeClaims: readonly VolumeClaimObject[];
  readonly volumes: readonly VolumeObject[];
  readonly storageClasses: readonly StorageClassObject[];
  readonly csiNodes: readonly CsiNodeObject[];
  readonly namespaces: readonly NamespaceObject[];
}
