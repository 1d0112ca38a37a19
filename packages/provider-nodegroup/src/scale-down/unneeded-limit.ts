/** What the limit of {@link unneededLimit} hangs on. */
export interface UnneededLimitInput {
  /** `--max-scale-down-parallelism`. */
  readonly parallelism: number;
  /** How many nodes are unneeded already. */
  readonly unneeded: number;
  /** The smallest time between two loops seen so far, milliseconds. */
  readonly interval: number;
  /** `--scale-down-unneeded-time`, milliseconds. */
  readonly unneededTime: number;
}

/**
 * How many nodes one loop looks for: no more than could be removed in the time that a node must be unneeded, and at most two salvos more than
 * there are. Source: Cluster Autoscaler 1.37, `core/scaledown/planner/planner.go`.
 */
export function unneededLimit({ parallelism, unneeded, interval, unneededTime }: UnneededLimitInput): number {
  const window = Math.max(unneededTime, interval);
  return Math.min(unneeded + 2 * parallelism, parallelism * Math.floor(window / interval) + parallelism);
}
