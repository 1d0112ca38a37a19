import { LABEL, OptionsError, SECOND } from '@plimsoll/core';
import { Fields } from './fields.ts';
import { type NodePool, readNodePool } from './node-pool.ts';
import { type Rollout, readRollouts } from './rollout.ts';
import { type KarpenterVersion, VERSIONS } from './version-rules.ts';
import { DEFAULT_START, readInstant } from './wall-clock.ts';

/** What a scenario may say about Karpenter. */
export interface KarpenterOptions {
  readonly nodePools: readonly NodePool[];
  readonly settings: KarpenterSettings;
  readonly featureGates: KarpenterFeatureGates;
  /** Changes after which machines count as drifted, in order of time. */
  readonly rollouts: readonly Rollout[];
  /** Settings, gates and objects that were given and change nothing here. */
  readonly ignored: readonly string[];
}

export type MinValuesPolicy = 'Strict' | 'BestEffort';

/** Flags of the controller. Source of the defaults: Karpenter 1.14.1, `pkg/operator/options/options.go`. */
export interface KarpenterSettings {
  /** A batch of pods ends when none came for this long, milliseconds. Default 1 s. */
  readonly batchIdleMs: number;
  /** A batch ends at the latest after this long, milliseconds. Default 10 s. */
  readonly batchMaxMs: number;
  /** Whether preferred terms count until they cannot be met. Default Respect. */
  readonly preferencePolicy: 'Respect' | 'Ignore';
  /** What happens where `minValues` cannot be met: nothing is launched, or with BestEffort what can be had is enough. Default Strict. */
  readonly minValuesPolicy: MinValuesPolicy;
  /** What the clock showed at the scenario's start, milliseconds since 1970 in UTC: schedules of budgets go by it. Default a Monday at midnight. */
  readonly startsAt: number;
  /** Whose rules of disruption are followed. Default 1.14. */
  readonly version: KarpenterVersion;
}

/** Gates, with the program's defaults. */
export interface KarpenterFeatureGates {
  /** Whether a spot node may be replaced by a cheaper spot node. Default false. */
  readonly spotToSpotConsolidation: boolean;
}

/** Settings of the controller that are accepted and change nothing. Source: as of {@link KarpenterSettings}, and the AWS provider's. */
const NOT_MODELLED_SETTINGS = [
  'amiRefreshInterval',
  'clusterCABundle',
  'clusterEndpoint',
  'clusterName',
  'cpuRequests',
  'disableClusterStateObservability',
  'disableControllerWarmup',
  'disableDryRun',
  'disableLeaderElection',
  'eksControlPlane',
  'enableProfiling',
  'enableZonalShift',
  'healthProbePort',
  'ignoreDRARequests',
  'interruptionQueue',
  'isolatedVPC',
  'karpenterService',
  'kubeClientBurst',
  'kubeClientQPS',
  'leaderElectionName',
  'leaderElectionNamespace',
  'logErrorOutputPaths',
  'logLevel',
  'logOutputPaths',
  'memoryLimit',
  'metricsPort',
  'reservedENIs',
  'schedulerConfig',
  'subnetRefreshInterval',
  'vmMemoryOverheadPercent',
] as const;

/** Gates that change nothing. */
const NOT_MODELLED_GATES = [
  'CapacityBuffer',
  'NodeClassCEL',
  'NodeOverlay',
  'NodeRepair',
  'ReservedCapacity',
  'StaticCapacity',
] as const;

/** The pool that stands in where none is given: any amd64 Linux type, on demand, everything else by default. */
const DEFAULT_POOL = {
  metadata: { name: 'default' },
  spec: {
    template: {
      spec: {
        requirements: [
          { key: LABEL.arch, operator: 'In', values: ['amd64'] },
          { key: LABEL.os, operator: 'In', values: ['linux'] },
          { key: LABEL.capacityType, operator: 'In', values: ['on-demand'] },
        ],
      },
    },
  },
};

/**
 * Checks options: `nodePools`, `nodeClasses` and `nodeOverlays` (manifests), `settings` by the names of the chart's values
 * (batchIdleDuration, batchMaxDuration, preferencePolicy, minValuesPolicy; others change nothing) and `featureGates`
 * (SpotToSpotConsolidation; others change nothing), and `rollouts` (`at`, `nodePool`, `reason`: from then on the machines that there are have
 * drifted).
 *
 * @throws OptionsError with the path of the first wrong field.
 */
export function parseKarpenterOptions(input: unknown): KarpenterOptions {
  const top = new Fields(input, [], ['nodePools', 'nodeClasses', 'nodeOverlays', 'settings', 'featureGates', 'rollouts']);
  const settings = new Fields(
    top.raw('settings'),
    ['settings'],
    [
      'batchIdleDuration',
      'batchMaxDuration',
      'preferencePolicy',
      'minValuesPolicy',
      'startsAt',
      'version',
      ...NOT_MODELLED_SETTINGS,
    ],
  );
  const gates = new Fields(top.raw('featureGates'), ['featureGates'], ['SpotToSpotConsolidation', ...NOT_MODELLED_GATES]);
  const listed = top.list('nodePools', readNodePool);
  const nodePools = listed.length > 0 ? listed : [readNodePool(DEFAULT_POOL, ['nodePools', 0])];
  const names = new Set<string>();
  nodePools.forEach(({ name }, index) => {
    if (names.has(name)) throw new OptionsError(['nodePools', index, 'metadata', 'name'], `two NodePools are called ${name}`);
    names.add(name);
  });
  const batchIdleMs = settings.duration('batchIdleDuration', SECOND);
  const batchMaxMs = settings.duration('batchMaxDuration', 10 * SECOND);
  if (batchIdleMs < 1) throw new OptionsError(settings.at('batchIdleDuration'), 'expected at least 1ms');
  if (batchMaxMs < batchIdleMs)
    throw new OptionsError(settings.at('batchMaxDuration'), 'must not be shorter than batchIdleDuration');
  const version = settings.oneOf('version', VERSIONS, VERSIONS[0]);
  nodePools.forEach(({ consolidationPolicy }, index) => {
    if (consolidationPolicy !== 'Balanced' || version === '1.14') return;
    const at = ['nodePools', index, 'spec', 'disruption', 'consolidationPolicy'];
    throw new OptionsError(at, `Karpenter ${version} has no policy Balanced; it came with 1.14`);
  });
  return {
    nodePools,
    settings: {
      batchIdleMs,
      batchMaxMs,
      preferencePolicy: settings.oneOf('preferencePolicy', ['Respect', 'Ignore'], 'Respect'),
      minValuesPolicy: settings.oneOf('minValuesPolicy', ['Strict', 'BestEffort'], 'Strict'),
      startsAt: readInstant(settings, 'startsAt', DEFAULT_START),
      version,
    },
    featureGates: { spotToSpotConsolidation: gates.flag('SpotToSpotConsolidation', false) },
    rollouts: readRollouts(top, nodePools),
    ignored: [
      ...NOT_MODELLED_SETTINGS.filter((name) => settings.has(name)),
      ...NOT_MODELLED_GATES.filter((name) => gates.has(name)),
      ...['nodeClasses', 'nodeOverlays'].filter((name) => top.list(name, (value) => value).length > 0),
    ],
  };
}
