import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../src/cluster/view.ts';
import type { Component, JsonValue, Timer } from '../../src/contracts/component.ts';
import type { Provider, Reconciliation } from '../../src/contracts/provider.ts';
import { AutoscalerHost } from '../../src/engine/autoscaler-host.ts';
import { RunEnd } from '../../src/engine/run-end.ts';
import { SchedulerHost } from '../../src/engine/scheduler-host.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { RECORD } from '../../src/log/records.ts';
import { PHASE } from '../../src/time/phase.ts';
import { FirstFit, MadeUpCloud, MadeUpPods, noWorkload } from './made-up.ts';

/** Notes which of its events came when; some of them push others. */
class Note implements Component {
  readonly id: string;
  readonly timer: Timer;
  notes: string[] = [];
  onEvent: (code: number, a: number) => void = () => {};
  onStart: () => void = () => {};

  constructor(id: string, timer: Timer) {
    this.id = id;
    this.timer = timer;
  }

  start(): void {
    this.onStart();
  }

  handle(code: number, a: number, b: number): void {
    this.notes.push(`${this.timer.now} ${this.id} ${code} ${a} ${b}`);
    this.onEvent(code, a);
  }

  snapshot(): JsonValue {
    return this.notes;
  }

  restore(value: JsonValue): void {
    this.notes = [...(value as string[])];
  }
}

describe('the loop', () => {
  it('hands each event to the component that asked for it, in order of time, phase and asking', () => {
    const simulation = new Simulation(1);
    const notes: string[] = [];
    const [x, y] = ['x', 'y'].map((id) => simulation.add((timer) => new Note(id, timer)));
    for (const each of [x, y]) each.notes = notes;
    x.onStart = () => {
      x.timer.at(5, PHASE.scheduler, 255, 1, 2);
      x.timer.at(5, PHASE.world, 0);
    };
    y.onStart = () => {
      y.timer.at(5, PHASE.scheduler, 3, -4);
      y.timer.at(2, PHASE.observer, 4);
    };
    simulation.run();
    expect(notes).toEqual(['2 y 4 0 0', '5 x 0 0 0', '5 x 255 1 2', '5 y 3 -4 0']);
    expect([simulation.now, simulation.events, simulation.ended]).toEqual([5, 4, true]);
  });

  it('ends when nothing is left, or after the event in which a component ends it', () => {
    const simulation = new Simulation(1);
    const note = simulation.add((timer) => new Note('x', timer));
    note.onStart = () => {
      for (const time of [1, 2, 3]) note.timer.at(time, PHASE.world, time);
    };
    note.onEvent = (code) => {
      if (code === 2) simulation.end();
    };
    simulation.run();
    expect(note.notes.length).toBe(2);
    const { kind, time } = simulation.log.columns();
    expect([[...kind], [...time]]).toEqual([[RECORD.ended], [2]]);
    simulation.end();
    expect(simulation.log.length).toBe(1);
  });

  it('takes events back that were cancelled', () => {
    const simulation = new Simulation(1);
    const note = simulation.add((timer) => new Note('x', timer));
    note.onStart = () => {
      const handle = note.timer.at(5, PHASE.world, 1);
      note.timer.at(1, PHASE.world, 2);
      note.onEvent = () => note.timer.cancel(handle);
    };
    simulation.run();
    expect(note.notes).toEqual(['1 x 2 0 0']);
  });

  it('refuses codes that would reach another component, two components of one name, and late comers', () => {
    const simulation = new Simulation(1);
    const note = simulation.add((timer) => new Note('x', timer));
    expect(() => note.timer.at(1, PHASE.world, 256)).toThrow('event code 256');
    expect(() => note.timer.at(1, PHASE.world, -1)).toThrow('event code -1');
    expect(() => simulation.add((timer) => new Note('x', timer))).toThrow('two components are called x');
    simulation.run();
    expect(() => simulation.add((timer) => new Note('y', timer))).toThrow('before the run starts');
  });

  it('knows the latest phase that the millisecond has come to', () => {
    const simulation = new Simulation(1);
    const note = simulation.add((timer) => new Note('x', timer));
    const phases: number[] = [];
    note.onStart = () => {
      note.timer.at(1, PHASE.controller, 0);
      note.timer.at(1, PHASE.observer, 1);
      note.timer.at(2, PHASE.arrival, 0);
    };
    note.onEvent = (code) => {
      phases.push(simulation.phase);
      // Back to the world's phase, within the millisecond: the later phases have been all the same.
      if (code === 1) note.timer.at(1, PHASE.world, 0);
    };
    simulation.run();
    expect(phases).toEqual([PHASE.controller, PHASE.observer, PHASE.observer, PHASE.arrival]);
  });
});

describe('running until a time', () => {
  it('handles all of that millisecond, whatever its events add to it, and moves time there', () => {
    const simulation = new Simulation(1);
    const note = simulation.add((timer) => new Note('x', timer));
    note.onStart = () => {
      note.timer.at(10, PHASE.observer, 1);
      note.timer.at(11, PHASE.world, 9);
    };
    note.onEvent = (code) => {
      if (code < 3) note.timer.at(10, PHASE.observer, code + 1);
    };
    simulation.runUntil(10);
    expect(note.notes.map((line) => line.split(' ')[2])).toEqual(['1', '2', '3']);
    expect(simulation.now).toBe(10);
    simulation.runUntil(10);
    simulation.runUntil(500);
    expect([note.notes.length, simulation.now, simulation.ended]).toEqual([4, 500, false]);
  });

  it.each([Number.NaN, 4, 5.5, Infinity])('refuses the time %d when time is 5', (time) => {
    const simulation = new Simulation(1);
    simulation.runUntil(5);
    expect(() => simulation.runUntil(time)).toThrow(RangeError);
  });

  it('stops where a component ends the run', () => {
    const simulation = new Simulation(1);
    const note = simulation.add((timer) => new Note('x', timer));
    note.onStart = () => note.timer.at(3, PHASE.world, 0);
    note.onEvent = () => simulation.end();
    simulation.runUntil(10);
    expect([simulation.now, simulation.ended]).toEqual([3, true]);
  });
});

/** Buys a machine when pods wait and none is on its way; gives back machines that stood empty at two calls in a row. */
class Greedy implements Provider {
  readonly #view: ReturnType<typeof viewOf>;
  #bought = 0;
  #empty: number[] = [];

  constructor(view: ReturnType<typeof viewOf>) {
    this.#view = view;
  }

  reconcile(now: number): Reconciliation {
    const { nodes, nodeCount, firstPending, pods } = this.#view;
    const rows = Array.from({ length: nodeCount }, (_, node) => node);
    const onTheWay = rows.filter((node) => nodes.state[node] <= 2 && nodes.terminating[node] === 0);
    const empty = rows.filter((node) => nodes.state[node] === 4 && nodes.terminating[node] === 0 && nodes.pods[node] === 0);
    const because = { code: 'Because', message: `at ${now}` };
    const decisions: Reconciliation['decisions'][number][] = empty
      .filter((node) => this.#empty.includes(node))
      .map((node) => ({ kind: 'terminate', node, because }));
    this.#empty = empty;
    if (firstPending !== -1 && pods.unschedulable[firstPending] === 1 && onTheWay.length === 0) {
      const request = {
        name: `m-${this.#bought++}`,
        group: 0,
        offerings: [0],
        strategy: 'lowest-price',
        labels: {},
        taints: [],
      } as const;
      decisions.push({ kind: 'launch', request, because });
    }
    return { decisions, wake: { at: now + 10 } };
  }

  snapshot(): JsonValue {
    return { bought: this.#bought, empty: this.#empty };
  }

  restore(value: JsonValue): void {
    const saved = value as { bought: number; empty: number[] };
    this.#bought = saved.bought;
    this.#empty = saved.empty;
  }
}

/** A small whole run: pods, machines, a scheduler, an autoscaler and an end. */
function smallRun(seed: number): Simulation {
  const simulation = new Simulation(seed);
  const { cluster, log, streams } = simulation;
  simulation.add((timer) => new MadeUpPods(cluster, timer, streams, 25));
  const cloud = simulation.add((timer) => new MadeUpCloud(cluster, timer, streams));
  simulation.add((timer) => new SchedulerHost(cluster, timer, new FirstFit(viewOf(cluster))));
  simulation.add(
    (timer) =>
      new AutoscalerHost({
        name: 'greedy',
        cluster,
        log,
        timer,
        cloud,
        workload: noWorkload,
        provider: new Greedy(viewOf(cluster)),
        explain: 'reasons',
        skipQuiet: true,
        phase: () => simulation.phase,
      }),
  );
  simulation.add((timer) => new RunEnd(cluster, timer, { settle: 60, lastArrival: 0 }, () => simulation.end()));
  return simulation;
}

/** Times at which anything happens in a run. */
function times(simulation: Simulation): number[] {
  return [...new Set(simulation.log.columns().time)];
}

describe('a run', () => {
  const whole = smallRun(3);
  whole.run();
  const digest = whole.log.digest();

  it('is worth the tests below: pods waited, machines came and went, and every pod finished', () => {
    const kinds = [...whole.log.columns().kind];
    const count = (kind: number) => kinds.filter((each) => each === kind).length;
    expect(count(RECORD.podFinished)).toBe(25);
    expect(count(RECORD.podUnschedulable)).toBeGreaterThan(5);
    expect(count(RECORD.nodeOrdered)).toBeGreaterThan(2);
    expect(count(RECORD.nodeGone)).toBeGreaterThan(1);
    expect(whole.log.decisions.length).toBe(count(RECORD.decided));
  });

  it('has the same digest whenever it is repeated, and another for another seed', () => {
    const again = smallRun(3);
    again.run();
    expect(again.log.digest()).toBe(digest);
    const other = smallRun(4);
    other.run();
    expect(other.log.digest()).not.toBe(digest);
  });

  it('has the same digest in pieces as in one go', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }), (pieces) => {
        const simulation = smallRun(3);
        for (const piece of pieces) if (!simulation.ended) simulation.runUntil(simulation.now + piece);
        simulation.run();
        expect(simulation.log.digest()).toBe(digest);
      }),
      { seed: 81, numRuns: 60 },
    );
  });

  it('ends with its last event, even where time was moved on past it', () => {
    const without = (until: number): Simulation => {
      const simulation = new Simulation(1);
      const { cluster, streams } = simulation;
      simulation.add((timer) => new MadeUpPods(cluster, timer, streams, 3));
      if (until > 0) simulation.runUntil(until);
      simulation.run();
      return simulation;
    };
    expect(without(5000).log.digest()).toBe(without(0).log.digest());
  });

  it('saved at every time at which anything happens, and restored into a new one, ends with the same digest', () => {
    for (const time of times(whole)) {
      const first = smallRun(3);
      first.runUntil(time);
      const saved = structuredClone(first.snapshot());
      const second = smallRun(3);
      second.restore(saved);
      expect(second.now).toBe(first.now);
      second.run();
      expect(`${time} ${second.log.digest()}`).toBe(`${time} ${digest}`);
      expect(second.log.decisions).toEqual(whole.log.decisions);
    }
  });

  it('can be saved again and again on its way', () => {
    let simulation = smallRun(3);
    for (const time of times(whole)) {
      simulation.runUntil(time);
      const next = smallRun(3);
      next.restore(simulation.snapshot());
      expect(next.snapshot()).toEqual(simulation.snapshot());
      simulation = next;
    }
    simulation.run();
    expect(simulation.log.digest()).toBe(digest);
  });

  it('is saved by reading alone', () => {
    const simulation = smallRun(3);
    for (const time of times(whole)) {
      simulation.runUntil(time);
      simulation.snapshot();
    }
    simulation.run();
    expect(simulation.log.digest()).toBe(digest);
  });

  it('restored with other components, or in another order, is refused', () => {
    const saved = smallRun(3).snapshot();
    const fewer = new Simulation(3);
    fewer.add((timer) => new MadeUpPods(fewer.cluster, timer, fewer.streams, 1));
    expect(() => fewer.restore(saved)).toThrow('the snapshot has the components pods, cloud, scheduler, autoscaler, run-end');

    const pair = (...ids: string[]): Simulation => {
      const simulation = new Simulation(1);
      for (const id of ids) simulation.add((timer) => new Note(id, timer));
      return simulation;
    };
    expect(() => pair('y', 'x').restore(pair('x', 'y').snapshot())).toThrow('this simulation has y, x');
    expect(() => pair('x', 'y', 'z').restore(pair('x', 'y').snapshot())).toThrow('this simulation has x, y, z');
  });

  it('that has started is not restored', () => {
    const simulation = smallRun(3);
    const saved = simulation.snapshot();
    simulation.runUntil(1);
    expect(() => simulation.restore(saved)).toThrow('before it starts');
  });
});
