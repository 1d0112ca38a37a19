export * from '@plimsoll/lab';
export type {
  ExplainedAttempt,
  ExplainedCandidate,
  ExplainedNode,
  ExplainedRejection,
  ExplainedScore,
  QueuedPod,
  UserPlugin,
  WatchedAttempt,
} from '@plimsoll/scheduler-sim';
export { unresolvable, unschedulable } from '@plimsoll/scheduler-sim';
export { type DefaultScenario, defaultScenario, oversizedRow } from './default-scenario.ts';
export {
  bundledProviders,
  type LiveRun,
  offeringsOf,
  prepare,
  providerOf,
  type SchedulingExtras,
  type SimulateSpec,
  simulate,
} from './simulate.ts';
export { explainGroup, type GroupHistory, type GroupStep, UnknownGroupError } from './why/group-history.ts';
export { explainPod, type PodHistory, type PodHistoryOptions, UnknownPodError } from './why/pod-history.ts';
export type { PodStep } from './why/walk.ts';
