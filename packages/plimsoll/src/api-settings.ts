import type { Scenario, SchedulerPace, Streams } from '@plimsoll/core';
import { type ControllerPace, defaultOwnersSettings } from '@plimsoll/kubernetes';

/** How fast controllers are in a scenario: without an API server, they hear of everything after one and the same delay. */
export function controllerPace({ api, controllers }: Scenario): ControllerPace {
  if (api === undefined) {
    const value = controllers.replaceDelay ?? defaultOwnersSettings.replaceDelay;
    return { reaction: { kind: 'constant', value }, write: { kind: 'constant', value: 0 } };
  }
  return {
    reaction: api.watchDelay ?? { kind: 'uniform', min: 1, max: 6 },
    write: api.write ?? { kind: 'uniform', min: 4, max: 14 },
    limit: api.clients.controllers ?? { qps: 20, burst: 30 },
  };
}

/** How fast the scheduler is in a scenario; undefined without an API server. */
export function schedulerPace({ api }: Scenario, streams: Streams): SchedulerPace | undefined {
  if (api === undefined) return undefined;
  return {
    latency: { kind: 'uniform', min: 5, max: 25 },
    cycle: api.schedulingCycle ?? { kind: 'uniform', min: 3, max: 10 },
    preemption: { kind: 'uniform', min: 5, max: 20 },
    write: { kind: 'uniform', min: 2, max: 8 },
    limit: api.clients.scheduler ?? { qps: 50, burst: 100 },
    chance: streams.stream('scheduler-pace'),
  };
}

/** Longest period of an autoscaler's own loop: Cluster Autoscaler's scan interval, Karpenter's disruption pass. */
const LOOP_MS = 10_000;

/**
 * How long the autoscaler has been running, as far as its period goes. Beside a real API server it has been there for a while, and
 * where in its loop the run finds it is chance; without one it begins with the run.
 */
export function autoscalerAge({ api }: Scenario, streams: Streams): number {
  return api === undefined ? 0 : Math.floor(streams.keyed('phase', 'autoscaler').at(0) * LOOP_MS);
}
