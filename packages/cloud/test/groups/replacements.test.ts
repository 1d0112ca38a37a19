import { GROUP_ACT, NODE } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import type { GroupBehaviourInput } from '../../src/groups/behaviour.ts';
import { World, type WorldOptions } from '../world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function worldOf(behaviour: GroupBehaviourInput, { groups, settings, ...more }: WorldOptions = {}): World {
  return new World({
    groups: groups ?? [{ desired: 3 }],
    settings: { groups: { workers: behaviour }, ...settings },
    ...more,
  }).start();
}

/** What the group did of its own accord: `60000 zoneRebalance 9`. */
function acts(world: World): string[] {
  const names = Object.fromEntries(Object.entries(GROUP_ACT).map(([name, code]) => [code, name]));
  return world.lines('groupActed').map((line) => {
    const [at, , , what, node] = line.split(' ');
    return `${at} ${names[Number(what)]} ${node}`;
  });
}

const size = (world: World): number => world.cloud.groups.instances(0).length;

describe('the balance of zones', () => {
  it('is put back after an autoscaler took two machines of one zone: one more for a while, one ended', () => {
    const world = worldOf({}, { groups: [{ desired: 9 }] });
    const inA = world.cloud.groups.instances(0).filter((node) => world.zone(node).endsWith('a'));
    world.runUntil(MINUTE);
    for (const node of inA.slice(0, 2)) world.cloud.terminate(node, 5, true);
    expect(world.zones()).toBe('abbbccc');
    world.runUntil(MINUTE + 10_000);
    // The reaction of 10 s is over: a machine is launched in zone a, before any is ended.
    expect(size(world)).toBe(8);
    world.runUntil(10 * MINUTE);
    expect(world.zones()).toBe('aabbccc');
    expect(world.cloud.groups.desired(0)).toBe(7);
    expect(acts(world)).toHaveLength(2);
    expect(acts(world)[0]).toBe('70000 zoneRebalance 9');
    // In service when it runs, after 5 s; only then one of zone b goes.
    expect(acts(world)[1]).toMatch(/^75000 zoneRebalance [147]$/);
    expect(world.queue.size).toBe(0);
  });

  it('is left alone where AZRebalance is suspended, and where nobody says that the group does more than keep its size', () => {
    for (const settings of [{ groups: { workers: { suspended: ['AZRebalance' as const] } } }, { groups: {} }]) {
      const world = new World({ groups: [{ desired: 9 }], settings }).start();
      world.runUntil(MINUTE);
      for (const node of [0, 3]) world.cloud.terminate(node, 5, true);
      world.runUntil(HOUR);
      expect(world.zones()).toBe('abbbccc');
    }
  });

  it('waits for a zone that has no capacity, and is put back once it has some', () => {
    const settings = { shortages: [{ zone: 'us-east-1b', intervals: [[0, HOUR]] as const }] };
    const world = worldOf({}, { groups: [{}], settings: { groups: { workers: {} }, ...settings } });
    world.cloud.setDesired(0, 6, 1);
    world.runUntil(HOUR - 1);
    expect(world.zones()).toBe('aaaccc');
    world.runUntil(2 * HOUR);
    expect(world.zones()).toBe('aabbcc');
    expect(acts(world).filter((act) => act.includes('zoneRebalance'))).toHaveLength(4);
  });

  it('goes above the maximum by no more than a tenth or one machine', () => {
    const world = worldOf({}, { groups: [{ desired: 6, max: 6 }] });
    world.runUntil(MINUTE);
    for (const node of [0, 3]) world.cloud.lose(node);
    let most = 0;
    for (let at = MINUTE; at < HOUR; at += 1000) {
      world.runUntil(at);
      most = Math.max(most, size(world));
    }
    expect(most).toBeLessThanOrEqual(7);
    expect(world.zones()).toBe('aabbcc');
  });

  it('balanced-only waits for the zone, where best effort goes elsewhere', () => {
    const dry = { zone: 'us-east-1b', intervals: [[0, Infinity]] as const };
    const world = worldOf(
      { zoneDistribution: 'balanced-only' },
      { groups: [{}], settings: { groups: { workers: { zoneDistribution: 'balanced-only' } }, shortages: [dry] } },
    );
    world.cloud.setDesired(0, 6, 1);
    world.runUntil(HOUR);
    expect(world.zones()).toBe('aacc');
    expect(world.lines('orderFailed').length).toBeGreaterThan(5);
  });
});

describe('capacity rebalancing', () => {
  const spot = { desired: 2, capacityType: 'spot' as const };

  it('launches another machine on a recommendation, and ends the old one once that is in service', () => {
    const world = worldOf({ capacityRebalance: true }, { groups: [spot] });
    world.runUntil(MINUTE);
    world.cloud.recommendRebalance(0);
    world.runUntil(MINUTE);
    expect(size(world)).toBe(3);
    world.runUntil(5 * MINUTE);
    expect(world.cloud.groups.instances(0)).toEqual([1, 2]);
    expect(world.cloud.groups.desired(0)).toBe(2);
    expect(acts(world)).toEqual(['60000 capacityRebalance 2', '65000 capacityRebalance 0']);
  });

  it('keeps the new machine where the old one is taken first', () => {
    const world = worldOf(
      { capacityRebalance: true },
      { groups: [spot], settings: { groups: { workers: { capacityRebalance: true } }, spotNotice: 3_000 } },
    );
    world.runUntil(MINUTE);
    world.cloud.recommendRebalance(0);
    world.cloud.interrupt(0);
    world.runUntil(10 * MINUTE);
    expect(world.cloud.groups.instances(0)).toEqual([1, 2]);
    expect(world.lines('nodeOrdered')).toHaveLength(3);
    expect(world.lines('nodeTerminating')).toEqual([]);
  });

  it('is off unless asked for: the machine is replaced after it is gone', () => {
    const world = worldOf({}, { groups: [spot] });
    world.runUntil(MINUTE);
    world.cloud.recommendRebalance(0);
    world.cloud.interrupt(0);
    world.runUntil(10 * MINUTE);
    expect(world.lines('nodeNotice', 'nodeGone', 'nodeOrdered').slice(2)).toEqual([
      '60000 nodeNotice 0 1 -1',
      '60000 nodeNotice 0 0 120000',
      '180000 nodeGone 0 1 -1',
      '190000 nodeOrdered 2 1 -1',
    ]);
  });
});

describe('health', () => {
  it('replaces a machine that fails its checks, unless that is suspended', () => {
    const world = worldOf({});
    world.runUntil(MINUTE);
    world.cloud.markUnhealthy(1);
    world.runUntil(10 * MINUTE);
    expect(acts(world)).toEqual(['60000 unhealthy 1']);
    expect(world.cloud.groups.instances(0)).toEqual([0, 2, 3]);
    for (const process of ['ReplaceUnhealthy', 'HealthCheck', 'Terminate'] as const) {
      const idle = worldOf({ suspended: [process] });
      idle.runUntil(MINUTE);
      idle.cloud.markUnhealthy(1);
      idle.runUntil(HOUR);
      expect(idle.cloud.groups.instances(0)).toEqual([0, 1, 2]);
    }
  });

  it('learns of a machine that breaks by chance after the detection, and not within the grace', () => {
    const health = { failsAfter: { kind: 'constant', value: 10 * MINUTE }, detection: MINUTE } as const;
    const world = worldOf({ health }, { groups: [{ desired: 1 }] });
    world.runUntil(20 * MINUTE);
    expect(acts(world)).toEqual(['660000 unhealthy 0']);
    const late = worldOf({ health: { ...health, grace: 15 * MINUTE } }, { groups: [{}] });
    late.cloud.setDesired(0, 1, 1);
    late.runUntil(20 * MINUTE);
    // In service at 15 s.
    expect(acts(late)).toEqual(['915000 unhealthy 0']);
  });
});

describe('an instance refresh', () => {
  const ten = { groups: [{ desired: 10, zones: ['us-east-1a'] }] };

  it('of ten machines at 90 and 100 percent takes one at a time, ended first', () => {
    const world = worldOf({ refreshes: [{ at: MINUTE }] }, ten);
    let least = 10;
    for (let at = 0; at < HOUR; at += 1000) {
      world.runUntil(at);
      least = Math.min(least, size(world));
      expect(size(world)).toBeLessThanOrEqual(10);
    }
    expect(least).toBe(9);
    expect(acts(world)).toHaveLength(10);
    expect([...world.cloud.groups.instances(0)].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(world.queue.size).toBe(0);
  });

  it('at 100 and 110 percent launches first', () => {
    const world = worldOf({ refreshes: [{ at: MINUTE, minHealthy: 100, maxHealthy: 110 }] }, ten);
    const sizes = new Set<number>();
    for (let at = 0; at < HOUR; at += 1000) {
      world.runUntil(at);
      sizes.add(size(world));
    }
    expect([...sizes].sort((a, b) => a - b)).toEqual([10, 11]);
    expect(world.cloud.groups.instances(0).every((node) => node >= 10)).toBe(true);
    expect(world.cloud.groups.instances(0)).toHaveLength(10);
  });

  it('pauses at its checkpoints', () => {
    const world = worldOf({ refreshes: [{ at: MINUTE, checkpoints: [30, 100], checkpointDelay: 2 * HOUR }] }, ten);
    world.runUntil(2 * HOUR);
    expect(acts(world)).toHaveLength(3);
    world.runUntil(4 * HOUR);
    expect(acts(world)).toHaveLength(10);
  });

  it('waits for the warm-up of each machine', () => {
    const world = worldOf({ refreshes: [{ at: MINUTE, warmup: 5 * MINUTE }] }, ten);
    // Each takes 10 s to react, 5 s to run and 5 min to warm up.
    world.runUntil(MINUTE + 3 * (5 * MINUTE + 15_000) - 1);
    expect(acts(world)).toHaveLength(3);
    world.runUntil(MINUTE + 3 * (5 * MINUTE + 15_000));
    expect(acts(world)).toHaveLength(4);
  });

  it('leaves protected machines alone, or does not', () => {
    for (const [protectedMachines, replaced] of [
      ['ignore', 9],
      ['refresh', 10],
    ] as const) {
      const world = worldOf({ refreshes: [{ at: MINUTE, protectedMachines }] }, ten);
      world.cloud.protect(4, true);
      world.runUntil(HOUR);
      expect(acts(world)).toHaveLength(replaced);
    }
  });
});

describe('maximum lifetime', () => {
  it('replaces machines that are too old, one at a time', () => {
    const world = worldOf({ maxLifetime: HOUR });
    world.runUntil(HOUR + 10 * MINUTE);
    expect(
      acts(world)
        .map((act) => act.split(' ')[2])
        .sort(),
    ).toEqual(['0', '1', '2']);
    const times = acts(world).map((act) => Number(act.split(' ')[0]));
    expect(times).toEqual([HOUR, HOUR + 15_000, HOUR + 30_000]);
    expect(world.cloud.groups.instances(0)).toEqual([3, 4, 5]);
  });
});

describe('protection from scale-in', () => {
  it('keeps a machine beyond the maximum lifetime', () => {
    const world = worldOf({ maxLifetime: HOUR });
    world.cloud.protect(1, true);
    world.runUntil(HOUR + 10 * MINUTE);
    expect(world.cloud.groups.instances(0)).toContain(1);
    expect(acts(world)).toHaveLength(2);
  });
});

describe('lifecycle hooks', () => {
  it('hold a machine out of service, which counts as the group’s all the same', () => {
    const hooks = [{ on: 'launch', completes: { kind: 'constant', value: 2 * MINUTE } }] as const;
    const world = worldOf({ hooks, refreshes: [{ at: MINUTE }] }, { groups: [{ desired: 2, zones: ['us-east-1a'] }] });
    world.runUntil(20 * MINUTE);
    // 10 s of reaction, 5 s to running, 2 min of the hook.
    expect(acts(world).map((act) => act.split(' ').slice(0, 2).join(' '))).toEqual([
      '60000 refresh',
      `${MINUTE + 135_000} refresh`,
    ]);
  });

  it('end a machine that nobody completes, and it is launched again', () => {
    const hooks = [{ on: 'launch', timeout: 30_000 }] as const;
    const world = worldOf({ hooks }, { groups: [{ desired: 0 }] });
    world.cloud.setDesired(0, 1, 1);
    world.runUntil(MINUTE);
    expect(acts(world)).toEqual(['45000 abandoned 0']);
    world.runUntil(2 * MINUTE);
    expect(world.lines('nodeOrdered').map((line) => line.split(' ')[0])).toEqual(['10000', '55000', '100000']);
  });

  it('let it in where the default result is CONTINUE', () => {
    const world = worldOf({ hooks: [{ on: 'launch', timeout: 30_000, defaultResult: 'CONTINUE' }] }, { groups: [{}] });
    world.cloud.setDesired(0, 1, 1);
    world.runUntil(10 * MINUTE);
    expect(acts(world)).toEqual([]);
    expect(size(world)).toBe(1);
  });

  it('on the way out keep a machine, listed and running, until somebody completes them or their time is over', () => {
    const hooks = [{ on: 'terminate', timeout: 5 * MINUTE }] as const;
    const world = worldOf({ hooks });
    world.runUntil(MINUTE);
    world.cloud.markUnhealthy(0);
    world.runUntil(3 * MINUTE);
    expect(world.cluster.nodes.state[0]).toBe(NODE.ready);
    // Listed still, beside its successor: that is what an autoscaler sees.
    expect(world.cloud.groups.instances(0)).toEqual([1, 2, 3, 0]);
    world.runUntil(20 * MINUTE);
    expect(world.lines('nodeTerminating', 'nodeGone')).toEqual(['360000 nodeTerminating 0 -1 -1', '420000 nodeGone 0 1 -1']);
    expect(world.cloud.groups.instances(0)).toEqual([1, 2, 3]);
  });

  it('hold a machine that an autoscaler ends, and it is paid for until they are over', () => {
    const world = worldOf({ hooks: [{ on: 'terminate', timeout: 5 * MINUTE }] });
    world.runUntil(MINUTE);
    world.cloud.terminate(0, 7, true);
    world.runUntil(20 * MINUTE);
    expect(world.lines('nodeTerminating', 'nodeStopped', 'nodeGone')).toEqual([
      '60000 nodeTerminating 0 1 7',
      '360000 nodeStopped 0 -1 -1',
      '420000 nodeGone 0 1 -1',
    ]);
  });

  it('do not lower the size for a machine that is on its way out already', () => {
    const world = worldOf({ hooks: [{ on: 'terminate', timeout: 5 * MINUTE }] });
    world.runUntil(MINUTE);
    world.cloud.markUnhealthy(0);
    world.runUntil(3 * MINUTE);
    world.cloud.terminate(0, 7, true);
    expect(world.cloud.groups.desired(0)).toBe(3);
    world.runUntil(20 * MINUTE);
    expect(size(world)).toBe(3);
  });
});

describe('scale-in by the group itself', () => {
  it('spares protected machines, and does nothing where all are', () => {
    const world = worldOf({ terminationPolicies: ['OldestInstance'] }, { groups: [{ desired: 3, zones: ['us-east-1a'] }] });
    world.cloud.protect(0, true);
    world.cloud.setDesired(0, 1, 4);
    world.runUntil(MINUTE);
    expect(acts(world)).toEqual(['10000 scaleIn 1', '10000 scaleIn 2']);
    const sheltered = worldOf({ protectNew: true });
    sheltered.cloud.setDesired(0, 0, 4);
    sheltered.runUntil(HOUR);
    expect(size(sheltered)).toBe(3);
    expect(sheltered.queue.size).toBe(0);
  });

  it('launches and ends nothing while that is suspended', () => {
    const world = worldOf({ suspended: ['Launch', 'Terminate'] });
    world.cloud.setDesired(0, 5, 1);
    world.runUntil(HOUR);
    expect(size(world)).toBe(3);
    world.cloud.setDesired(0, 1, 1);
    world.runUntil(2 * HOUR);
    expect(size(world)).toBe(3);
  });
});
