import { type PluginEntry, SCHEDULER_PLUGINS, type SchedulerConfig as Settings, type WeightedResource } from '@plimsoll/core';
import type { UserPlugin } from './user-plugin.ts';

export type { DefaultConstraint, ScoringStrategy, WeightedResource } from '@plimsoll/core';

/** The settings of a profile, and the plug-ins of the user's own that it may name. */
export interface SchedulerConfig extends Settings {
  readonly plugins?: readonly UserPlugin[];
}

const CPU_AND_MEMORY: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

const DEFAULT_PLUGINS: readonly PluginEntry[] = SCHEDULER_PLUGINS.filter(({ optional }) => optional !== true);

function pluginsAt(point: PluginEntry['points'][number]): string[] {
  return DEFAULT_PLUGINS.filter(({ points }) => points.includes(point)).map(({ name }) => name);
}

/**
 * The default profile.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/defaults.go` and `default_plugins.go`.
 */
export const DEFAULT_CONFIG: SchedulerConfig = {
  preFilters: pluginsAt('preFilter'),
  filters: pluginsAt('filter'),
  postFilters: pluginsAt('postFilter'),
  preScores: pluginsAt('preScore'),
  scoreWeights: Object.fromEntries(
    DEFAULT_PLUGINS.filter(({ points }) => points.includes('score')).map(({ name, weight = 1 }) => [name, weight]),
  ),
  queueSort: 'PrioritySort',
  percentageOfNodesToScore: 0,
  fit: { strategy: { type: 'LeastAllocated', resources: CPU_AND_MEMORY }, ignoredResources: [], ignoredResourceGroups: [] },
  balancedResources: CPU_AND_MEMORY,
  nodeAffinity: {},
  spread: { defaults: 'System' },
  podAffinity: { hardWeight: 1, ignorePreferredOfExisting: false },
  preemption: { minCandidatePercentage: 10, minCandidateAbsolute: 100 },
  initialBackoffMs: 1000,
  maxBackoffMs: 10_000,
};
