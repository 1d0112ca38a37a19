import type { PodAffinityTerm, PodSpec } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { KubeScheduler } from '../src/kube-scheduler.ts';
import { Bench, nodeShape, podSpec } from './support/build.ts';

const GI = 2 ** 30;
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';

/** Nodes n0 and n2 in zone a, n1 in zone b, which are listed in turn: n0, n1, n2. What both engines do with pods that come one after the other; they must do the same. Names of nodes, undefined where none fits. */
function decisions(specs: readonly PodSpec[], nodes = 3): (string | undefined)[] {
  const [fast, plain] = (['fast', 'plain'] as const).map((engine) => {
    const bench = new Bench();
    const scheduler = bench.connect(new KubeScheduler(bench.view, { engine }));
    for (let i = 0; i < nodes; i++)
      bench.node(`n${i}`, nodeShape(8000, 32 * GI, { labels: { [ZONE]: i % 2 === 0 ? 'a' : 'b' } }));
    return specs.flatMap((spec) => {
      bench.pending(spec);
      return bench.drain(scheduler).map(([, node]) => node);
    });
  });
  expect(fast).toEqual(plain);
  return fast;
}

const term = (app: string, topologyKey = HOST): PodAffinityTerm => ({ topologyKey, labelSelector: { matchLabels: { app } } });
const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const small = { cpu: 100, memory: GI / 8 };

describe('objects that are meant to hurt', () => {
  it('2,000 anti-affinity terms keep each of 2,000 kinds away, and their own', () => {
    const required = many(2000, (i) => term(`a${i}`));
    const lonely = (i: number) => podSpec(small, { labels: { app: `a${i}` }, podAntiAffinity: { required } });
    expect(decisions([lonely(0), lonely(1), lonely(1999), lonely(5), podSpec(small, { labels: { app: 'a7' } })])).toEqual([
      'n0',
      'n1',
      'n2',
      undefined,
      undefined,
    ]);
  });

  it('2,000 preferences add up exactly', () => {
    const preferred = many(2000, (i) => ({ weight: 1 + (i % 100), term: term(i < 1000 ? 'web' : `a${i}`, ZONE) }));
    const fond = podSpec(small, { podAffinity: { preferred } });
    expect(decisions([podSpec(small, { labels: { app: 'web' }, nodeSelector: { [HOST]: 'n1' } }), fond, fond])).toEqual([
      'n1',
      'n1',
      'n1',
    ]);
  });

  it('2,000 node affinity terms are tried one by one', () => {
    const expression = (i: number) => ({ key: i === 1999 ? ZONE : `k${i}`, operator: 'In' as const, values: ['b'] });
    const required = many(2000, (i) => ({ matchExpressions: [expression(i)] }));
    expect(decisions([podSpec(small, { nodeAffinity: { required } })])).toEqual(['n1']);
  });

  it('2,000 spread constraints on keys that no node has leave the choice to the other scores', () => {
    const topologySpread = many(2000, (i) => ({
      topologyKey: `k${i}`,
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway' as const,
      labelSelector: { matchLabels: { app: 'web' } },
    }));
    const spread = podSpec({ cpu: 1000, memory: GI }, { labels: { app: 'web' }, topologySpread });
    expect(decisions([spread, spread])).toEqual(['n0', 'n1']);
  });

  it('10,000 labels, and selectors over all of them', () => {
    const labels = Object.fromEntries(many(10_000, (i) => [`k${i}`, `v${i}`]));
    const apart = podSpec(small, {
      labels,
      podAntiAffinity: { required: [{ topologyKey: HOST, labelSelector: { matchLabels: labels } }] },
    });
    expect(decisions([apart, apart, apart, apart])).toEqual(['n0', 'n1', 'n2', undefined]);
  });

  it('10,000 tolerations', () => {
    const tolerations = many(10_000, (i) => ({ key: `k${i}`, operator: 'Exists' as const }));
    expect(decisions([podSpec(small, { tolerations })])).toEqual(['n0']);
  });

  it('pods that want each other in a circle wait for ever, and one that wants itself does not', () => {
    const wants = (own: string, other: string) =>
      podSpec(small, { labels: { app: own }, podAffinity: { required: [term(other)] } });
    expect(decisions([wants('a', 'b'), wants('b', 'c'), wants('c', 'a')])).toEqual([undefined, undefined, undefined]);
    expect(decisions([wants('me', 'me'), wants('me', 'me')])).toEqual(['n0', 'n0']);
  });

  it('a pod that must be with its kind and apart from it goes alone, once', () => {
    const torn = podSpec(small, {
      labels: { app: 'x' },
      podAffinity: { required: [term('x', ZONE)] },
      podAntiAffinity: { required: [term('x')] },
    });
    expect(decisions([torn, torn, torn])).toEqual(['n0', 'n2', undefined]);
  });

  it('amounts at the edge of what is exact: one byte more does not fit', () => {
    const bench = new Bench();
    const scheduler = bench.connect(new KubeScheduler(bench.view));
    const most = 90_071_992_547_409;
    bench.node('n', nodeShape(8000, most));
    const first = bench.pending(podSpec({ memory: most - 1 }));
    expect(bench.drain(scheduler)).toEqual([[first, 'n']]);
    const second = bench.pending(podSpec({ memory: 2 }));
    expect(bench.drain(scheduler)).toEqual([[second, undefined]]);
    const third = bench.pending(podSpec({ memory: 1 }));
    expect(bench.drain(scheduler)).toEqual([[third, 'n']]);
    expect(() => bench.node('huge', nodeShape(8000, most + 1))).toThrow('beyond which scores are not exact');
    expect(() =>
      bench.pending(podSpec({}, { containers: many(3, () => ({ requests: { memory: Number.MAX_SAFE_INTEGER } })) })),
    ).toThrow('cannot be held exactly');
  });
});
