import { type Scheduler, SchedulerHost, Simulation, viewOf } from '@plimsoll/core';
import { Kubelet } from '@plimsoll/kubernetes';
import { kubeScheduler } from '@plimsoll/scheduler-sim';
import { Arrivals } from './arrivals.ts';
import type { Day } from './day.ts';

/** Every node is looked at and scored. */
export const CONFIG = { percentageOfNodesToScore: 100 };

/** Sets up a day: arrivals, kubelet and scheduler, with the whole log. `judge` may stand between scheduler and engine. */
export function setUp(day: Day, judge: (scheduler: Scheduler, simulation: Simulation) => Scheduler = (s) => s): Simulation {
  const simulation = new Simulation(42);
  const { cluster, streams } = simulation;
  simulation.add((timer) => new Arrivals(cluster, timer, day));
  simulation.add((timer) => new Kubelet(cluster, timer, streams));
  const scheduler = judge(kubeScheduler({ config: CONFIG }).create(viewOf(cluster)), simulation);
  simulation.add((timer) => new SchedulerHost(cluster, timer, scheduler));
  return simulation;
}
