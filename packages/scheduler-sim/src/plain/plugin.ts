import type { SchedulerConfig } from './config.ts';
import type { NodeInfo, Snapshot } from './node-info.ts';
import type { ClusterObjects } from './objects.ts';
import type { PodInfo } from './pod-info.ts';
import type { Status } from './status.ts';

/** What a plug-in works with: one pod in one cycle. */
export interface CycleContext {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly objects: ClusterObjects;
  readonly config: SchedulerConfig;
}

/** A filter made ready for one pod. Pods may come to and go from a node while it is asked, in a preemption's dry run. */
export interface FilterState {
  filter(node: NodeInfo): Status | undefined;
  podAdded?(pod: PodInfo, node: NodeInfo): void;
  podRemoved?(pod: PodInfo, node: NodeInfo): void;
  clone?(): FilterState;
}

/** What a filter found out before it looked at single nodes. */
type PreFilter =
  /** It has nothing to ask of any node. */
  | { readonly is: 'skip' }
  /** It refuses the pod everywhere. */
  | { readonly is: 'refused'; readonly status: Status }
  /** It looks at nodes, perhaps only at those of some names. */
  | { readonly is: 'ready'; readonly state: FilterState; readonly nodeNames?: ReadonlySet<string> };

export interface FilterPlugin {
  readonly name: string;
  prepare(context: CycleContext): PreFilter;
}

/** A score made ready for one pod and the nodes that it may go to. */
interface ScoreState {
  score(node: NodeInfo): number;
  /** Brings the raw scores of all nodes to 0..100, in place. */
  normalise?(scores: number[], nodes: readonly NodeInfo[]): void;
}

export interface ScorePlugin {
  readonly name: string;
  /** Undefined where it has no opinion on this pod. Throws CycleError where it cannot work. */
  prepare(context: CycleContext, feasible: readonly NodeInfo[]): ScoreState | undefined;
}
