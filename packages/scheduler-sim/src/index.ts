export { NodeOrder, type NodePlaces, placesIn, zoneKey } from './cycle/node-order.ts';
export { beforeInPreorder, type TieRule } from './cycle/tie.ts';
export {
  type AttemptOptions,
  type ExplainedAttempt,
  type ExplainedCandidate,
  type ExplainedNode,
  type ExplainedRejection,
  type ExplainedScore,
  explainAttempt,
} from './explain/attempt.ts';
export type { AttemptWatcher, WatchedAttempt } from './explain/watcher.ts';
export { FilterModel } from './filters/filter-model.ts';
export { FILTER_PLUGINS, type FilterPlugin } from './filters/plugins.ts';
export { KubeScheduler, type KubeSchedulerOptions, kubeScheduler } from './kube-scheduler.ts';
export { attemptMessage } from './plain/attempt-message.ts';
export {
  DEFAULT_CONFIG,
  type DefaultConstraint,
  type SchedulerConfig,
  type ScoringStrategy,
  type WeightedResource,
} from './plain/config.ts';
export { fitErrorMessage } from './plain/fit-error.ts';
export { type ClusterEvent, changes, type HintContext, mayHelp } from './plain/hints.ts';
export { NodeInfo, type Snapshot } from './plain/node-info.ts';
export type * from './plain/objects.ts';
export { NO_OBJECTS } from './plain/objects.ts';
export type { CycleContext } from './plain/plugin.ts';
export { isIgnored } from './plain/plugins/node-resources.ts';
export { type PodInfo, podInfo } from './plain/pod-info.ts';
export { type PostFilter, runPostFilters } from './plain/post-filter.ts';
export type { Candidate, Preemption } from './plain/preemption.ts';
export { type Choice, chooseNode, findNodes, firstInPreorder, rejectorsOf, type Search } from './plain/schedule-pod.ts';
export type { Scores } from './plain/scoring.ts';
export { CycleError, type Status, unresolvable, unschedulable } from './plain/status.ts';
export type { QueuedPod, UserPlugin } from './plain/user-plugin.ts';
export { PLACE } from './queue/pod-columns.ts';
export { type QueueTimes, type Retries, SchedulingQueue } from './queue/scheduling-queue.ts';
