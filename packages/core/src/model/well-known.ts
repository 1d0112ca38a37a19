/** Names that Kubernetes and its clouds give to labels and taints. */
export const LABEL = {
  hostname: 'kubernetes.io/hostname',
  arch: 'kubernetes.io/arch',
  os: 'kubernetes.io/os',
  zone: 'topology.kubernetes.io/zone',
  region: 'topology.kubernetes.io/region',
  instanceType: 'node.kubernetes.io/instance-type',
  capacityType: 'karpenter.sh/capacity-type',
  nodePool: 'karpenter.sh/nodepool',
} as const;

/** Keys of the taints that the node life cycle itself sets. */
export const TAINT = {
  notReady: 'node.kubernetes.io/not-ready',
  unreachable: 'node.kubernetes.io/unreachable',
  unschedulable: 'node.kubernetes.io/unschedulable',
  /** Cluster Autoscaler, before it deletes a node. */
  toBeDeleted: 'ToBeDeletedByClusterAutoscaler',
  /** Karpenter, before it disrupts a node. */
  disrupted: 'karpenter.sh/disrupted',
  /** Karpenter, until it has synchronised a registering node. */
  unregistered: 'karpenter.sh/unregistered',
} as const;
