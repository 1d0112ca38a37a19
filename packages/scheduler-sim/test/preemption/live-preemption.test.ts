import { EVICTION, NONE, POD } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { KubeScheduler } from '../../src/kube-scheduler.ts';
import { Bench, nodeShape, podSpec } from '../support/build.ts';

const GI = 2 ** 30;
const urgent = podSpec({ cpu: 800 }, { priority: 10 });
const low = podSpec({ cpu: 800 }, { priority: -5 });

/** Nodes of one core each. */
function start(engine: 'fast' | 'plain', ...names: string[]) {
  const bench = new Bench();
  const scheduler = bench.connect(new KubeScheduler(bench.view, { engine }));
  for (const name of names) bench.node(name, nodeShape(1000, GI));
  const stateOf = (pod: number) => bench.cluster.pods.state[pod];
  const nodeOf = (pod: number) => bench.cluster.nodeNames[bench.cluster.pods.node[pod]];
  return { bench, scheduler, stateOf, nodeOf };
}

describe.each(['fast', 'plain'] as const)('preemption in a run, %s engine', (engine) => {
  it('asks the less important to go, and takes their node once they are gone', () => {
    const { bench, scheduler, stateOf, nodeOf } = start(engine, 'n');
    const victim = bench.bound(low, 0);
    const pod = bench.pending(urgent);
    expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
    expect(stateOf(victim)).toBe(POD.terminating);
    bench.cluster.remove(victim);
    expect(bench.drain(scheduler)).toEqual([[pod, 'n']]);
    expect(nodeOf(pod)).toBe('n');
  });

  it('evicts nobody for a pod that fits without', () => {
    const { bench, scheduler, stateOf } = start(engine, 'n', 'm');
    const other = bench.bound(low, 0);
    const pod = bench.pending(urgent);
    expect(bench.drain(scheduler)).toEqual([[pod, 'm']]);
    expect(stateOf(other)).toBe(POD.bound);
  });

  it('keeps the room for the pod that waits for it: no less important one takes it, a more important one may', () => {
    const { bench, scheduler } = start(engine, 'n');
    const victim = bench.bound(low, 0);
    const waiting = bench.pending(urgent);
    bench.drain(scheduler);
    bench.cluster.remove(victim);
    const between = bench.pending(podSpec({ cpu: 800 }, { priority: 5 }));
    const top = bench.pending(podSpec({ cpu: 800 }, { priority: 20 }));
    // By priority: the top one takes the room; the others find none.
    const tried = bench.drain(scheduler);
    expect(tried[0]).toEqual([top, 'n']);
    expect(tried.slice(1).every(([, node]) => node === undefined)).toBe(true);
    expect(tried.map(([pod]) => pod)).toEqual(expect.arrayContaining([waiting, between]));
  });

  it('evicts no second time while the first victims are on their way out', () => {
    const { bench, scheduler, stateOf } = start(engine, 'n', 'm');
    const [onFirst, onSecond] = [bench.bound(low, 0), bench.bound(low, 1)];
    const pod = bench.pending(urgent);
    bench.drain(scheduler);
    expect([stateOf(onFirst), stateOf(onSecond)]).toEqual([POD.terminating, POD.bound]);
    // Five minutes later it is tried again, and still waits.
    bench.cluster.setNow(330_000);
    expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
    expect(stateOf(onSecond)).toBe(POD.bound);
  });

  it('does not wait for a pod that goes for another reason', () => {
    const { bench, scheduler, stateOf } = start(engine, 'n', 'm');
    // What it waited for on n is gone, yet a drained pod on its way out still fills the node: room is made on m too.
    const victim = bench.bound(low, 0);
    const pod = bench.pending(urgent);
    bench.bound(podSpec({ cpu: 800 }, { priority: 20 }), 1);
    bench.drain(scheduler);
    bench.cluster.remove(victim);
    const drained = bench.bound(low, 0);
    bench.cluster.evict(drained, EVICTION.drain);
    const third = bench.node('o', nodeShape(1000, GI));
    const lowest = bench.bound(podSpec({ cpu: 800 }, { priority: -50 }), third);
    expect(bench.drain(scheduler)[0]).toEqual([pod, undefined]);
    expect(stateOf(lowest)).toBe(POD.terminating);
  });

  it('evicts nothing where the scheduler is told not to', () => {
    const bench = new Bench();
    const scheduler = bench.connect(new KubeScheduler(bench.view, { engine, preemption: false }));
    bench.node('n', nodeShape(1000, GI));
    const other = bench.bound(low, 0);
    const pod = bench.pending(urgent);
    expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
    expect(bench.cluster.pods.state[other]).toBe(POD.bound);
  });

  it('goes on from a snapshot with who waits where', () => {
    const { bench, scheduler } = start(engine, 'n', 'm');
    const victim = bench.bound(low, 0);
    bench.bound(podSpec({ cpu: 800 }, { priority: 20 }), 1);
    const pod = bench.pending(urgent);
    bench.drain(scheduler);
    const copy = new KubeScheduler(bench.view, { engine });
    copy.restore(JSON.parse(JSON.stringify(scheduler.snapshot())));
    bench.connect(copy);
    const between = bench.pending(podSpec({ cpu: 800 }, { priority: 5 }));
    bench.cluster.remove(victim);
    // The new pod comes first, since the other waits out its backoff, and finds the room kept.
    for (const expected of [
      { pod: between, node: NONE },
      { pod, node: 0 },
    ]) {
      const placement = { ...copy.next(0) };
      expect(placement).toEqual({ ...scheduler.next(0) });
      expect(placement).toMatchObject(expected);
    }
  });
});
