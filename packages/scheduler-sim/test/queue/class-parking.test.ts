import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KubeScheduler } from '../../src/kube-scheduler.ts';
import { Bench, nodeShape, podSpec } from '../support/build.ts';

const GI = 2 ** 30;

function full(waiting: number) {
  const bench = new Bench();
  const scheduler = bench.connect(new KubeScheduler(bench.view, { retries: 'class' }));
  const node = bench.node('n', nodeShape(1000, GI));
  const holders = [400, 400, 200].map((cpu) => bench.bound(podSpec({ cpu }), node));
  const pods = Array.from({ length: waiting }, () => bench.pending(podSpec({ cpu: 300 })));
  bench.drain(scheduler);
  return { bench, scheduler, holders, pods };
}

it('lets one pod try for its class, and the next only after it was placed', () => {
  const { bench, scheduler, holders, pods } = full(5);
  bench.cluster.remove(holders[0]);
  // 400m are free: the first finds room, the second fails for all that are left.
  expect(bench.drain(scheduler)).toEqual([
    [pods[0], 'n'],
    [pods[1], undefined],
  ]);
  expect(pods.map((pod) => scheduler.attempts(pod))).toEqual([2, 2, 1, 1, 1]);
});

it('keeps the order of pods when the one that tried fails', () => {
  const { bench, scheduler, holders, pods } = full(4);
  bench.cluster.remove(holders[2]);
  expect(bench.drain(scheduler)).toEqual([[pods[0], undefined]]);
  bench.cluster.remove(holders[0]);
  expect(bench.drain(scheduler)).toEqual([
    [pods[0], 'n'],
    [pods[1], 'n'],
    [pods[2], undefined],
  ]);
});

it('passes on to the next when the pod that tries is deleted', () => {
  const { bench, scheduler, holders, pods } = full(2);
  bench.cluster.remove(holders[0]);
  bench.cluster.remove(pods[0]);
  expect(bench.drain(scheduler)).toEqual([[pods[1], 'n']]);
});

it('leaves no pod waiting that would fit, after any series of departures', () => {
  const sizes = [100, 250, 400, 700];
  fc.assert(
    fc.property(
      fc.constantFrom<'each' | 'class'>('each', 'class'),
      fc.array(fc.nat(3), { minLength: 10, maxLength: 60 }),
      fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }),
      (retries, arrivals, departures) => {
        const bench = new Bench();
        const scheduler = bench.connect(new KubeScheduler(bench.view, { retries }));
        const nodes = ['a', 'b', 'c'].map((name) => bench.node(name, nodeShape(1000, GI)));
        for (const size of arrivals) bench.pending(podSpec({ cpu: sizes[size] }));
        bench.drain(scheduler);
        for (const pick of departures) {
          const node = nodes[pick % 3];
          if (bench.cluster.nodes.firstPod[node] >= 0) bench.cluster.remove(bench.cluster.nodes.firstPod[node]);
          bench.drain(scheduler);
          const free = nodes.map((row) => 1000 - bench.cluster.used[row * bench.cluster.stride]);
          for (let pod = bench.cluster.firstPending; pod >= 0; pod = bench.cluster.pods.next[pod]) {
            const size = bench.classes.pods[bench.cluster.pods.class[pod]].requests[0];
            expect(size).toBeGreaterThan(Math.max(...free));
          }
        }
      },
    ),
    { numRuns: 100, seed: 3 },
  );
});
