import { EVICTION, type NodeShape, POD, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { KubeScheduler, type KubeSchedulerOptions } from '../../src/kube-scheduler.ts';
import { DEFAULT_CONFIG } from '../../src/plain/config.ts';
import { isIgnored } from '../../src/plain/plugins/node-resources.ts';
import { Bench } from './build.ts';
import { gpu, HUGE, RANKED, SHAPES, SOCIAL, SPECS, slow, zone } from './palette.ts';

/** Pods that a comparison draws from, where it names no others. */
export const PODS = [...SPECS, ...SOCIAL, ...RANKED];

/** What a comparison draws from. */
export interface Palette {
  readonly specs?: readonly PodSpec[];
  readonly shapes?: readonly NodeShape[];
}

/** Something that happens to a cluster. */
export type Step =
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
/** Any of it, in likely shares. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('node' as const), shape: pick }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('gone' as const), pick }) },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('pods' as const),
      spec: pick,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('leave' as const), pick, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cordon' as const), pick, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('taint' as const), pick, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('zone' as const), pick, to: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('whatIf' as const), pick, spec: pick }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('reborn' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('evict' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('reap' as const), pick }) },
);

/**
 * Runs both engines over one cluster and compares each of their decisions. Returns how many there were.
 *
 * @throws Error at the first decision that differs.
 */
export function compareEngines(
  options: KubeSchedulerOptions,
  nodes: number,
  steps: readonly Step[],
  { specs = PODS, shapes = SHAPES }: Palette = {},
): number {
  let decisions = 0;
  const bench = new Bench();
  const { cluster } = bench;
  const configs = [options.config, ...Object.values(options.profiles ?? {})];
  cluster.unchecked = (name) =>
    configs.some((config) => config !== undefined && isIgnored(name, { ...DEFAULT_CONFIG, ...config }));
  let names = 0;
  const fast = bench.connect(new KubeScheduler(bench.view, options));
  const plain = bench.connect(new KubeScheduler(bench.view, { ...options, engine: 'plain' }));
  const add = (shape: number, name = `n${names++}`): number => bench.node(name, shapes[shape % shapes.length]);
  for (let i = 0; i < nodes; i++) add(i);

  const schedule = (): void => {
    for (;;) {
      same(fast.readyAt, plain.readyAt);
      const expected = plain.next(cluster.now);
      same(fast.next(cluster.now), expected);
      if (expected === undefined) return;
      decisions++;
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
    } else if (act.op === 'pods') for (let i = 0; i < act.count; i++) bench.pending(specs[act.spec % specs.length]);
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
        add(act.pick, cluster.nodeNames[node]);
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
        bench.pending(specs[act.spec % specs.length]);
      }
    }
    schedule();
  }
  same(fast.snapshot(), plain.snapshot());
  return decisions;
}

function same(found: unknown, expected: unknown): void {
  const [a, b] = [found, expected].map((value) =>
    JSON.stringify(value, (_, v) => (v === Infinity || v === -Infinity ? String(v) : v)),
  );
  if (a !== b) throw new Error(`the fast engine says ${a}, the plain one ${b}`);
}
