import type { RequirementSet } from '../../requirements/requirement-set.ts';
import type { InstanceType } from '../../scheduling/instance-type.ts';
import type { ClusterState } from '../../state/cluster-state.ts';
import type { PodObject } from '../../state/objects.ts';
import type { StateNode } from '../../state/state-node.ts';
import type { Choice } from '../replacement.ts';

/** A machine that a plan asks for. */
export interface PlannedClaim extends Choice<InstanceType, RequirementSet> {
  readonly nodePool: string;
  readonly pods: readonly PodObject[];
}

/** What the scheduler makes of the cluster without some machines. */
export interface Simulation<Claim extends PlannedClaim = PlannedClaim> {
  readonly claims: readonly Claim[];
  /** Pods by the machine that is to take them. */
  readonly existing: ReadonlyMap<StateNode, readonly PodObject[]>;
  /** Pods that nothing takes, with the reason. */
  readonly errors: ReadonlyMap<PodObject, string>;
}

/** What a simulation does without, and where its pods come from. */
export interface WithoutNodes {
  readonly nodes: ReadonlySet<StateNode>;
  /** Pods of those nodes that are to be placed elsewhere. */
  readonly moved: readonly PodObject[];
  /** Whether pods may not be moved to nodes whose consolidateAfter window is open. */
  readonly consolidation: boolean;
}

/** A cluster at a moment, with what disrupting it depends on. */
export interface DisruptionWorld<Claim extends PlannedClaim = PlannedClaim> {
  readonly state: ClusterState;
  /** By NodePool. */
  readonly instanceTypes: ReadonlyMap<string, readonly InstanceType[]>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The feature gate SpotToSpotConsolidation. */
  readonly spotToSpot: boolean;
  /** All pods bound to a machine, also those that have ended, in order of namespace and name. */
  podsOn(node: StateNode): readonly PodObject[];
  /** Plans for pending pods, those of machines that are going, and those that are moved. */
  simulate(without: WithoutNodes): Simulation<Claim>;
}
