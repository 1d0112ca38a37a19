import type { LabelSelector, Labels, NodeSelectorTerm, PodSpec, ResourceList, Taint } from '@plimsoll/core';

/** A pod as the plain scheduler sees it: its spec, and what its object says besides. */
export interface PodObject {
  readonly name: string;
  readonly namespace: string;
  readonly spec: PodSpec;
  /** Node that it is bound to. */
  readonly nodeName?: string;
  /** Node that it waits for. */
  readonly nominatedNodeName?: string;
  /** When it started, milliseconds. Absent counts as now. */
  readonly startTime?: number;
  /** Whether its deletion was asked for, and whether for a preemption. */
  readonly deleting?: boolean;
  readonly preempted?: boolean;
  /** The object that controls it. */
  readonly owner?: { readonly kind: string; readonly name: string };
  /** Images that it mounts as volumes. */
  readonly imageVolumes?: readonly string[];
  /** What its running containers have and were promised, where they may be resized in place. */
  readonly containerStatuses?: readonly ContainerStatus[];
  /** Whether the resize that its spec asks for can never happen on its node. */
  readonly resizeInfeasible?: boolean;
}

/** Resources of a running container. */
export interface ContainerStatus {
  readonly name: string;
  readonly allocated?: ResourceList;
  readonly actuated?: ResourceList;
}

/** A node as the plain scheduler sees it. Its labels are complete: the hostname is one of them, or not there. */
export interface NodeObject {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly allocatable: ResourceList;
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

/** A disruption budget. */
export interface BudgetObject {
  readonly namespace: string;
  readonly selector?: LabelSelector;
  readonly disruptionsAllowed: number;
  /** Pods whose disruption is counted already. */
  readonly disruptedPods?: readonly string[];
}

/** An object that selects pods by labels: a Service, or a controller. */
export interface SelectingObject {
  readonly name: string;
  readonly namespace: string;
  readonly selector?: LabelSelector;
}

export interface ClaimObject {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly volumeName?: string;
  readonly storageClassName?: string;
  readonly accessModes: readonly string[];
  readonly requestedBytes: number;
  readonly deleting: boolean;
  /** Whether the binding is complete on the claim's side. */
  readonly bindCompleted: boolean;
  /** Node that was chosen for it while it waits to be provisioned. */
  readonly selectedNode?: string;
  readonly phase: 'Pending' | 'Bound' | 'Lost';
}

export interface VolumeObject {
  readonly name: string;
  readonly labels: Labels;
  readonly capacityBytes: number;
  readonly accessModes: readonly string[];
  readonly storageClassName: string;
  readonly phase: string;
  readonly claimRef?: { readonly namespace: string; readonly name: string; readonly uid?: string };
  readonly csi?: { readonly driver: string; readonly volumeHandle: string };
  /** Alternatives, any of which a node must match. */
  readonly nodeAffinity?: readonly NodeSelectorTerm[];
  readonly deleting: boolean;
}

export interface StorageClassObject {
  readonly name: string;
  readonly provisioner: string;
  readonly bindingMode: 'Immediate' | 'WaitForFirstConsumer';
  /** Alternatives; in each, every key must have one of its values. */
  readonly allowedTopologies?: readonly (readonly { readonly key: string; readonly values: readonly string[] }[])[];
}

export interface CsiNodeObject {
  readonly name: string;
  readonly drivers: readonly { readonly name: string; readonly count?: number }[];
}

export interface CsiDriverObject {
  readonly name: string;
  readonly storageCapacity: boolean;
}

export interface AttachmentObject {
  readonly name: string;
  readonly nodeName: string;
  readonly attacher: string;
  readonly volumeName?: string;
}

/** Everything else that the scheduler reads. */
export interface ClusterObjects {
  /** Labels of namespaces by name. A namespace that is not listed has only its name as label. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly services: readonly SelectingObject[];
  readonly replicationControllers: readonly SelectingObject[];
  readonly replicaSets: readonly SelectingObject[];
  readonly statefulSets: readonly SelectingObject[];
  readonly budgets: readonly BudgetObject[];
  readonly claims: readonly ClaimObject[];
  readonly volumes: readonly VolumeObject[];
  readonly storageClasses: readonly StorageClassObject[];
  readonly csiNodes: readonly CsiNodeObject[];
  readonly csiDrivers: readonly CsiDriverObject[];
  readonly attachments: readonly AttachmentObject[];
}

/** A cluster with none of these objects. */
export const NO_OBJECTS: ClusterObjects = {
  namespaces: new Map(),
  services: [],
  replicationControllers: [],
  replicaSets: [],
  statefulSets: [],
  budgets: [],
  claims: [],
  volumes: [],
  storageClasses: [],
  csiNodes: [],
  csiDrivers: [],
  attachments: [],
};

/** Labels of a namespace: its own, and its name. */
export function namespaceLabels(objects: ClusterObjects, namespace: string): Labels {
  return { ...objects.namespaces.get(namespace), 'kubernetes.io/metadata.name': namespace };
}
