import { type LaunchRequest, NODE, Streams } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCloudSettings } from '../src/index.ts';
import { World } from './world.ts';

/** On-demand m5.large in zone a, b, c have rows 0, 2, 4; spot 1, 3, 5; m5.xlarge follows from 6 on. */
const request: LaunchRequest = {
  name: 'default-1',
  group: 7,
  offerings: [0],
  strategy: 'lowest-price',
  labels: { team: 'a' },
  taints: [],
};

describe('the life of a machine', () => {
  it('leads from the order over running and registered to ready', () => {
    const world = new World().start();
    expect(world.cloud.order(request, 3)).toBe(0);
    world.runUntil(100_000);
    expect(world.lines()).toEqual([
      '0 nodeOrdered 0 0 3',
      '5000 nodeRunning 0 0 -1',
      '20000 nodeRegistered 0 0 -1',
      '24000 nodeReady 0 1 -1',
    ]);
  });

  it('registers a node with the labels of type, place and request, and a not-ready taint until it is ready', () => {
    const world = new World().start();
    world.cloud.order({ ...request, taints: [{ key: 'dedicated', value: 'a', effect: 'NoSchedule' }] }, -1);
    world.runUntil(20_000);
    const registered = world.cluster.classes.nodes[world.cluster.nodes.class[0]].shape;
    expect(registered.labels).toMatchObject({
      'node.kubernetes.io/instance-type': 'm5.large',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/region': 'us-east-1',
      'topology.kubernetes.io/zone': 'us-east-1a',
      'karpenter.sh/capacity-type': 'on-demand',
      'karpenter.k8s.aws/instance-family': 'm5',
      team: 'a',
    });
    expect(registered.labels['kubernetes.io/hostname']).toBeUndefined();
    expect(registered.taints).toEqual([
      { key: 'dedicated', value: 'a', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
    world.runUntil(24_000);
    const ready = world.cluster.classes.nodes[world.cluster.nodes.class[0]].shape;
    expect(ready.taints).toEqual([{ key: 'dedicated', value: 'a', effect: 'NoSchedule' }]);
  });

  it('ends a minute after the call, and a machine that ends makes no further progress', () => {
    for (const [at, state] of [
      [3_000, NODE.ordered],
      [10_000, NODE.running],
      [22_000, NODE.registered],
      [30_000, NODE.ready],
    ] as const) {
      const world = new World().start();
      world.cloud.order(request, -1);
      world.runUntil(at);
      expect(world.cluster.nodes.state[0]).toBe(state);
      world.cloud.terminate(0, 9, false);
      world.runUntil(at + 59_999);
      expect(world.cluster.nodes.state[0]).toBe(state);
      world.runUntil(200_000);
      expect(world.lines().slice(-2)).toEqual([
        `${at} nodeTerminating 0 -1 9`,
        `${at + 60_000} nodeGone 0 ${state === NODE.ordered ? 0 : 1} -1`,
      ]);
    }
  });

  it('ends a request that is still unanswered with its answer, and takes nothing from the pool', () => {
    const world = new World({ settings: { limits: [{ max: 1 }] } }).start();
    world.cloud.order(request, -1);
    world.runUntil(1_000);
    world.cloud.terminate(0, -1, false);
    world.runUntil(2_000);
    expect(world.lines().slice(-1)).toEqual(['2000 nodeGone 0 0 -1']);
    world.cloud.order({ ...request, name: 'default-2' }, -1);
    world.runUntil(30_000);
    expect(world.cluster.nodes.state[1]).toBe(NODE.ready);
  });

  it('may be lost at any time, at once', () => {
    const world = new World().start();
    world.cloud.order(request, -1);
    world.runUntil(10_000);
    world.cloud.lose(0);
    world.runUntil(100_000);
    expect(world.lines().slice(-1)).toEqual(['10000 nodeGone 0 1 -1']);
    expect(() => world.cloud.terminate(0, -1, false)).toThrow('node 0 is no machine of this cloud, or gone');
  });
});

describe('a run that was saved', () => {
  const settings = {
    ...defaultCloudSettings,
    limits: [{ instanceType: 'm5.large', zone: 'us-east-1b', max: 2 }],
    shortages: [{ every: 300_000, lasts: 60_000 }],
  };
  const groups = [
    { name: 'one', desired: 3, instanceTypes: ['m5.large', 'm5.xlarge'] },
    { name: 'two', capacityType: 'spot' as const },
  ];

  /** A busy half hour, by chance of a seed alone; `from` and `to` cut it in pieces. */
  function live(world: World, from: number, to: number, seed: number): World {
    const chance = new Streams(seed).keyed('story');
    for (let minute = Math.ceil(from / 60_000); minute * 60_000 < to; minute++) {
      world.runUntil(minute * 60_000);
      const pick = (draw: number, below: number): number => Math.floor(chance.at(minute, draw) * below);
      const { cloud, cluster } = world;
      cloud.setDesired(pick(0, 2), pick(1, 9), minute);
      const order: LaunchRequest = {
        ...request,
        name: `n-${minute}`,
        offerings: [0, 1, 2, 3, 4, 5, 6].slice(pick(2, 7)),
        strategy: (['lowest-price', 'price-capacity-optimized'] as const)[pick(3, 2)],
      };
      cloud.order(order, minute);
      const node = pick(4, cluster.nodeCount);
      if (cluster.nodes.state[node] !== NODE.gone && cluster.nodes.terminating[node] === 0) {
        if (pick(5, 2) === 0) cloud.lose(node);
        else cloud.terminate(node, minute, false);
      }
    }
    return world.runUntil(to);
  }

  it('goes on exactly as one that was not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 1_800_000 }), (seed, cut) => {
        const whole = live(new World({ groups, settings, seed }).start(), 0, 1_800_000, seed);
        const first = live(new World({ groups, settings, seed }).start(), 0, cut, seed);
        const saved = first.save();
        const second = new World({ groups, settings, seed }).load(saved);
        expect(second.save()).toBe(saved);
        live(second, cut, 1_800_000, seed);
        expect(second.lines()).toEqual(whole.lines());
        expect(second.log.digest()).toBe(whole.log.digest());
        expect(second.save()).toBe(whole.save());
      }),
      { numRuns: 30 },
    );
  });

  it('has the same log for the same seed, and another for another', () => {
    const digest = (seed: number): string => live(new World({ groups, settings, seed }).start(), 0, 600_000, 3).log.digest();
    expect(digest(5)).toBe(digest(5));
    expect(digest(5)).not.toBe(digest(6));
  });
});

describe('chance', () => {
  it('gives a machine the same latencies whatever else is bought', () => {
    const times = (others: number): string[] => {
      const world = new World({ settings: defaultCloudSettings }).start();
      for (let i = 0; i < others; i++) world.cloud.order({ ...request, name: `other-${i}` }, -1);
      const node = world.cloud.order({ ...request, name: 'mine' }, -1);
      const kinds = ['nodeRunning', 'nodeRegistered', 'nodeReady'] as const;
      return world
        .runUntil(600_000)
        .lines(...kinds)
        .filter((line) => line.split(' ')[2] === String(node))
        .map((line) => line.split(' ').slice(0, 2).join(' '));
    };
    expect(times(0)).toHaveLength(3);
    expect(times(5)).toEqual(times(0));
  });
});
