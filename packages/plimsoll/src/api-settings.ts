import type { ClientLimit, Distribution, Scenario, SchedulerPace, Streams } from '@plimsoll/core';
import {
  type ApiServer,
  CLIENT_LIMITS,
  CONTROL_PLANE_TIERS,
  type ControllerPace,
  type ControlPlaneTier,
  defaultOwnersSettings,
} from '@plimsoll/kubernetes';

/**
 * What calls and attempts take beside a small, idle API server on two shared cores, milliseconds. Modelling defaults, read off recorded runs
 * of Kubernetes v1.36.2: a pod that fits is bound 17 ms (median) after its creation, a controller's first pod comes 20 ms after a
 * user's call and the next batch 10 to 20 ms later, failed attempts of a burst come 6 ms apart, and 40 to 70 ms where victims are sought.
 */
const apiDefaults = {
  /** From a write until a controller works on it. */
  watchDelay: { kind: 'uniform', min: 1, max: 6 },
  /** A controller's write. */
  write: { kind: 'uniform', min: 4, max: 14 },
  /** From a change to the first pod that an idle scheduler binds for it. */
  schedulerLatency: { kind: 'uniform', min: 5, max: 25 },
  /** One attempt of the scheduler. */
  schedulingCycle: { kind: 'uniform', min: 2, max: 9 },
  /** The search for victims. */
  preemptionSearch: { kind: 'uniform', min: 5, max: 20 },
  /** The scheduler's report of a failed attempt. */
  report: { kind: 'uniform', min: 2, max: 8 },
} as const satisfies Readonly<Record<string, Distribution>>;

/** How fast controllers are in a scenario: without an API server, they hear of everything after one and the same delay. */
export function controllerPace({ api, controllers }: Scenario, server?: ApiServer): ControllerPace {
  if (api === undefined) {
    const value = controllers.replaceDelay ?? defaultOwnersSettings.replaceDelay;
    return { reaction: { kind: 'constant', value }, write: { kind: 'constant', value: 0 } };
  }
  return {
    reaction: api.watchDelay ?? apiDefaults.watchDelay,
    write: api.write ?? apiDefaults.write,
    limit: api.clients.controllers ?? CLIENT_LIMITS.controller,
    ...(server && { call: (at: number, serviceMs: number) => server.write(at, serviceMs) }),
  };
}

/**
 * How fast the scheduler is in a scenario; undefined without an API server.
 *
 * @param client the limit in the scheduler's own configuration, where it says
 */
export function schedulerPace(
  { api }: Scenario,
  streams: Streams,
  server?: ApiServer,
  client?: ClientLimit,
): SchedulerPace | undefined {
  if (api === undefined) return undefined;
  return {
    latency: api.schedulerLatency ?? apiDefaults.schedulerLatency,
    cycle: api.schedulingCycle ?? apiDefaults.schedulingCycle,
    preemption: api.preemptionSearch ?? apiDefaults.preemptionSearch,
    write: apiDefaults.report,
    limit: api.clients.scheduler ?? client ?? schedulerLimit(CONTROL_PLANE_TIERS[api.preset]),
    ...(server && { call: (at: number, serviceMs: number) => server.write(at, serviceMs) }),
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

/** Requests that the scenario's API server works on at once. */
export function seatsOf({ preset, seats }: NonNullable<Scenario['api']>): number {
  return seats ?? CONTROL_PLANE_TIERS[preset].seats;
}

/** A control plane that is sold with a scheduling rate lets its scheduler's client call as often. */
function schedulerLimit({ schedulingRate: qps }: ControlPlaneTier) {
  return qps === undefined ? CLIENT_LIMITS.scheduler : { qps, burst: 2 * qps };
}
