import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Component, JsonValue, Timer } from '../../src/contracts/component.ts';
import { RunEnd, type RunEndSettings } from '../../src/engine/run-end.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { EVICTION } from '../../src/log/records.ts';
import { PHASE } from '../../src/time/phase.ts';

type Step = readonly [time: number, change: (cluster: Cluster) => void];

class Script implements Component {
  readonly id = 'script';
  readonly #timer: Timer;
  readonly #cluster: Cluster;
  readonly #steps: readonly Step[];

  constructor(timer: Timer, cluster: Cluster, steps: readonly Step[]) {
    this.#timer = timer;
    this.#cluster = cluster;
    this.#steps = steps;
  }

  start(): void {
    this.#steps.forEach(([time], index) => {
      this.#timer.at(time, PHASE.world, index);
    });
  }

  handle(code: number): void {
    this.#steps[code][1](this.#cluster);
  }

  snapshot(): JsonValue {
    return null;
  }

  restore(): void {}
}

function simulationOf(settings: RunEndSettings, steps: readonly Step[]): Simulation {
  const simulation = new Simulation(1);
  simulation.add((timer) => new Script(timer, simulation.cluster, steps));
  simulation.add((timer) => new RunEnd(simulation.cluster, timer, settings, () => simulation.end()));
  return simulation;
}

/** When a run of these steps ends. Anything that lies beyond the end keeps the queue from running dry. */
function endOf(settings: RunEndSettings, ...steps: Step[]): number {
  const simulation = simulationOf(settings, [...steps, [100_000, () => {}]]);
  simulation.run();
  return simulation.now;
}

const pod =
  (duration: number) =>
  (cluster: Cluster): void => {
    const { id } = cluster.classes.pod({ namespace: 'd', labels: {}, annotations: {}, controller: 'Job', containers: [] });
    cluster.createPod({ podClass: id, owner: 0, ordinal: 0, duration });
  };
const node = (cluster: Cluster): void => {
  const shape = { labels: {}, taints: [], unschedulable: false, capacity: { pods: 9 }, allocatable: { pods: 9 } };
  const row = cluster.orderNode({ name: 'n', offering: 0, group: 0, decision: -1 });
  cluster.nodeRunning(row, 0);
  cluster.registerNode(row, cluster.classes.node(shape).id);
};
const bind = (row: number) => (cluster: Cluster) => cluster.bind(row, 0);
const start = (row: number) => (cluster: Cluster) => cluster.start(row);
const finish = (row: number) => (cluster: Cluster) => cluster.finish(row);

describe('the end of a run', () => {
  it('is its duration where it has one, whatever still goes on', () => {
    expect(endOf({ duration: 500, settle: 10, lastArrival: 0 }, [0, pod(10)], [0, node], [100, bind(0)])).toBe(500);
    expect(endOf({ duration: 500, settle: 10, lastArrival: 900 })).toBe(500);
  });

  it('comes a settling time after the last arrival where nothing happens', () => {
    expect(endOf({ settle: 50, lastArrival: 200 })).toBe(250);
  });

  it('comes a settling time after the last of the pods that end by themselves has ended', () => {
    expect(endOf({ settle: 50, lastArrival: 0 }, [0, node], [0, pod(1)], [10, bind(0)], [15, start(0)], [1234, finish(0)])).toBe(
      1284,
    );
  });

  it('waits for a pod on a node for as long as it runs', () => {
    expect(endOf({ settle: 1, lastArrival: 0 }, [0, node], [0, pod(1)], [1, bind(0)], [2, start(0)], [50_000, finish(0)])).toBe(
      50_001,
    );
  });

  it('does not wait for pods that nothing can hold', () => {
    expect(endOf({ settle: 50, lastArrival: 0 }, [20, pod(1)])).toBe(70);
  });

  it('waits no longer for services than for the work', () => {
    expect(endOf({ settle: 50, lastArrival: 0 }, [0, node], [0, pod(Infinity)], [1, bind(0)], [2, start(0)], [10, pod(5)])).toBe(
      60,
    );
  });

  it('counts an evicted pod until its object is gone, and one that went while pending not at all', () => {
    const evict = (row: number) => (cluster: Cluster) => cluster.evict(row, EVICTION.drain);
    expect(
      endOf(
        { settle: 50, lastArrival: 0 },
        [0, node],
        [0, pod(1)],
        [0, pod(1)],
        [10, bind(0)],
        [20, evict(1)],
        [300, evict(0)],
        [400, (cluster) => cluster.remove(0)],
      ),
    ).toBe(450);
  });

  it('comes in the very millisecond of the last pod where the settling time is zero', () => {
    expect(endOf({ settle: 0, lastArrival: 0 }, [0, node], [0, pod(1)], [0, bind(0)], [5, start(0)], [700, finish(0)])).toBe(700);
  });

  it('asks for no events while pods run', () => {
    const simulation = simulationOf({ settle: 1, lastArrival: 0 }, [
      [0, node],
      [0, pod(1)],
      [0, bind(0)],
      [90_000, start(0)],
      [90_001, finish(0)],
    ]);
    simulation.run();
    expect(simulation.now).toBe(90_002);
    expect(simulation.events).toBeLessThan(10);
  });

  it('is the same after a restore at any time', () => {
    const steps: Step[] = [
      [0, node],
      [0, pod(1)],
      [10, bind(0)],
      [15, start(0)],
      [100, finish(0)],
      [120, pod(1)],
    ];
    const settings = { settle: 50, lastArrival: 0 };
    for (const time of [0, 10, 12, 49, 50, 51, 99, 100, 120, 149, 150, 169]) {
      const first = simulationOf(settings, steps);
      first.runUntil(time);
      const second = simulationOf(settings, steps);
      second.restore(structuredClone(first.snapshot()));
      second.run();
      expect([time, second.now]).toEqual([time, 170]);
    }
  });
});
