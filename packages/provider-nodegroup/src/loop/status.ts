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

/** Why a group was no option. */
export type SkipReason = 'NotReady' | 'Backoff' | 'MaxLimitReached' | 'MaxResourceLimitReached';

/** Pods that no group can take, and why. */
export interface RemainingPods {
  readonly podClass: number;
  readonly count: number;
  /** By group name: the filter that refused the pod on the group's template, and its reasons. */
  readonly rejected: Readonly<Record<string, readonly string[]>>;
  /** By group name: why the group was not considered at all. */
  readonly skipped: Readonly<Record<string, SkipReason>>;
}

/** What one loop came to: what the real program writes to its status and logs. Filled anew by each loop. */
export interface LoopStatus {
  at: number;
  scaleUp: ScaleUpResult;
  /** By group row: nodes asked for. */
  readonly increases: Map<number, number>;
  /** Groups that the final draw of the expander chose from. */
  tie: readonly string[];
  /** How many pods the chosen option places. */
  triggered: number;
  /** How many pods another group could help. */
  awaiting: number;
  /** Only with explanations `full`. */
  remaining: readonly RemainingPods[];
  scaleDown: ScaleDownResult;
  /** Nodes whose removal started. */
  readonly deletedEmpty: number[];
  readonly deletedDrain: number[];
  /** By node row: why it cannot be removed. */
  readonly unremovable: Map<number, string>;
  /** By group: nodes to come that counted as capacity. */
  readonly upcoming: number[];
}

/** A status before anything was tried. */
export function newStatus(at: number): LoopStatus {
  return {
    at,
    scaleUp: 'NotTried',
    increases: new Map(),
    tie: [],
    triggered: 0,
    awaiting: 0,
    remaining: [],
    scaleDown: 'NotTried',
    deletedEmpty: [],
    deletedDrain: [],
    unremovable: new Map(),
    upcoming: [],
  };
}
