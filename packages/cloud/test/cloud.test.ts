import { type LaunchRequest, NODE } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
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
