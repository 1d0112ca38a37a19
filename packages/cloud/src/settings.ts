import { type Distribution, MINUTE, SECOND } from '@plimsoll/core';
import type { SubnetAddresses, VcpuQuota } from './account.ts';
import type { PoolLimit, PoolShortage } from './capacity-pools.ts';
import type { GroupBehaviourInput } from './groups/behaviour.ts';
import { type LaunchLatency, launchLatencyPresets } from './launch-latency.ts';
import type { SpotHazard } from './spot-hazards.ts';
import type { SpotPriceSeries } from './spot-prices.ts';
import type { Throttling } from './throttle.ts';

/** How the cloud behaves. Times are in milliseconds. */
export interface CloudSettings {
  /** How long a machine takes to start. Default: {@link launchLatencyPresets}`.default`. */
  readonly launch: LaunchLatency;
  /**
   * From a fleet request until its answer, which names the pool or the errors; part of order-to-running. Default uniform 1 to 3 s
   * (a Karpenter timeline in awslabs/node-latency-for-k8s; one measured call of 1.5 s, daemonology.net 2021).
   */
  readonly fleetCall: Distribution;
  /** From a group's gap between desired and real size until the group acts. Default uniform 5 to 30 s: a guess, no measurement was found. */
  readonly groupReaction: Distribution;
  /**
   * Pause of a group after an attempt that failed for want of capacity: the first, doubled after each further one, up to the longest.
   * Default 15 s and 5 min: a guess; AWS documents only that the pauses grow.
   */
  readonly groupRetry: { readonly first: number; readonly longest: number };
  /**
   * From the call that ends a machine until machine and Node are gone. Default lognormal, median 60 s, 99th percentile 120 s
   * (impressions between 30 and 120 s; no measurement was found). EC2 charges nothing from the call on.
   */
  readonly termination: Distribution;
  /** Which machine of the fullest zone a group ends when it shrinks by itself. EC2 picks at random in the end. Default drawn. */
  readonly scaleInVictim: 'drawn' | 'newest' | 'oldest';
  /** Which of equally priced offerings a lowest-price fleet takes: the first of the price list, or one drawn by machine. Default first. */
  readonly fleetTie: 'first' | 'drawn';
  /** Whether a group's desired machines are ready when the run begins, or are launched then. Default ready. */
  readonly initialMachines: 'ready' | 'launched';
  /** How many machines a pool holds. Default: no limits. */
  readonly limits: readonly PoolLimit[];
  /** When pools have no capacity. Default: never. */
  readonly shortages: readonly PoolShortage[];
  /**
   * How groups behave, by name; `*` is every group that is not named. Default: none; a group that nothing is said of keeps its size and does nothing
   * else, and one that is named, be it with nothing, behaves as the real one does.
   */
  readonly groups: Readonly<Record<string, GroupBehaviourInput>>;
  /** From the notice until a spot machine is taken. Default: 2 min for fleets (EC2), that of its kind for a group's machine. */
  readonly spotNotice: number | undefined;
  /** Spot machines that are taken one by one. Default: none. */
  readonly spotHazards: readonly SpotHazard[];
  /** How spot prices move. Default: they do not. */
  readonly spotPrices: readonly SpotPriceSeries[];
  /**
   * Equal fleet requests become one call: `idle` after the last of them, at most `most` after the first, at most `size` together. Default off;
   * Karpenter's are 35 ms, 1 s and 1,000 (aws/karpenter-provider-aws, `pkg/batcher/createfleet.go`).
   */
  readonly fleetBatch: { readonly idle: number; readonly most: number; readonly size: number } | undefined;
  /** Most offerings that a fleet request may name; a longer one fails. Default: no limit, as EC2 has none for instant fleets. */
  readonly fleetOverrides: number;
  /** How the API holds back callers. Default: not at all. */
  readonly throttling: Throttling;
  /** vCPUs that an account may run. Default: no quota. */
  readonly quotas: readonly VcpuQuota[];
  /** Addresses that subnets have free. Default: enough. */
  readonly subnets: readonly SubnetAddresses[];
}

/** Settings of a run that says nothing else. */
export const defaultCloudSettings: CloudSettings = {
  launch: launchLatencyPresets.default,
  fleetCall: { kind: 'uniform', min: 1 * SECOND, max: 3 * SECOND },
  groupReaction: { kind: 'uniform', min: 5 * SECOND, max: 30 * SECOND },
  groupRetry: { first: 15 * SECOND, longest: 5 * MINUTE },
  termination: { kind: 'lognormal', median: 60 * SECOND, p99: 120 * SECOND },
  scaleInVictim: 'drawn',
  fleetTie: 'first',
  initialMachines: 'ready',
  limits: [],
  shortages: [],
  groups: {},
  spotNotice: undefined,
  spotHazards: [],
  spotPrices: [],
  fleetBatch: undefined,
  fleetOverrides: Infinity,
  throttling: {},
  quotas: [],
  subnets: [],
};
