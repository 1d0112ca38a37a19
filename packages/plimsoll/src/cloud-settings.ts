import { type CloudSettings, launchLatencyPresets } from '@plimsoll/cloud';
import type { Scenario } from '@plimsoll/core';

/** What a scenario says about the cloud, as settings of the cloud's model. What it leaves open keeps the model's defaults. */
export function cloudSettings({ launch = {}, limits, shortages }: Scenario['cloud']): Partial<CloudSettings> {
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
    ...(shortages && { shortages: shortages.map(({ every, lasts, ...match }) => ({ every, lasts, ...matching(match) })) }),
  };
}

type Match = { instanceType?: string | undefined; zone?: string | undefined; capacityType?: 'on-demand' | 'spot' | undefined };

function matching({ instanceType, zone, capacityType }: Match) {
  return { ...(instanceType && { instanceType }), ...(zone && { zone }), ...(capacityType && { capacityType }) };
}
