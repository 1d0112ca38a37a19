import { type CloudSettings, type GroupBehaviourInput, launchLatencyPresets } from '@plimsoll/cloud';
import type { Scenario } from '@plimsoll/core';
import { defined } from './defined.ts';

/** What a scenario says about the cloud, as settings of the cloud's model. What it leaves open keeps the model's defaults. */
export function cloudSettings(cloud: Scenario['cloud']): Partial<CloudSettings> {
  const { launch = {}, limits, shortages, groups, spot = {}, fleet, throttling, quotas, subnets } = cloud;
  const { fleetCall, fleetTie } = launch;
  const { preset = 'default', orderToRunning, runningToRegistered, registeredToReady, groupReaction, termination } = launch;
  return {
    launch: {
      ...launchLatencyPresets[preset],
      ...(orderToRunning && { orderToRunning }),
      ...(runningToRegistered && { runningToRegistered }),
      ...(registeredToReady && { registeredToReady }),
    },
    ...(groupReaction && { groupReaction }),
    ...(termination && { termination }),
    ...(fleetCall && { fleetCall }),
    ...(fleetTie && { fleetTie }),
    ...(limits && { limits: limits.map(({ max, ...match }) => ({ max, ...matching(match) })) }),
    ...(shortages && {
      shortages: shortages.map(({ every, lasts, reclaim, ...match }) => ({
        every,
        lasts,
        ...matching(match),
        ...(reclaim && { reclaim: defined(reclaim) }),
      })),
    }),
    ...(groups && { groups: mapValues(groups, groupInput) }),
    ...(spot.notice !== undefined && { spotNotice: spot.notice }),
    ...(spot.prices && {
      spotPrices: spot.prices.map(({ changes, ...match }) => ({ ...matching(match), changes })),
    }),
    ...(spot.interruptions && {
      spotHazards: spot.interruptions.map(({ every, rebalance, lead, instanceType, zone }) => ({
        ...matching({ instanceType, zone }),
        ...defined({ rebalance, lead }),
        ...(every === undefined ? { advisor: true as const } : { every }),
      })),
    }),
    ...(fleet?.batch && { fleetBatch: fleet.batch }),
    ...(fleet?.overrides !== undefined && { fleetOverrides: fleet.overrides }),
    ...(throttling && { throttling: defined(throttling) }),
    ...(quotas && { quotas }),
    ...(subnets && { subnets: subnets.map((subnet) => defined(subnet)) }),
  };
}

type Group = NonNullable<Scenario['cloud']['groups']>[string];

/** A group as the file describes it, with money in nano-dollars. */
function groupInput({ spotMaxPrice, ...rest }: Group): GroupBehaviourInput {
  return { ...rest, ...(spotMaxPrice !== undefined && { spotMaxPrice: Math.round(spotMaxPrice * 1e9) }) };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

type Match = { instanceType?: string | undefined; zone?: string | undefined; capacityType?: 'on-demand' | 'spot' | undefined };

function matching({ instanceType, zone, capacityType }: Match) {
  return { ...(instanceType && { instanceType }), ...(zone && { zone }), ...(capacityType && { capacityType }) };
}
