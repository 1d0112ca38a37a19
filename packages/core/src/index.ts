export { Cluster, type ClusterObserver, type ClusterSnapshot, type NewNode, type NewPod } from './cluster/cluster.ts';
export type { ReadonlyColumn } from './cluster/columns.ts';
export { Journal } from './cluster/journal.ts';
export { NODE, NONE, POD } from './cluster/states.ts';
export { type ClusterView, type ReadonlyColumns, viewOf, type WhatIf } from './cluster/view.ts';
export {
  type CapacityType,
  type Cloud,
  type GroupChange,
  type GroupSpec,
  type GroupsView,
  type GroupTemplate,
  type InstanceType,
  type Offering,
  type OfferingsView,
  ORDER_ERROR,
} from './contracts/cloud.ts';
export type { BudgetFact, ClusterFacts, DaemonSetFact } from './contracts/cluster-facts.ts';
export type { Component, JsonValue, Timer } from './contracts/component.ts';
export type { Decision, LaunchRequest, LoggedDecision, Reason } from './contracts/decision.ts';
export { didYouMean } from './contracts/did-you-mean.ts';
export {
  type ExplainLevel,
  OptionsError,
  type Provider,
  type ProviderContext,
  type ProviderPlugin,
  type ProviderRemark,
  type Reconciliation,
  type Wake,
  type WorkloadView,
} from './contracts/provider.ts';
export type { Placement, Rejection, Scheduler, SchedulerPlugin, SchedulingModel } from './contracts/scheduler.ts';
export { AutoscalerHost, type AutoscalerHostParts, DecisionError } from './engine/autoscaler-host.ts';
export { RunEnd, type RunEndSettings } from './engine/run-end.ts';
export { SchedulerHost, type SchedulerPace } from './engine/scheduler-host.ts';
export { Simulation, type SimulationSnapshot } from './engine/simulation.ts';
export { Digest } from './log/digest.ts';
export { Log, type LogColumns, type LogSnapshot } from './log/log.ts';
export { EVICTION, GROUP_ACT, NOTICE, RECORD, type RecordKind } from './log/records.ts';
export {
  Classes,
  type ClassesSnapshot,
  canonical,
  type NodeChange,
  type NodeClass,
  type NodeShape,
  type PodClass,
} from './model/classes.ts';
export {
  compareText,
  type LabelRequirement,
  type LabelSelector,
  type Labels,
  matchesSelector,
  sortedRecord,
} from './model/labels.ts';
export {
  type NodeAffinity,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  type PreferredNodeTerm,
  requirementHolds,
  termHolds,
} from './model/node-selector.ts';
export {
  type Container,
  type ControllerKind,
  effectiveRequests,
  type HostPort,
  NON_ZERO_CPU,
  NON_ZERO_MEMORY,
  nonZeroRequests,
  type PodAffinityTerm,
  type PodAffinityTerms,
  type PodSpec,
  type TopologySpread,
  type Volume,
} from './model/pod-spec.ts';
export { formatResource, parseMilli, parseResource, parseUnits, QuantityError } from './model/quantity.ts';
export {
  addLists,
  CAPACITY_MAX,
  CPU,
  EPHEMERAL,
  MEMORY,
  maxLists,
  PODS,
  type ResourceList,
  ResourceNames,
  type ResourceVector,
} from './model/resources.ts';
export { firstUntolerated, isHard, type Taint, type Toleration, tolerates } from './model/taints.ts';
export { LABEL, TAINT } from './model/well-known.ts';
export { goSort, goSortBy } from './order/go-sort.ts';
export { type Distribution, normalQuantile, quantile, quantileMs } from './random/distributions.ts';
export { exp, ln } from './random/portable-math.ts';
export { type KeyedStream, type RandomStream, Streams, type StreamsSnapshot } from './random/streams.ts';
export { duration, durationDistribution } from './scenario/duration-schema.ts';
export type {
  BudgetObject,
  CountOrPercent,
  DaemonSetObject,
  DeploymentObject,
  JobObject,
  PodObject,
  WorkloadCall,
  WorkloadObject,
} from './scenario/objects.ts';
export {
  type EditedScenario,
  editAutoscaler,
  freeze,
  parseScenario,
  type ScenarioIssue,
  withVariants,
} from './scenario/scenario.ts';
export { type Scenario, type ScenarioDocument, scenarioSchema } from './scenario/schema.ts';
export { type SharedWorkload, Workload, type WorkloadRow } from './scenario/workload.ts';
export {
  DEFAULT_SCHEDULER_NAME,
  type DefaultConstraint,
  type SchedulerConfig,
  type SchedulerProfile,
  type ScoringStrategy,
  type WeightedResource,
} from './scheduler/config.ts';
export { EXTENSION_POINTS, type ExtensionPoint, type PluginEntry, SCHEDULER_PLUGINS } from './scheduler/plugins.ts';
export { daysOf } from './time/cron/calendar.ts';
export { parseSchedule, type Schedule, ScheduleError } from './time/cron/schedule.ts';
export { offsetAt, type TimeZone, timeZone } from './time/cron/time-zone.ts';
export { DAY, DurationError, formatDuration, HOUR, MINUTE, parseDuration, SECOND } from './time/duration.ts';
export { EventQueue, type QueuedEvent } from './time/event-queue.ts';
export { PHASE, PHASES } from './time/phase.ts';
export { type ClientLimit, TokenBucket } from './time/token-bucket.ts';
