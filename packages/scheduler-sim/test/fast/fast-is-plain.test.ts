import { EVICTION, POD, Streams } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KubeScheduler, type KubeSchedulerOptions } from '../../src/kube-scheduler.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from '../../src/plain/config.ts';
import { isIgnored } from '../../src/plain/plugins/node-resources.ts';
import { Bench } from '../support/build.ts';
import { anyConfig } from '../support/configs.ts';
import { gpu, HUGE, RANKED, SHAPES, SOCIAL, SPECS, slow, zone } from '../support/palette.ts';

const PODS = [...SPECS, ...SOCIAL, ...RANKED];
/** The same, some of which name another scheduler. */
const SHARED = PODS.map((spec, i) => (i % 3 === 1 ? { ...spec, schedulerName: 'second' } : spec));

type Step =
  | { op: 'node'; shape: number }
  | { op: 'gone'; pick: number }
  | { op: 'pods'; spec: number; count: number }
  | { op: 'leave'; pick: number; count: number }
  | { op: 'cordon'; pick: number; on: boolean }
  | { op: 'taint'; pick: number; on: boolean }
  | { op: 'zone'; pick: number; to: string }
  | { op: 'whatIf'; pick: number; spec: number }
  | { op: 'reborn'; pick: number }
  | { op: 'evict'; pick: number }
  | { op: 'reap'; pick: number };

const pick = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('node' as const), shape: fc.nat(SHAPES.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('gone' as const), pick }) },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('pods' as const),
      spec: fc.nat(PODS.length - 1),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('leave' as const), pick, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cordon' as const), pick, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('taint' as const), pick, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('zone' as const), pick, to: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('whatIf' as const), pick, spec: fc.nat(PODS.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('reborn' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('evict' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('reap' as const), pick }) },
);

/** Runs both engines over one cluster and compares each of their decisions. */
function compare(options: KubeSchedulerOptions, nodes: number, steps: readonly Step[], specs = PODS): void {
  const bench = new Bench();
  const { cluster } = bench;
  const configs = [options.config, ...Object.values(options.profiles ?? {})];
  cluster.unchecked = (name) =>
    configs.some((config) => config !== undefined && isIgnored(name, { ...DEFAULT_CONFIG, ...config }));
  let names = 0;
  const fast = bench.connect(new KubeScheduler(bench.view, options));
  const plain = bench.connect(new KubeScheduler(bench.view, { ...options, engine: 'plain' }));
  const add = (shape: number, name = `n${names++}`): number => bench.node(name, SHAPES[shape]);
  for (let i = 0; i < nodes; i++) add(i % 5);

  const schedule = (): void => {
    for (;;) {
      expect(fast.readyAt).toBe(plain.readyAt);
      const expected = plain.next(cluster.now);
      const found = fast.next(cluster.now);
      expect(found && { ...found }).toEqual(expected && { ...expected });
      if (expected === undefined) return;
      if (expected.node < 0) cluster.markUnschedulable(expected.pod);
      else cluster.bind(expected.pod, expected.node);
      for (const victim of expected.victims ?? []) cluster.evict(victim, EVICTION.preempted);
    }
  };
  const one = (rows: number[], at: number): number | undefined => rows[at % rows.length];

  for (const act of steps) {
    cluster.setNow(cluster.now + 700);
    if (act.op === 'node') add(act.shape);
    else if (act.op === 'reap') {
      // Most of the pods that are on their way out are gone.
      for (let pod = 0; pod < cluster.podCount; pod++) {
        if (cluster.pods.state[pod] === POD.terminating && pod % 4 !== act.pick % 4) cluster.remove(pod);
      }
    } else if (act.op === 'pods') for (let i = 0; i < act.count; i++) bench.pending(specs[act.spec]);
    else {
      const node = one(bench.registered, act.pick);
      if (node === undefined) continue;
      if (act.op === 'gone') cluster.nodeGone(node);
      else if (act.op === 'leave') {
        for (let i = 0; i < act.count && cluster.nodes.firstPod[node] >= 0; i++) cluster.remove(cluster.nodes.firstPod[node]);
      } else if (act.op === 'cordon') cluster.changeNode(node, { unschedulable: act.on });
      else if (act.op === 'taint') cluster.changeNode(node, act.on ? { addTaints: [slow] } : { removeTaints: [slow, gpu] });
      else if (act.op === 'evict') {
        const pod = cluster.nodes.firstPod[node];
        if (pod >= 0 && cluster.pods.state[pod] !== POD.terminating) cluster.evict(pod, EVICTION.api);
      } else if (act.op === 'zone') cluster.changeNode(node, { addLabels: zone(act.to) });
      else if (act.op === 'reborn') {
        cluster.nodeGone(node);
        add(act.pick % SHAPES.length, cluster.nodeNames[node]);
      } else {
        bench.view.speculate((whatIf) => {
          const imagined = whatIf.imagineNode(bench.classes.node(HUGE).id, 'imagined');
          whatIf.changeNode(node, { addTaints: [gpu] });
          for (let pod = cluster.nodes.firstPod[node]; pod >= 0; pod = cluster.nodes.firstPod[node]) {
            whatIf.unbind(pod);
            whatIf.bind(pod, imagined);
          }
          whatIf.hideNode(node);
        });
        bench.pending(specs[act.spec]);
      }
    }
    schedule();
  }
  expect(fast.snapshot()).toEqual(plain.snapshot());
}

describe('the fast engine decides as the plain one', () => {
  const ties: [string, () => KubeSchedulerOptions][] = [
    ['first', () => ({ tie: 'first' })],
    ['first, one pod trying for its class', () => ({ tie: 'first', retries: 'class' })],
    ['first, with room for two classes in memory', () => ({ tie: 'first', cacheBytes: 1000 })],
    ['preorder', () => ({ tie: 'preorder' })],
    ['random', () => ({ tie: 'random', chance: new Streams(7).keyed('tie') })],
  ];
  for (const [name, options] of ties) {
    it(`with ties by ${name}, whatever happens to a small cluster`, () => {
      fc.assert(
        fc.property(fc.nat(6), fc.array(step, { minLength: 5, maxLength: 60 }), (nodes, steps) => {
          compare(options(), nodes, steps);
        }),
        { numRuns: 60, seed: 20_260_101 },
      );
    });
  }

  const most = {
    type: 'MostAllocated' as const,
    resources: [
      { name: 'cpu', weight: 2 },
      { name: 'nvidia.com/gpu', weight: 1 },
    ],
  };
  const configs: [string, Partial<SchedulerConfig>][] = [
    ['packing', { fit: { ...DEFAULT_CONFIG.fit, strategy: most } }],
    ['other weights', { scoreWeights: { NodeResourcesFit: 5, InterPodAffinity: 1, PodTopologySpread: 10, NodeAffinity: 1 } }],
    [
      'its own spread defaults',
      { spread: { defaults: [{ topologyKey: 'disk', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] } },
    ],
    ['no word of other pods', { podAffinity: { hardWeight: 0, ignorePreferredOfExisting: true } }],
  ];
  for (const [name, config] of configs) {
    it(`configured for ${name}`, () => {
      fc.assert(
        fc.property(fc.nat(6), fc.array(step, { minLength: 5, maxLength: 50 }), (nodes, steps) => {
          compare({ config }, nodes, steps);
        }),
        { numRuns: 25, seed: 20_260_103 },
      );
    });
  }

  it('under any configuration', () => {
    fc.assert(
      fc.property(anyConfig, fc.nat(6), fc.array(step, { minLength: 5, maxLength: 40 }), (config, nodes, steps) => {
        compare({ config }, nodes, steps);
      }),
      { numRuns: 120, seed: 20_260_105 },
    );
  });

  it('with profiles that pods choose by name, which share one queue and one round through the nodes', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, fc.array(step, { minLength: 5, maxLength: 40 }), (a, b, steps) => {
        const backoff = { initialBackoffMs: 1000 };
        compare({ profiles: { 'default-scheduler': { ...a, ...backoff }, second: { ...b, ...backoff } } }, 5, steps, SHARED);
      }),
      { numRuns: 40, seed: 20_260_106 },
    );
  });

  it('when it stops at enough nodes and goes on from there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('first' as const, 'preorder' as const),
        fc.array(step, { minLength: 20, maxLength: 60 }),
        (tie, steps) => {
          compare({ tie, config: { percentageOfNodesToScore: 60 } }, 190, steps);
        },
      ),
      { numRuns: 8, seed: 20_260_104 },
    );
  });

  it('in a cluster of several blocks, where caches are patched and not rebuilt', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 120 }), (steps) => {
        compare({}, 150, steps);
      }),
      { numRuns: 12, seed: 20_260_102 },
    );
  });
});
