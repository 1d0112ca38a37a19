import { describe, expect, it } from 'vitest';
import { KubeScheduler } from '../../src/kube-scheduler.ts';
import { Bench, nodeShape, podSpec } from '../support/build.ts';
import { STORAGE, zone } from '../support/palette.ts';

const GI = 2 ** 30;
const withClaim = (claim: string) => podSpec({ cpu: 100 }, { volumes: [{ name: 'data', kind: 'persistentVolumeClaim', claim }] });

function start(...zones: string[]) {
  const bench = new Bench();
  const scheduler = bench.connect(new KubeScheduler(bench.view, { storage: STORAGE }));
  // The earlier the larger, so that a pod without claims goes to n0.
  zones.forEach((name, i) => {
    bench.node(`n${i}`, nodeShape(8000 - 1000 * i, 8 * GI, { labels: zone(name) }));
  });
  return { bench, scheduler };
}

describe('volumes in a run', () => {
  it('keep a pod to where its volume can be reached', () => {
    const { bench, scheduler } = start('a', 'b');
    const pod = bench.pending(withClaim('in-b'));
    expect(bench.drain(scheduler)).toEqual([[pod, 'n1']]);
  });

  it('are made where the first pod of their claim goes, and keep the next one there', () => {
    const { bench, scheduler } = start('a', 'b');
    bench.cluster.changeNode(0, { unschedulable: true });
    const first = bench.pending(withClaim('second'));
    expect(bench.drain(scheduler)).toEqual([[first, 'n1']]);
    bench.cluster.changeNode(0, { unschedulable: false });
    const second = bench.pending(withClaim('second'));
    expect(bench.drain(scheduler)).toEqual([[second, 'n1']]);
  });

  it('are taken from those that are there where none can be made', () => {
    const { bench, scheduler } = start('b', 'a');
    const pod = bench.pending(withClaim('matched'));
    expect(bench.drain(scheduler)).toEqual([[pod, 'n1']]);
  });

  it('exclude a second pod from a claim for one, until the first is gone', () => {
    const { bench, scheduler } = start('a', 'b');
    const first = bench.pending(withClaim('alone'));
    const second = bench.pending(withClaim('alone'));
    expect(bench.drain(scheduler)).toEqual([
      [first, 'n0'],
      [second, undefined],
    ]);
    expect(scheduler.explain(second)).toContain('ReadWriteOncePod access mode already in-use by another pod');
    bench.cluster.remove(first);
    expect(bench.drain(scheduler)).toEqual([[second, 'n0']]);
  });

  it('count against what a node attaches', () => {
    const { bench, scheduler } = start('a', 'b');
    const first = bench.pending(withClaim('alone'));
    const second = bench.pending(withClaim('shared'));
    // n0 attaches one volume of that driver.
    expect(bench.drain(scheduler)).toEqual([
      [first, 'n0'],
      [second, 'n1'],
    ]);
  });

  it('make a pod wait whose claim nothing binds, and say why', () => {
    const { bench, scheduler } = start('a');
    const pod = bench.pending(withClaim('never'));
    expect(bench.drain(scheduler)).toEqual([[pod, undefined]]);
    expect(scheduler.explain(pod)).toContain('pod has unbound immediate PersistentVolumeClaims');
  });

  it('of claims that the input does not have bind anywhere', () => {
    const { bench, scheduler } = start('a', 'b');
    const pod = bench.pending(withClaim('unheard of'));
    expect(bench.drain(scheduler)).toEqual([[pod, 'n0']]);
  });

  it('are where they were after a restore', () => {
    const { bench, scheduler } = start('a', 'b');
    bench.cluster.changeNode(0, { unschedulable: true });
    bench.pending(withClaim('second'));
    bench.drain(scheduler);
    const copy = new KubeScheduler(bench.view, { storage: STORAGE });
    copy.restore(JSON.parse(JSON.stringify(scheduler.snapshot())));
    bench.connect(copy);
    bench.cluster.changeNode(0, { unschedulable: false });
    const pod = bench.pending(withClaim('second'));
    expect(copy.next(0)).toMatchObject({ pod, node: 1 });
  });
});

it('prefers nodes that hold the images of a pod', () => {
  const bench = new Bench();
  const scheduler = bench.connect(new KubeScheduler(bench.view));
  const images = [{ names: ['big:1'], sizeBytes: 900 * 2 ** 20 }];
  bench.node('without', nodeShape(4000, 8 * GI));
  bench.node('with', nodeShape(4000, 8 * GI, { images }));
  const pod = bench.pending(podSpec({}, { containers: [{ requests: { cpu: 100 }, image: 'big:1' }] }));
  expect(bench.drain(scheduler)).toEqual([[pod, 'with']]);
});
