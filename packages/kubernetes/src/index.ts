export { ApiServer } from './api-server/api-server.ts';
export { CLIENT_LIMITS } from './api-server/client-limits.ts';
export {
  defaultListSettings,
  GZIP_THRESHOLD,
  type ListCost,
  type ListEncoding,
  type ListSettings,
  listCost,
  listSeats,
  MAX_LIST_SEATS,
} from './api-server/lists.ts';
export { QUEUE_WAIT_MAX, RETRY_AFTER, type Seating, Seats } from './api-server/seats.ts';
export { BODY_MAX, OBJECT_MAX, Storage, type StorageRefusal } from './api-server/storage.ts';
export { CONTROL_PLANE_TIERS, type ControlPlaneName, type ControlPlaneTier, controlPlaneFee } from './api-server/tiers.ts';
export {
  defaultScalingBehavior,
  type ScaleEvent,
  type ScalingBehavior,
  type ScalingPolicy,
  type ScalingRules,
} from './autoscaling/behavior.ts';
export {
  type AutoscalerCondition,
  type AutoscalerSpec,
  type AutoscalerStatus,
  type AutoscalingSettings,
  defaultAutoscalingSettings,
  failedMetricReason,
  HorizontalPodAutoscaler,
  type ScaleDecision,
  type ScaleView,
} from './autoscaling/horizontal-pod-autoscaler.ts';
export {
  MetricError,
  type MetricSpec,
  type MetricsSource,
  type MetricValue,
  type ResourceTarget,
  type Sample,
  type ValueTarget,
} from './autoscaling/metric.ts';
export type { Initialization, ScaledPod } from './autoscaling/scaled-pods.ts';
export {
  type CronChild,
  type CronJobPlan,
  type CronJobSpec,
  type CronJobStatus,
  requeueAfterChange,
  syncCronJob,
} from './cronjob/cronjob.ts';
export {
  DaemonBackoff,
  type DaemonNode,
  type DaemonPlan,
  type DaemonPod,
  type DaemonSetSpec,
  type DaemonSetStatus,
  daemonRunsOn,
  daemonSetStatus,
  planDaemonSet,
} from './daemonset/daemonset.ts';
export {
  type DeploymentActions,
  type DeploymentCondition,
  type DeploymentSpec,
  type DeploymentStatus,
  type DeploymentStrategy,
  emptyDeploymentStatus,
  type OwnedReplicaSet,
  type Resync,
  syncDeployment,
} from './deployment/deployment.ts';
export {
  type ContainerState,
  type CoveringBudget,
  DeschedulerCluster,
  type DeschedulerNode,
  type DeschedulerPod,
} from './descheduler/cluster.ts';
export { runDescheduler } from './descheduler/descheduler.ts';
export type { RequestEviction } from './descheduler/evictor.ts';
export type { DeschedulerPolicy } from './descheduler/policy.ts';
export { PolicyError, readDeschedulerPolicy } from './descheduler/read-policy.ts';
export type { MapOrder } from './descheduler/strategies/strategy.ts';
export {
  type BudgetSpec,
  type BudgetStatus,
  budgetCovers,
  DISRUPTION_TIMEOUT,
  type ScaleOf,
  syncBudget,
} from './disruption/budget.ts';
export { type Budget, type EvictionAnswer, evict } from './disruption/eviction.ts';
export type { JobBackoff } from './job/backoff.ts';
export {
  emptyJobStatus,
  type FailureRule,
  isJobFinished,
  type JobActions,
  type JobCondition,
  type JobSpec,
  type JobStatus,
  type JobSync,
  type SuccessRule,
  syncJob,
} from './job/job.ts';
export type { JobPod } from './job/job-pod.ts';
export { type Admission, admitPod } from './kubelet/admission.ts';
export {
  EvictionManager,
  type EvictionSettings,
  type NodeStats,
  type PodUsage,
  type PressureCondition,
  type PressureSignal,
  type PressureThreshold,
  type ThresholdValue,
} from './kubelet/eviction-manager.ts';
export { type KubeletPod, type QosClass, qosClassOf } from './kubelet/kubelet-pod.ts';
export { defaultKubeletSettings, Kubelet, type KubeletSettings } from './kubelet.ts';
export type { ControllerPace } from './live/controller-client.ts';
export { Controllers } from './live/controllers.ts';
export { StartingNodes } from './live/starting-nodes.ts';
export { type LifecycleNode, type NodeCondition, taintsByCondition } from './node-lifecycle/lifecycle-node.ts';
export {
  defaultNodeLifecycleSettings,
  type NodeLifecycleSettings,
  NodeMonitor,
  type NodeMonitorActions,
  type ZoneState,
} from './node-lifecycle/node-monitor.ts';
export { type CollectedPod, defaultPodGcSettings, PodGc, type PodGcSettings } from './node-lifecycle/pod-gc.ts';
export { TaintEviction } from './node-lifecycle/taint-eviction.ts';
export { defaultOwnersSettings, Owners, type OwnersSettings } from './owners.ts';
export { compareForDeletion, deletionCost } from './pods/deletion-order.ts';
export { type IntOrPercent, scaledCount } from './pods/int-or-percent.ts';
export { isActive, isAvailable, isTerminal, isTerminating, type PodPhase, type PodState } from './pods/pod-state.ts';
export { slowStart } from './pods/slow-start.ts';
export {
  deletionOrder,
  planReplicas,
  REPLICASET_BURST,
  type ReplicaSetStatus,
  replicaSetStatus,
} from './replicaset/replicaset.ts';
export {
  type StatefulPod,
  type StatefulSetActions,
  type StatefulSetSpec,
  type StatefulSetStatus,
  syncStatefulSet,
} from './statefulset/statefulset.ts';
