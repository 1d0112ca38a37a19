import { describe, expect, it } from 'vitest';
import type { WarmPool } from '../../src/groups/behaviour.ts';
import { World } from '../world.ts';

const MINUTE = 60_000;

function worldOf(warmPool: Partial<WarmPool>, max = 4): World {
  const settings = { groups: { workers: { warmPool: { register: { kind: 'constant', value: 3_000 } as const, ...warmPool } } } };
  return new World({ groups: [{ desired: 1, max, zones: ['us-east-1a'] }], settings }).start();
}

describe('a warm pool', () => {
  it('prepares machines up to the maximum of the group, and stops them', () => {
    const world = worldOf({});
    world.runUntil(10 * MINUTE);
    expect(world.cluster.nodeNames).toEqual(['workers-0', 'workers-warm-1', 'workers-warm-2', 'workers-warm-3']);
    // Launched in the first step, running 5 s later, prepared after 15 s more; nothing is paid from then on, and no Node was there.
    expect(world.lines('nodeRunning', 'nodeRegistered', 'nodeTerminating').slice(2)).toEqual([
      '5001 nodeRunning 1 0 -1',
      '5001 nodeRunning 2 0 -1',
      '5001 nodeRunning 3 0 -1',
      '20001 nodeTerminating 1 -1 -1',
      '20001 nodeTerminating 2 -1 -1',
      '20001 nodeTerminating 3 -1 -1',
    ]);
    expect(world.cloud.groups.instances(0)).toEqual([0]);
    expect(world.queue.size).toBe(0);
  });

  it('gives its machines first: they register sooner; the pool is filled again', () => {
    const world = worldOf({ maxPrepared: 2 });
    world.runUntil(10 * MINUTE);
    expect(world.cluster.nodeCount).toBe(2);
    world.cloud.setDesired(0, 3, 1);
    world.runUntil(20 * MINUTE);
    const at = 10 * MINUTE + 10_000;
    expect(world.lines('nodeRegistered').slice(1)).toEqual([
      `${at + 5_000 + 3_000} nodeRegistered 2 0 -1`,
      `${at + 5_000 + 15_000} nodeRegistered 3 0 -1`,
    ]);
    expect(world.lines('groupActed')).toEqual([`${at} groupActed 0 7 2`]);
  });

  it('may keep its machines running: paid for, and there at once', () => {
    const world = worldOf({ state: 'running', maxPrepared: 2 });
    world.runUntil(10 * MINUTE);
    expect(world.lines('nodeTerminating')).toEqual([]);
    expect(world.cloud.groups.instances(0)).toEqual([0]);
    world.cloud.setDesired(0, 2, 1);
    world.runUntil(20 * MINUTE);
    expect(world.lines('nodeRegistered').slice(1)).toEqual([`${10 * MINUTE + 13_000} nodeRegistered 1 0 -1`]);
    expect(world.cloud.groups.instances(0)).toEqual([0, 1]);
  });

  it('takes machines back that an autoscaler gives up, where that is wanted', () => {
    for (const reuse of [true, false]) {
      const world = worldOf({ maxPrepared: 1, reuse }, 4);
      world.cloud.setDesired(0, 2, 1);
      world.runUntil(10 * MINUTE);
      world.cloud.setDesired(0, 1, 1);
      world.runUntil(20 * MINUTE);
      // The size and the pool together are one: nothing is prepared, and nothing is taken back.
      expect(world.lines('groupActed').filter((line) => line.split(' ')[3] === '8')).toEqual([]);
    }
    const world = worldOf({ maxPrepared: 2, reuse: true });
    world.cloud.setDesired(0, 2, 1);
    world.runUntil(10 * MINUTE);
    const ordered = world.cluster.nodeCount;
    world.cloud.terminate(world.cloud.groups.instances(0)[1], 5, true);
    world.runUntil(20 * MINUTE);
    expect(world.lines('groupActed').filter((line) => line.split(' ')[3] === '8')).toHaveLength(1);
    expect(world.cluster.nodeCount).toBe(ordered);
    world.cloud.setDesired(0, 2, 1);
    world.runUntil(30 * MINUTE);
    expect(world.lines('groupActed').filter((line) => line.split(' ')[3] === '7').length).toBeGreaterThan(0);
  });

  it('cannot start a stopped machine whose pool has no capacity', () => {
    const settings = {
      groups: { workers: { warmPool: { maxPrepared: 2 } } },
      shortages: [{ intervals: [[5 * MINUTE, 20 * MINUTE]] as const }],
    };
    const world = new World({ groups: [{ desired: 1, zones: ['us-east-1a'] }], settings }).start();
    world.runUntil(10 * MINUTE);
    world.cloud.setDesired(0, 2, 1);
    world.runUntil(19 * MINUTE);
    expect(world.cloud.groups.instances(0)).toHaveLength(1);
    world.runUntil(40 * MINUTE);
    expect(world.cloud.groups.instances(0)).toHaveLength(2);
  });
});
