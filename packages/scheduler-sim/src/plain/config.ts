import type { NodeSelectorTerm, PreferredNodeTerm } from '@plimsoll/core';

/** A resource and its weight in a score. */
export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

/** How NodeResourcesFit scores. */
export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  readonly resources: readonly WeightedResource[];
  /** Points of RequestedToCapacityRatio: utilisation 0..100, score 0..10. */
  readonly shape?: readonly { readonly utilization: number; readonly score: number }[];
}

/** A spread constraint for pods that have none of their own. */
export interface DefaultConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
}

/** What of KubeSchedulerConfiguration is modelled, for one profile. */
export interface SchedulerConfig {
  /** Weights of the enabled score plug-ins. */
  readonly scoreWeights: Readonly<Record<string, number>>;
  /** 0 adapts to the number of nodes. */
  readonly percentageOfNodesToScore: number;
  readonly fit: {
    readonly strategy: ScoringStrategy;
    readonly ignoredResources: readonly string[];
    readonly ignoredResourceGroups: readonly string[];
  };
  readonly balancedResources: readonly WeightedResource[];
  readonly nodeAffinity: {
    /** Terms that every pod must match in addition to its own, and preferences in addition. */
    readonly addedRequired?: readonly NodeSelectorTerm[];
    readonly addedPreferred?: readonly PreferredNodeTerm[];
  };
  readonly spread: { readonly defaults: 'System' | readonly DefaultConstraint[] };
  readonly podAffinity: { readonly hardWeight: number; readonly ignorePreferredOfExisting: boolean };
  readonly preemption: { readonly minCandidatePercentage: number; readonly minCandidateAbsolute: number };
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
}

const CPU_AND_MEMORY: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/**
 * The default profile.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/defaults.go` and `default_plugins.go`.
 */
export const DEFAULT_CONFIG: SchedulerConfig = {
  scoreWeights: {
    TaintToleration: 3,
    NodeAffinity: 2,
    PodTopologySpread: 2,
    InterPodAffinity: 2,
    DynamicResources: 2,
    NodeResourcesFit: 1,
    NodeResourcesBalancedAllocation: 1,
    ImageLocality: 1,
  },
  percentageOfNodesToScore: 0,
  fit: { strategy: { type: 'LeastAllocated', resources: CPU_AND_MEMORY }, ignoredResources: [], ignoredResourceGroups: [] },
  balancedResources: CPU_AND_MEMORY,
  nodeAffinity: {},
  spread: { defaults: 'System' },
  podAffinity: { hardWeight: 1, ignorePreferredOfExisting: false },
  preemption: { minCandidatePercentage: 10, minCandidateAbsolute: 100 },
  initialBackoffMs: 1000,
  maxBackoffMs: 10_000,
};
