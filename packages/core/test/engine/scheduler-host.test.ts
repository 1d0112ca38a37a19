import { describe, expect, it } from 'vitest';
import { POD } from '../../src/cluster/states.ts';
import { viewOf } from '../../src/cluster/view.ts';
import type { Component, JsonValue } from '../../src/contracts/component.ts';
import type { Placement, Scheduler } from '../../src/contracts/scheduler.ts';
import { SchedulerHost } from '../../src/engine/scheduler-host.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { EVICTION, RECORD } from '../../src/log/records.ts';
import { PHASE } from '../../src/time/phase.ts';
import { FirstFit } from './made-up.ts';

/** Counts how often it is asked. */
class Counted extends FirstFit {
  asked: number[] = [];

  override next(now: number): Placement | undefined {
    this.asked.push(now);
    return super.next(now);
  }
}

/** Does what a test says, when it says so. */
class Script implements Component {
  readonly id = 'script';
  readonly #begin: () => void;
  readonly #steps: readonly (() => void)[];

  constructor(begin: () => void, steps: readonly (() => void)[]) {
    this.#begin = begin;
    this.#steps = steps;
  }

  start(): void {
    this.#begin();
  }

  handle(code: number): void {
    this.#steps[code]();
  }

  snapshot(): JsonValue {
    return null;
  }

  restore(): void {}
}

function setting(script: readonly (readonly [time: number, step: (world: { pod: () => number; node: () => number }) => void])[]) {
  const simulation = new Simulation(1);
  const { cluster, classes } = simulation;
  const world = {
    pod: () => {
      const containers = [{ requests: { cpu: 600 } }];
      const { id } = classes.pod({ namespace: 'd', labels: {}, annotations: {}, controller: 'Job', containers });
      return cluster.createPod({ podClass: id, owner: 0, ordinal: 0, duration: Infinity });
    },
    node: () => {
      const allocatable = { cpu: 1000, pods: 5 };
      const shape = { labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable };
      const node = cluster.orderNode({ name: 'n', offering: 0, group: 0, decision: -1 });
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, classes.node(shape).id);
      return node;
    },
  };
  simulation.add((timer) => {
    const steps = script.map(
      ([, step]) =>
        () =>
          step(world),
    );
    return new Script(() => {
      for (const [index, [time]] of script.entries()) timer.at(time, PHASE.arrival, index);
    }, steps);
  });
  const scheduler = new Counted(viewOf(cluster));
  simulation.add((timer) => new SchedulerHost(cluster, timer, scheduler));
  return { simulation, scheduler };
}

describe('the host of a scheduler', () => {
  it('binds what it places and reports what it cannot, in the millisecond of the change', () => {
    const { simulation } = setting([
      [7, ({ pod, node }) => [node(), pod(), pod()]],
      [15, ({ node }) => node()],
    ]);
    simulation.run();
    const { time, kind, a, b } = simulation.log.columns();
    const rows = [...kind].map((each, row) => `${time[row]} ${each} ${a[row]} ${b[row]}`);
    expect(rows.filter((_, row) => [RECORD.podBound, RECORD.podUnschedulable].includes(kind[row] as 2 | 3))).toEqual([
      `7 ${RECORD.podBound} 0 0`,
      `7 ${RECORD.podUnschedulable} 1 1`,
      // The node comes at 15; this scheduler tries again 20 ms after an attempt.
      `27 ${RECORD.podBound} 1 1`,
    ]);
  });

  it('asks a scheduler that waits once per time that it named, however many changes there were', () => {
    const { simulation, scheduler } = setting([
      [0, ({ pod }) => pod()],
      // The first pod waits until 20 meanwhile; each of these changes must not add another wake-up at 20.
      ...Array.from({ length: 10 }, (_, n) => [1 + n, ({ node }: { node: () => number }) => n === 9 && node()] as const),
      [5, ({ pod }) => pod()],
    ]);
    simulation.runUntil(20);
    expect(scheduler.asked).toEqual([0, 0, 5, 5, 20, 20]);
    expect([...simulation.cluster.pods.state.subarray(0, 2)]).toEqual([POD.bound, POD.pending]);
    expect(simulation.snapshot().events.length).toBe(1);
  });

  it('keeps its one pending wake-up through a restore', () => {
    const script = [
      [0, ({ pod }: { pod: () => number }) => pod()],
      [3, ({ pod }: { pod: () => number }) => pod()],
    ] as const;
    const first = setting(script).simulation;
    first.runUntil(1);
    const { simulation, scheduler } = setting(script);
    simulation.restore(first.snapshot());
    simulation.runUntil(19);
    expect(scheduler.asked).toEqual([3, 3]);
    expect(simulation.snapshot().events.map(({ time }) => time)).toEqual([20]);
  });

  it('evicts the victims of an attempt that found no node', () => {
    const { simulation, scheduler } = setting([
      [7, ({ pod, node }) => [node(), pod()]],
      [9, ({ pod }) => pod()],
    ]);
    const next = scheduler.next.bind(scheduler);
    scheduler.next = (now) => {
      const placement = next(now);
      return placement?.pod === 1 && placement.node < 0 && now === 9 ? { ...placement, victims: [0] } : placement;
    };
    simulation.runUntil(9);
    const { kind, a, b, c } = simulation.log.columns();
    const last = kind.length - 1;
    expect([kind[last], a[last], b[last], c[last]]).toEqual([RECORD.podEvicted, 0, 0, EVICTION.preempted]);
    expect(simulation.cluster.pods.state[0]).toBe(POD.terminating);
  });

  it('refuses a scheduler that is ready for ever and never tries', () => {
    const simulation = new Simulation(1);
    const stuck: Scheduler = {
      readyAt: 0,
      observe: () => {},
      next: () => undefined,
      explain: () => '',
      snapshot: () => null,
      restore: () => {},
    };
    const script = simulation.add(
      (timer) =>
        new Script(
          () => timer.at(0, PHASE.arrival, 0),
          [() => simulation.cluster.orderNode({ name: 'n', offering: 0, group: 0, decision: -1 })],
        ),
    );
    expect(script.id).toBe('script');
    simulation.add((timer) => new SchedulerHost(simulation.cluster, timer, stuck));
    expect(() => simulation.run()).toThrow('made no attempt at 0');
  });
});
