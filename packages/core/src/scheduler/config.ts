import type { NodeSelectorTerm, PreferredNodeTerm } from '../model/node-selector.ts';

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
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: 'Honor' | 'Ignore';
  readonly nodeTaintsPolicy?: 'Honor' | 'Ignore';
}

/**
 * How a scheduler goes about the pods of one profile: what of KubeSchedulerConfiguration is modelled, with every default filled in.
 *
 * Source: kube-scheduler v1.36.2, `staging/src/k8s.io/kube-scheduler/config/v1/types.go` and `types_pluginargs.go`.
 */
export interface SchedulerConfig {
  /** Plug-ins that look at a pod before any node, in the order in which they are asked. */
  readonly preFilters: readonly string[];
  /** Plug-ins that reject nodes, in the order in which they are asked. The first that rejects a node is the one that is told. */
  readonly filters: readonly string[];
  /** Plug-ins that try to make room for a pod that fits nowhere. */
  readonly postFilters: readonly string[];
  /** Plug-ins that look at a pod and the nodes that fit it before any is scored. */
  readonly preScores: readonly string[];
  /** Weights of the plug-ins that score, in the order in which they are asked. */
  readonly scoreWeights: Readonly<Record<string, number>>;
  /** The plug-in that says which of two waiting pods goes first. */
  readonly queueSort: string;
  /** How many nodes that fit are enough, per cent of all. 0 adapts to the number of nodes. */
  readonly percentageOfNodesToScore: number;
  readonly fit: {
    readonly strategy: ScoringStrategy;
    readonly ignoredResources: readonly string[];
    readonly ignoredResourceGroups: readonly string[];
  };
  readonly balancedResources: readonly WeightedResource[];
  readonly nodeAffinity: {
    /** Terms of which a node must match one, in addition to what a pod asks for. */
    readonly addedRequired?: readonly NodeSelectorTerm[];
    /** Preferences in addition to the pod's own. */
    readonly addedPreferred?: readonly PreferredNodeTerm[];
  };
  readonly spread: { readonly defaults: 'System' | readonly DefaultConstraint[] };
  readonly podAffinity: { readonly hardWeight: number; readonly ignorePreferredOfExisting: boolean };
  readonly preemption: { readonly minCandidatePercentage: number; readonly minCandidateAbsolute: number };
  /** Backoff after the first failed attempt, and at most. Milliseconds. */
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
}

/** A profile as a configuration gives it: it places the pods that name it as their scheduler. */
export interface SchedulerProfile extends Omit<SchedulerConfig, 'percentageOfNodesToScore'> {
  readonly schedulerName: string;
  /** Absent where the configuration does not say. */
  readonly percentageOfNodesToScore?: number;
}

/** The scheduler of pods that name none. */
export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';
