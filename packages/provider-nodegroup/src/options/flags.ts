import { DAY, HOUR, MINUTE, SECOND } from '@plimsoll/core';
import { duration, range, ratio, switched, whole, word, words } from './flag-kinds.ts';

const FOREVER = 3650 * DAY;

/** The flags that this model obeys, with their defaults. Source: Cluster Autoscaler 1.37, `config/flags/flags.go`. */
export const FLAGS = {
  // Loop.
  'scan-interval': duration(10 * SECOND),
  'frequent-loops-enabled': switched(true),
  // Which pods count.
  'new-pod-scale-up-delay': duration(0),
  'bypassed-scheduler-names': words(),
  'allowed-scheduler-names': words(),
  'expendable-pods-priority-cutoff': { ...whole(-10, -(2 ** 31)) },
  // Node groups and limits of the whole cluster.
  nodes: words(),
  'max-nodes-total': whole(0),
  /** Cores. */
  'cores-total': range(0, 320_000),
  /** GiB. */
  'memory-total': range(0, 6_400_000),
  /** `type:min:max`, once per type of GPU. */
  'gpu-total': words(),
  'enforce-node-group-min-size': switched(false),
  // Scale-up.
  'scale-up-from-zero': switched(true),
  estimator: word('binpacking', ['binpacking']),
  expander: words(['least-waste']),
  'max-nodes-per-scaleup': whole(1000),
  'fastpath-binpacking-enabled': switched(false),
  'parallel-scale-up': switched(false),
  'salvo-scale-up': switched(false),
  'salvo-scale-up-budget': duration(MINUTE),
  'force-ds': switched(false),
  'balance-similar-node-groups': switched(false),
  'balancing-ignore-label': words(),
  'balancing-label': words(),
  'memory-difference-ratio': ratio(0.015),
  'max-allocatable-difference-ratio': ratio(0.05),
  'max-free-difference-ratio': ratio(0.05),
  'node-info-cache-expire-time': duration(FOREVER),
  'ignore-taint': words(),
  'startup-taint': words(),
  'startup-taint-prefix': words(),
  'status-taint': words(),
  'scale-from-unschedulable': switched(false),
  // Nodes that do not come, or are not ready.
  'max-node-provision-time': duration(15 * MINUTE),
  'max-node-startup-time': duration(15 * MINUTE),
  'initial-node-group-backoff-duration': duration(5 * MINUTE),
  'max-node-group-backoff-duration': duration(30 * MINUTE),
  'node-group-backoff-reset-timeout': duration(3 * HOUR),
  'ok-total-unready-count': whole(3),
  'max-total-unready-percentage': ratio(45, 100),
  // Scale-down.
  'scale-down-enabled': switched(true),
  'scale-down-unready-enabled': switched(true),
  'scale-down-delay-after-add': duration(10 * MINUTE),
  'scale-down-delay-after-delete': duration(0),
  'scale-down-delay-after-failure': duration(3 * MINUTE),
  'scale-down-delay-type-local': switched(false),
  'scale-down-unneeded-time': duration(10 * MINUTE),
  'scale-down-unready-time': duration(20 * MINUTE),
  'scale-down-utilization-threshold': ratio(0.5),
  'scale-down-gpu-utilization-threshold': ratio(0.5),
  'ignore-daemonsets-utilization': switched(false),
  'ignore-mirror-pods-utilization': switched(false),
  'unremovable-node-recheck-timeout': duration(5 * MINUTE),
  'max-scale-down-parallelism': whole(10, 1),
  'max-drain-parallelism': whole(1, 1),
  'skip-nodes-with-system-pods': switched(true),
  'skip-nodes-with-local-storage': switched(true),
  'skip-nodes-with-custom-controller-pods': switched(true),
  'blocking-system-pod-distruption-timeout': duration(HOUR),
  'min-replica-count': whole(0),
  'max-bulk-soft-taint-count': whole(10),
  'max-bulk-soft-taint-time': duration(3 * SECOND),
  'node-deletion-candidate-ttl': duration(0),
  // Ending a node.
  'node-delete-delay-after-taint': duration(5 * SECOND),
  'cordon-node-before-terminating': switched(true),
  'max-graceful-termination-sec': whole(600),
  'max-pod-eviction-time': duration(2 * MINUTE),
  'daemonset-eviction-for-occupied-nodes': switched(true),
  'daemonset-eviction-for-empty-nodes': switched(false),
  /** `priority:seconds` pairs. */
  'drain-priority-config': words(),
  'node-deletion-delay-timeout': duration(2 * MINUTE),
  'node-deletion-batcher-interval': duration(0),
} as const;

/** Name of a modelled flag. */
export type FlagName = keyof typeof FLAGS;

/** The values of all modelled flags. Durations are milliseconds. */
export type Flags = { readonly [K in FlagName]: ReturnType<(typeof FLAGS)[K]['parse']> };

/**
 * Flags of the real program that are accepted and change nothing here. {@link ClusterAutoscalerOptions.ignored} names those that
 * were given.
 */
export const NOT_MODELLED_FLAGS = [
  'address',
  'async-node-groups',
  'aws-use-static-instance-list',
  'bulk-mig-instances-listing-enabled',
  'capacity-buffer-controller-enabled',
  'capacity-buffer-pod-injection-enabled',
  'capacity-quotas-enabled',
  'check-capacity-batch-processing',
  'check-capacity-processor-instance',
  'check-capacity-provisioning-request-batch-timebox',
  'check-capacity-provisioning-request-max-batch-size',
  'cloud-config',
  'cloud-provider',
  'cluster-name',
  'cluster-snapshot-parallelism',
  'clusterapi-cloud-config-authoritative',
  'debugging-snapshot-enabled',
  'dynamic-node-delete-delay-after-taint-enabled',
  'emit-per-nodegroup-metrics',
  'enable-csi-node-aware-scheduling',
  'enable-dynamic-resource-allocation',
  'enable-graceful-degradation',
  'enable-proactive-scaleup',
  'enable-provisioning-requests',
  'feature-gates',
  'force-delete-failed-nodes',
  'force-delete-unregistered-nodes',
  'gce-concurrent-refreshes',
  'gce-mig-instances-min-refresh-wait-time',
  'grpc-expander-cert',
  'grpc-expander-url',
  'kube-api-content-type',
  'kube-client-burst',
  'kube-client-qps',
  'kubeconfig',
  'kubernetes',
  'leader-elect',
  'leader-elect-lease-duration',
  'leader-elect-renew-deadline',
  'leader-elect-resource-lock',
  'leader-elect-resource-name',
  'leader-elect-resource-namespace',
  'leader-elect-retry-period',
  'logtostderr',
  'max-binpacking-time',
  'max-empty-bulk-delete',
  'max-failing-time',
  'max-inactivity',
  'max-nodegroup-binpacking-duration',
  'max-startup-time',
  'namespace',
  'node-group-auto-discovery',
  'parallel-drain',
  'pending-pods-batching-timeout',
  'pod-injection-limit',
  'predicate-parallelism',
  'profiling',
  'provisioning-request-initial-backoff-time',
  'provisioning-request-max-backoff-cache-size',
  'provisioning-request-max-backoff-time',
  'record-duplicated-events',
  'regional',
  'scale-down-candidates-pool-min-count',
  'scale-down-candidates-pool-ratio',
  'scale-down-non-empty-candidates-count',
  'scale-down-simulation-timeout',
  'scheduler-config-file',
  'skip_headers',
  'status-config-map-name',
  'stderrthreshold',
  'user-agent',
  'v',
  'vmodule',
  'write-status-configmap',
] as const;

/** Flags that a node group may set for itself, as its tags do. Source: reference section 10.4. */
export const GROUP_FLAGS = [
  'scale-down-utilization-threshold',
  'scale-down-gpu-utilization-threshold',
  'scale-down-unneeded-time',
  'scale-down-unready-time',
  'ignore-daemonsets-utilization',
  'max-node-provision-time',
  'max-node-startup-time',
] as const satisfies readonly FlagName[];

/** The values of the flags that a group may set for itself. */
export type GroupFlags = Pick<Flags, (typeof GROUP_FLAGS)[number]>;
