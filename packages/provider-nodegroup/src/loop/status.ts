/** What a loop's scale-up came to, in the real program's words. */
export type ScaleUpResult =
  | 'Successful'
  | 'Error'
  | 'NoOptionsAvailable'
  | 'NotNeeded'
  | 'NotTried'
  | 'InCooldown'
  | 'LimitedByMaxNodesTotal';

/** What a loop's scale-down came to. */
export type ScaleDownResult = 'Error' | 'NoNodeDeleted' | 'NodeDeleteStarted' | 'NotTried' | 'InCooldown' | 'NoCandidates';

/** What became of the removal of a node. */
export type DeletionResult = 'Ok' | 'FailedToEvictPods' | 'FailedToDelete' | 'Internal';

/** Pods that no group can take, and why. */
export interface RemainingPods {
  readonly podClass: number;
  readonly count: number;
  /** Rows of the pods. */
  readonly pods: readonly number[];
  /** By group name: why the pod does not fit on the group's template, in the scheduler's words, sorted. */
  readonly rejected: Readonly<Record<string, readonly string[]>>;
  /** By group name: why the group was not considered at all. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** Why a node cannot be removed. */
export interface Unremovable {
  /** In the real program's words: `NotUnderutilized`, `BlockedByPod`. */
  readonly reason: string;
  /** The pod that blocks, as row, and why it does. */
  readonly blocking?: { readonly pod: number; readonly reason: string };
}

/** What one loop came to: what the real program writes to its status and logs. Filled anew by each loop. */
export interface LoopStatus {
  at: number;
  /** Why the loop ended early; empty where it did not. */
  error: string;
  /** Undefined where the loop ended before anything was looked at. */
  scaleUp: ScaleUpResult | undefined;
  /** By group row: nodes asked for. */
  readonly increases: Map<number, number>;
  /** Groups that the final draw of the expander chose from. */
  tie: readonly string[];
  /** How many pods the chosen option places, and how many another group could help. */
  triggered: number;
  awaiting: number;
  /** Rows of these pods. Only with explanations `full`. */
  triggeredPods: readonly number[];
  awaitingPods: readonly number[];
  /** Only with explanations `full`. */
  remaining: readonly RemainingPods[];
  /** Groups that could not be resized. */
  failedGroups: readonly number[];
  scaleDown: ScaleDownResult | undefined;
  /** Nodes whose removal started. */
  readonly deletedEmpty: number[];
  readonly deletedDrain: number[];
  /** By node of {@link deletedDrain}: pods to be evicted. Only with explanations `full`. */
  readonly toEvict: Map<number, readonly number[]>;
  /** By node row: why it cannot be removed, as the last look at the nodes found. */
  unremovable: ReadonlyMap<number, Unremovable>;
  /** By group: nodes to come that counted as capacity. */
  readonly upcoming: number[];
  /** By node row: removals that came to an end since the last loop. */
  results: ReadonlyMap<number, DeletionResult>;
  /** By node row: CPU, memory and GPU shares, and the one that counts. Only with explanations `full`. */
  readonly utilization: Map<number, readonly [number, number, number, number]>;
  /** Whether enough of all nodes are ready. */
  healthy: boolean;
}

/** A status before anything was tried. */
export function newStatus(at: number): LoopStatus {
  return {
    at,
    error: '',
    scaleUp: undefined,
    increases: new Map(),
    tie: [],
    triggered: 0,
    awaiting: 0,
    triggeredPods: [],
    awaitingPods: [],
    remaining: [],
    failedGroups: [],
    scaleDown: undefined,
    deletedEmpty: [],
    deletedDrain: [],
    toEvict: new Map(),
    unremovable: new Map(),
    upcoming: [],
    results: new Map(),
    utilization: new Map(),
    healthy: true,
  };
}
