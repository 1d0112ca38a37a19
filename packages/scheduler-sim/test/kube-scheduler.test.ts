import { NONE, Streams } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { KubeScheduler } from '../src/kube-scheduler.ts';
import { Bench, nodeShape, podSpec } from './support/build.ts';

const GI = 2 ** 30;

function start(...nodes: [string, number, number][]) {
  const bench = new Bench();
  const scheduler = bench.connect(new KubeScheduler(bench.view));
  for (const [name, cpu, memory] of nodes) bench.node(name, nodeShape(cpu, memory));
  return { bench, scheduler };
}

describe('choice of a node', () => {
  it('takes the node that is left with the most room', () => {
    const { bench, scheduler } = start(['small', 4000, 10000], ['large', 6000, 10000]);
    const pod = bench.pending(podSpec({ cpu: 3000, memory: 5000 }));
    expect(bench.drain(scheduler)).toEqual([[pod, 'large']]);
  });

  it('takes the first of equals in the order of the list', () => {
    const { bench, scheduler } = start(['x', 4000, GI], ['y', 4000, GI]);
    for (let i = 0; i < 4; i++) bench.pending(podSpec({ cpu: 100, memory: 1000 }));
    expect(bench.drain(scheduler).map(([, node]) => node)).toEqual(['x', 'y', 'x', 'y']);
  });

  it('avoids PreferNoSchedule taints more than it likes room', () => {
    const { bench, scheduler } = start(['small', 1000, GI]);
    bench.node('large', nodeShape(64_000, 64 * GI, { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }));
    bench.pending(podSpec({ cpu: 100, memory: 1000 }));
    expect(bench.drain(scheduler).map(([, node]) => node)).toEqual(['small']);
  });

  it('weighs preferred affinity by the largest sum among the nodes that fit', () => {
    const { bench, scheduler } = start(['plain', 4000, GI]);
    bench.node('liked', nodeShape(4000, GI, { labels: { disk: 'ssd' } }));
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
    bench.pending(podSpec({ cpu: 100 }, { nodeAffinity: { preferred: [{ weight: 1, preference }] } }));
    expect(bench.drain(scheduler).map(([, node]) => node)).toEqual(['liked']);
  });

  it('draws random ties by pod, each node in its turn', () => {
    const bench = new Bench();
    const chance = new Streams(1).keyed('tie');
    const scheduler = bench.connect(new KubeScheduler(bench.view, { tie: 'random', chance }));
    for (const name of ['a', 'b', 'c']) bench.node(name, nodeShape(100_000, 64 * GI));
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 40; i++) {
      const pod = bench.pending(podSpec());
      seen.add(bench.drain(scheduler)[0][1]);
      bench.cluster.remove(pod);
    }
    expect(seen).toEqual(new Set(['a', 'b', 'c']));
  });
});

describe('queue', () => {
  it('tries pods by priority, then by time', () => {
    const { bench, scheduler } = start(['n', 4000, GI]);
    const low = bench.pending(podSpec({}, { priority: -1 }));
    const first = bench.pending(podSpec());
    const second = bench.pending(podSpec());
    const high = bench.pending(podSpec({}, { priority: 10 }));
    expect(bench.drain(scheduler).map(([pod]) => pod)).toEqual([high, first, second, low]);
  });

  it('wakes a pod when room comes free, at once while nothing else waits', () => {
    const { bench, scheduler } = start(['n', 1000, GI]);
    const first = bench.bound(podSpec({ cpu: 800 }), 0);
    const waiting = bench.pending(podSpec({ cpu: 800 }));
    expect(bench.drain(scheduler)).toEqual([[waiting, undefined]]);
    expect(scheduler.readyAt).toBe(330_000);
    bench.cluster.setNow(500);
    bench.cluster.remove(first);
    expect(scheduler.readyAt).toBe(-Infinity);
    expect(bench.drain(scheduler)).toEqual([[waiting, 'n']]);
  });

  it('does not wake a pod for a node that it does not fit even when empty', () => {
    const { bench, scheduler } = start(['n', 1000, GI]);
    const pod = bench.pending(podSpec({ cpu: 2000 }));
    bench.drain(scheduler);
    bench.node('as-small', nodeShape(1000, GI));
    expect(bench.drain(scheduler)).toEqual([]);
    bench.node('larger', nodeShape(4000, GI));
    expect(bench.drain(scheduler)).toEqual([[pod, 'larger']]);
  });

  it('wakes a pod that lacked room when a node loses a taint, and one that did not tolerate it', () => {
    const { bench, scheduler } = start(['n', 1000, GI]);
    const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' as const };
    const node = bench.cluster.orderNode({ name: 'm', offering: 0, group: 0, decision: -1 });
    bench.cluster.nodeRunning(node, 0);
    bench.cluster.registerNode(node, bench.classes.node(nodeShape(4000, GI, { taints: [notReady] })).id);
    const pod = bench.pending(podSpec({ cpu: 2000 }));
    expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
    bench.cluster.readyNode(node, { removeTaints: [notReady] });
    expect(bench.drain(scheduler)).toEqual([[pod, 'm']]);
  });

  it('tries a rejected pod again after five minutes, at the next half-minute tick', () => {
    const { bench, scheduler } = start(['n', 1000, GI]);
    bench.cluster.setNow(10_000);
    const pod = bench.pending(podSpec({ cpu: 2000 }));
    bench.drain(scheduler);
    expect(scheduler.readyAt).toBe(330_000);
    bench.cluster.setNow(329_999);
    expect(bench.drain(scheduler)).toEqual([]);
    bench.cluster.setNow(330_000);
    expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
    expect(scheduler.attempts(pod)).toBe(2);
  });

  it('retries without any event while there are no nodes, after 1, 2, 4, 8 and 10 seconds cut to whole ones', () => {
    const { bench, scheduler } = start();
    bench.cluster.setNow(300);
    const pod = bench.pending(podSpec());
    const tried: number[] = [];
    for (let i = 0; i < 6; i++) {
      expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
      tried.push(bench.cluster.now);
      bench.cluster.setNow(scheduler.readyAt);
    }
    // 300 + 1000 is cut to 1000; the tick after that window is 2000; and so on.
    expect(tried).toEqual([300, 2000, 5000, 10_000, 19_000, 30_000]);
  });

  it('leaves out pods with scheduling gates', () => {
    const { bench, scheduler } = start(['n', 1000, GI]);
    bench.pending(podSpec({}, { schedulingGates: ['wait'] }));
    expect(bench.drain(scheduler)).toEqual([]);
    expect(scheduler.readyAt).toBe(Infinity);
  });
});

describe('explain', () => {
  it('counts reasons as the real message does', () => {
    const { bench, scheduler } = start(['n', 1000, GI], ['m', 1000, GI]);
    for (let i = 0; i < 3; i++) {
      bench.node(`t${i}`, nodeShape(8000, GI, { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }));
    }
    const pod = bench.pending(podSpec({ cpu: 2000 }));
    bench.drain(scheduler);
    expect(scheduler.explain(pod)).toBe(
      '0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint(s). ' +
        'no new claims to deallocate, preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling.',
    );
  });

  it('says that there are no nodes', () => {
    const { bench, scheduler } = start();
    const pod = bench.pending(podSpec());
    expect(scheduler.next(0)).toMatchObject({ pod, node: NONE });
    expect(scheduler.explain(pod)).toBe('no nodes available to schedule pods');
  });
});

it('goes on from a snapshot exactly as the saved scheduler', () => {
  const { bench, scheduler } = start(['a', 1000, GI], ['b', 2000, GI]);
  for (let i = 0; i < 12; i++) bench.pending(podSpec({ cpu: 300 + 50 * (i % 3) }));
  for (let i = 0; i < 5; i++) {
    const { pod, node } = scheduler.next(0) as { pod: number; node: number };
    bench.cluster.bind(pod, node);
  }
  const copy = new KubeScheduler(bench.view);
  copy.restore(JSON.parse(JSON.stringify(scheduler.snapshot())));
  expect(copy.snapshot()).toEqual(scheduler.snapshot());
  expect({ ...copy.next(0) }).toEqual({ ...scheduler.next(0) });
});
