/** No limit. */
const NONE_SET = Infinity;

/** What bounds an estimation for one group; see {@link nodeLimit}. */
export interface EstimationBounds {
  /** `--max-nodes-per-scaleup`; 0 means no limit. */
  readonly maxPerScaleUp: number;
  /** Room left in the group and in those similar to it. */
  readonly groupRoom: number;
  /** `--max-nodes-total`; 0 means no limit. */
  readonly maxNodesTotal: number;
  /** Nodes of the snapshot, those to come included. */
  readonly currentNodes: number;
}

/**
 * How many nodes an estimation may add. Zero where the group or the cluster is full. Source: Cluster Autoscaler 1.37,
 * `estimator/threshold_based_limiter.go`, `sng_capacity_threshold.go`, `cluster_capacity_threshold.go`.
 */
export function nodeLimit({ maxPerScaleUp, groupRoom, maxNodesTotal, currentNodes }: EstimationBounds): number {
  const perScaleUp = maxPerScaleUp === 0 ? NONE_SET : maxPerScaleUp;
  const inCluster = maxNodesTotal === 0 ? NONE_SET : Math.max(0, maxNodesTotal - currentNodes);
  return Math.min(perScaleUp, Math.max(0, groupRoom), inCluster);
}
