import type { LabelSelector } from '@plimsoll/core';

/** Namespaces that a strategy looks at, or leaves alone. */
export interface NamespaceFilter {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Percent of a node's allocatable, by resource. */
export type ResourceThresholds = Readonly<Record<string, number>>;

/** What most strategies can be told. */
export interface CommonArgs {
  readonly namespaces?: NamespaceFilter;
  readonly labelSelector?: LabelSelector;
}

/** Pods that DefaultEvictor protects. */
export type PodProtection =
  | 'PodsWithLocalStorage'
  | 'DaemonSetPods'
  | 'SystemCriticalPods'
  | 'FailedBarePods'
  | 'PodsWithPVC'
  | 'PodsWithoutPDB'
  | 'PodsWithResourceClaims';

/** Arguments of DefaultEvictor, which decides what may be evicted at all. */
export interface EvictorArgs {
  readonly protections: readonly PodProtection[];
  /** Pods from this priority on are protected. Default 2,000,000,000. */
  readonly priorityThreshold: number;
  readonly labelSelector?: LabelSelector;
  /** Owners with fewer pods lose none. */
  readonly minReplicas: number;
  readonly minPodAgeMs?: number;
  /** Evict only what would fit on another node. */
  readonly nodeFit: boolean;
  /** `Mandatory`: the annotation `prefer-no-eviction` protects. */
  readonly noEvictionPolicy: 'Preferred' | 'Mandatory';
}

export interface RemoveFailedPodsArgs extends CommonArgs {
  readonly minPodLifetimeSeconds: number;
  readonly excludeOwnerKinds: readonly string[];
  readonly reasons: readonly string[];
  readonly exitCodes: readonly number[];
  readonly includingInitContainers: boolean;
}

export interface TooManyRestartsArgs extends CommonArgs {
  readonly podRestartThreshold: number;
  readonly includingInitContainers: boolean;
  readonly states: readonly string[];
}

export interface NodeAffinityArgs extends CommonArgs {
  readonly nodeAffinityType: readonly string[];
}

export interface NodeTaintsArgs extends CommonArgs {
  readonly includePreferNoSchedule: boolean;
  /** `key` or `key=value`. */
  readonly excludedTaints: readonly string[];
  readonly includedTaints?: readonly string[];
}

export interface PodConditionFilter {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly minTimeSinceLastTransitionSeconds?: number;
}

export interface PodLifeTimeArgs extends CommonArgs {
  readonly maxPodLifeTimeSeconds?: number;
  readonly states: readonly string[];
  readonly ownerKinds?: NamespaceFilter;
  readonly conditions: readonly PodConditionFilter[];
  readonly exitCodes: readonly number[];
  readonly includingInitContainers: boolean;
}

export interface RemoveDuplicatesArgs {
  readonly namespaces?: NamespaceFilter;
  readonly excludeOwnerKinds: readonly string[];
}

export interface TopologySpreadArgs extends CommonArgs {
  readonly topologyBalanceNodeFit: boolean;
  readonly constraints: readonly string[];
}

export interface LowNodeUtilizationArgs {
  readonly thresholds: ResourceThresholds;
  readonly targetThresholds: ResourceThresholds;
  /** Thresholds are distances from the mean. */
  readonly useDeviationThresholds: boolean;
  readonly numberOfNodes: number;
  readonly evictableNamespaces?: NamespaceFilter;
  /** Pods that one pass takes from one node. */
  readonly nodeLimit?: number;
}

export interface HighNodeUtilizationArgs {
  readonly thresholds: ResourceThresholds;
  readonly numberOfNodes: number;
  readonly evictableNamespaces?: NamespaceFilter;
  readonly evictionModes: readonly string[];
}

/** A strategy with its arguments. */
export type Strategy =
  | { readonly name: 'RemoveFailedPods'; readonly args: RemoveFailedPodsArgs }
  | { readonly name: 'RemovePodsHavingTooManyRestarts'; readonly args: TooManyRestartsArgs }
  | { readonly name: 'RemovePodsViolatingInterPodAntiAffinity'; readonly args: CommonArgs }
  | { readonly name: 'RemovePodsViolatingNodeAffinity'; readonly args: NodeAffinityArgs }
  | { readonly name: 'RemovePodsViolatingNodeTaints'; readonly args: NodeTaintsArgs }
  | { readonly name: 'PodLifeTime'; readonly args: PodLifeTimeArgs }
  | { readonly name: 'RemoveDuplicates'; readonly args: RemoveDuplicatesArgs }
  | { readonly name: 'RemovePodsViolatingTopologySpreadConstraint'; readonly args: TopologySpreadArgs }
  | { readonly name: 'LowNodeUtilization'; readonly args: LowNodeUtilizationArgs }
  | { readonly name: 'HighNodeUtilization'; readonly args: HighNodeUtilizationArgs };

export interface DeschedulerProfile {
  readonly name: string;
  readonly evictor: EvictorArgs;
  readonly deschedule: readonly Strategy[];
  readonly balance: readonly Strategy[];
}

/** A DeschedulerPolicy, v1alpha2, with its defaults filled in. Limits are of one cycle. */
export interface DeschedulerPolicy {
  readonly maxPerNode?: number;
  readonly maxPerNamespace?: number;
  readonly maxTotal?: number;
  readonly profiles: readonly DeschedulerProfile[];
}
