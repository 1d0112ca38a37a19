import { OptionsError } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseVictims } from '../../src/groups/auto-scaling-group.ts';
import { catalogue } from '../../src/index.ts';
import { World } from '../world.ts';

// m5.large is sold on-demand in zones a, b and c as rows 0, 2 and 4, spot as 1, 3 and 5; m5.xlarge follows as 6 to 11.
const dry = (zone: string, from = 0, to = Infinity) => ({ zone: `us-east-1${zone}`, intervals: [[from, to]] as const });

describe('a group', () => {
  it('launches what is missing after its reaction, in the zone with the fewest machines', () => {
    const world = new World({ groups: [{}] }).start();
    world.cloud.setDesired(0, 4, 5);
    world.runUntil(100_000);
    expect(world.lines('groupResized', 'nodeOrdered', 'nodeRunning')).toEqual([
      '0 groupResized 0 4 5',
      '10000 nodeOrdered 0 0 5',
      '10000 nodeOrdered 1 2 5',
      '10000 nodeOrdered 2 4 5',
      '10000 nodeOrdered 3 0 5',
      '15000 nodeRunning 0 0 -1',
      '15000 nodeRunning 1 2 -1',
      '15000 nodeRunning 2 4 -1',
      '15000 nodeRunning 3 0 -1',
    ]);
    expect(world.cluster.nodeNames).toEqual(['workers-0', 'workers-1', 'workers-2', 'workers-3']);
    expect(world.zones()).toBe('aabc');
    expect(world.cluster.nodes.group[3]).toBe(0);
  });

  it('counts a size that is set while it reacts', () => {
    const world = new World({ groups: [{}] }).start();
    world.cloud.setDesired(0, 2, 5);
    world.runUntil(6_000);
    world.cloud.setDesired(0, 3, 6);
    world.runUntil(100_000);
    expect(world.lines('nodeOrdered')).toEqual(['10000 nodeOrdered 0 0 6', '10000 nodeOrdered 1 2 6', '10000 nodeOrdered 2 4 6']);
  });

  it('gives its nodes its own labels and taints, and none of Karpenter', () => {
    const taint = { key: 'gpu', effect: 'NoSchedule' } as const;
    const world = new World({ groups: [{ desired: 1, labels: { team: 'a' }, taints: [taint] }] }).start();
    const { shape } = world.cluster.classes.nodes[world.cluster.nodes.class[0]];
    expect(shape.labels).toEqual({
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/os': 'linux',
      'node.kubernetes.io/instance-type': 'm5.large',
      'topology.kubernetes.io/region': 'us-east-1',
      'topology.kubernetes.io/zone': 'us-east-1a',
      team: 'a',
    });
    expect(shape.taints).toEqual([taint]);
  });

  it('has its first machines ready when the run begins, or launches them where that is set', () => {
    const ready = new World({ groups: [{ desired: 3 }] }).start();
    expect(ready.lines('nodeReady')).toEqual(['0 nodeReady 0 1 -1', '0 nodeReady 1 3 -1', '0 nodeReady 2 5 -1']);
    expect(ready.zones()).toBe('abc');
    const launched = new World({ groups: [{ desired: 1 }], settings: { initialMachines: 'launched' } }).start().runUntil(100_000);
    expect(launched.lines('nodeOrdered', 'nodeReady')).toEqual(['10000 nodeOrdered 0 0 -1', '34000 nodeReady 0 1 -1']);
  });

  it('takes the types in order, the next only for what the one before could not supply', () => {
    const settings = { limits: [{ instanceType: 'm5.xlarge', max: 1 }] };
    const world = new World({ groups: [{ instanceTypes: ['m5.xlarge', 'm5.large'], zones: ['us-east-1a'] }], settings }).start();
    world.cloud.setDesired(0, 3, 1);
    world.runUntil(20_000);
    expect(world.lines('nodeOrdered', 'orderFailed')).toEqual([
      '10000 orderFailed 0 6 0',
      '10000 nodeOrdered 0 6 1',
      '10000 nodeOrdered 1 0 1',
      '10000 nodeOrdered 2 0 1',
    ]);
  });

  it('of spot takes the cheapest deep pool and never falls back to on-demand', () => {
    const groups = [{ instanceTypes: ['m5.large', 'm5.xlarge'], zones: ['us-east-1a'], capacityType: 'spot' } as const];
    const open = new World({ groups }).start();
    open.cloud.setDesired(0, 1, 1);
    open.runUntil(20_000);
    expect(open.cluster.nodes.offering[0]).toBe(1);
    const settings = { shortages: [{ capacityType: 'spot', intervals: [[0, Infinity]] }] } as const;
    const dryWorld = new World({ groups, settings }).start();
    dryWorld.cloud.setDesired(0, 1, 1);
    dryWorld.runUntil(20_000);
    expect(dryWorld.lines('orderFailed', 'nodeOrdered')).toEqual(['10000 orderFailed 0 1 0', '10000 orderFailed 0 7 0']);
  });

  it('leaves a zone without capacity for another one after a pause', () => {
    const world = new World({ groups: [{}], settings: { shortages: [dry('b')] } }).start();
    world.cloud.setDesired(0, 6, 1);
    world.runUntil(10_000);
    // Two machines were meant for zone b; zone b is asked once.
    expect(world.lines('orderFailed')).toEqual(['10000 orderFailed 0 2 0']);
    expect(world.zones()).toBe('aacc');
    expect(world.cloud.groups.lastFailure(0)).toBe(10_000);
    world.runUntil(25_000);
    expect(world.zones()).toBe('aaaccc');
    expect(world.lines('nodeOrdered').slice(-1)).toEqual(['25000 nodeOrdered 5 4 1']);
    world.runUntil(3_600_000);
    expect(world.lines('orderFailed')).toHaveLength(1);
  });

  it('tries again with growing pauses while nothing is to be had, and begins anew once something was', () => {
    const until = 500_000;
    const shortages = [dry('a', 0, until), dry('b', 0, until), dry('c', 0, until)];
    const world = new World({ groups: [{}], settings: { shortages } }).start();
    expect(world.cloud.groups.lastFailure(0)).toBe(-Infinity);
    world.cloud.setDesired(0, 1, 1);
    world.runUntil(3_600_000);
    // Pauses of 15, 30, 60, 120, 240 and 300 s; zones a, b, c, and round again.
    expect(world.lines('orderFailed')).toEqual([
      '10000 orderFailed 0 0 0',
      '25000 orderFailed 0 2 0',
      '55000 orderFailed 0 4 0',
      '115000 orderFailed 0 0 0',
      '235000 orderFailed 0 2 0',
      '475000 orderFailed 0 4 0',
    ]);
    expect(world.lines('nodeOrdered')).toEqual(['775000 nodeOrdered 0 0 1']);
    expect(world.cloud.groups.lastFailure(0)).toBe(475_000);
  });

  it('forgets its failures once it wants nothing more', () => {
    const world = new World({ groups: [{}], settings: { shortages: [dry('a', 0, 20_000)] } }).start();
    world.cloud.setDesired(0, 1, 1);
    world.runUntil(12_000);
    world.cloud.setDesired(0, 0, 2);
    world.runUntil(100_000);
    world.cloud.setDesired(0, 1, 3);
    world.runUntil(200_000);
    expect(world.lines('nodeOrdered')).toEqual(['110000 nodeOrdered 0 0 3']);
  });

  it('replaces a lost machine of its own accord, although nobody asked', () => {
    const world = new World({ groups: [{ desired: 3 }] }).start();
    world.runUntil(50_000);
    world.cloud.lose(1);
    expect(world.cloud.groups.instances(0)).toEqual([0, 2]);
    world.runUntil(100_000);
    expect(world.lines('nodeGone', 'nodeOrdered', 'nodeReady').slice(-3)).toEqual([
      '50000 nodeGone 1 1 -1',
      '60000 nodeOrdered 3 2 -1',
      '84000 nodeReady 3 3 -1',
    ]);
  });

  it('does not replace a machine that was ended with a decrement, and does one without', () => {
    const world = new World({ groups: [{ desired: 3 }] }).start();
    world.runUntil(50_000);
    world.cloud.terminate(0, 7, true);
    expect(world.cloud.groups.desired(0)).toBe(2);
    expect(world.cloud.groups.instances(0)).toEqual([1, 2]);
    world.runUntil(200_000);
    world.cloud.terminate(1, 8, false);
    world.runUntil(400_000);
    expect(world.lines('nodeTerminating', 'groupResized', 'nodeGone', 'nodeOrdered').slice(3)).toEqual([
      '50000 nodeTerminating 0 -1 7',
      '50000 groupResized 0 2 7',
      '110000 nodeGone 0 1 -1',
      '200000 nodeTerminating 1 -1 8',
      '210000 nodeOrdered 3 0 -1',
      '260000 nodeGone 1 1 -1',
    ]);
  });

  it('shrinks from the zone that has the most, when its size is lowered', () => {
    const world = new World({ groups: [{ desired: 5 }] }).start();
    expect(world.zones()).toBe('aabbc');
    world.cloud.setDesired(0, 3, 9);
    world.runUntil(10_000);
    expect(world.zones()).toBe('abc');
    expect(world.lines('nodeTerminating').every((line) => line.startsWith('10000 ') && line.endsWith(' -1 9'))).toBe(true);
    world.runUntil(100_000);
    expect(world.lines('nodeGone')).toHaveLength(2);
  });

  it('ends the machine that the setting says', () => {
    const victim = (scaleInVictim: 'drawn' | 'newest' | 'oldest'): string => {
      const world = new World({ groups: [{ desired: 4, zones: ['us-east-1a'] }], settings: { scaleInVictim } }).start();
      world.cloud.setDesired(0, 3, 9);
      return world.runUntil(10_000).lines('nodeTerminating')[0];
    };
    expect(victim('oldest')).toBe('10000 nodeTerminating 0 -1 9');
    expect(victim('newest')).toBe('10000 nodeTerminating 3 -1 9');
    expect(victim('drawn')).toMatch(/^10000 nodeTerminating [0-3] -1 9$/);
  });

  it('refuses sizes outside its limits', () => {
    const world = new World({ groups: [{ min: 1, desired: 1, max: 2 }] }).start();
    expect(() => world.cloud.setDesired(0, 3, -1)).toThrow('group workers: expected a size from 1 to 2, got 3');
    expect(() => world.cloud.setDesired(0, 0, -1)).toThrow(RangeError);
    expect(() => world.cloud.terminate(0, -1, true)).toThrow('group workers: its size cannot go below its minimum of 1');
    expect(world.lines('nodeTerminating')).toEqual([]);
  });

  it('must be possible with the price list', () => {
    const wrong = (spec: object): string => {
      try {
        new World({ groups: [spec] });
      } catch (error) {
        if (error instanceof OptionsError) return error.message;
      }
      return 'no error';
    };
    expect(wrong({ instanceTypes: ['m5.large', 'm5.xlarg'] })).toBe(
      'groups.0.instanceTypes.1: unknown instance type "m5.xlarg"; did you mean "m5.xlarge"?',
    );
    expect(wrong({ zones: ['us-east-1d'] })).toBe('groups.0.zones.0: unknown zone "us-east-1d"; did you mean "us-east-1a"?');
    expect(wrong({ capacityType: 'reserved' })).toBe(
      'groups.0.instanceTypes: nothing of m5.large is sold reserved in us-east-1a',
    );
    expect(wrong({ zones: [] })).toContain('groups.0.zones: ');
    expect(wrong({ desired: 7, max: 5 })).toBe(
      'groups.0.desired: expected whole numbers, min <= desired <= max; got 0 <= 7 <= 5',
    );
    const twins = () => new World({ groups: [{}, {}] });
    expect(twins).toThrow('groups.1.name: group 0 is called workers already');
  });
});

describe('laws of groups', () => {
  const offerings = catalogue('aws', { types: ['m5.large', 'm5.xlarge'] });

  /** What happens to a group: pauses in seconds, and what is done after each. */
  const story = fc.array(
    fc.record({
      pause: fc.integer({ min: 0, max: 200 }),
      what: fc.oneof(
        fc.record({ kind: fc.constant('resize' as const), size: fc.integer({ min: 0, max: 12 }) }),
        fc.record({ kind: fc.constantFrom('decrement' as const, 'end' as const, 'lose' as const), index: fc.nat(20) }),
      ),
    }),
    { maxLength: 12 },
  );

  it('a group settles at its desired size, in balance, once capacity is there', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 1_000_000 }), (steps, seed) => {
        const shortages = [{ intervals: [[100_000, 400_000]] as const }];
        const world = new World({ offerings, groups: [{ desired: 2 }], settings: { shortages }, seed }).start();
        let now = 0;
        for (const { pause, what } of steps) {
          now += pause * 1000;
          world.runUntil(now);
          const members = world.cloud.groups.instances(0);
          if (what.kind === 'resize') world.cloud.setDesired(0, what.size, -1);
          else if (members.length > 0) {
            const node = members[what.index % members.length];
            if (what.kind === 'lose') world.cloud.lose(node);
            else if (world.cloud.groups.desired(0) > 0) world.cloud.terminate(node, -1, what.kind === 'decrement');
          }
        }
        world.runUntil(now + 7_200_000);
        expect(world.cloud.groups.instances(0)).toHaveLength(world.cloud.groups.desired(0));
        expect(world.cluster.registeredCount).toBe(world.cloud.groups.desired(0));
        expect(world.queue.size).toBe(0);
      }),
    );
  });

  it('a group that only grows keeps its zones within one machine of each other', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 8 }), (growth) => {
        const world = new World({ offerings, groups: [{}] }).start();
        let size = 0;
        growth.forEach((more, i) => {
          size += more;
          world.cloud.setDesired(0, size, -1);
          world.runUntil((i + 1) * 60_000);
          const counts = ['a', 'b', 'c'].map((letter) => world.zones().split(letter).length - 1);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('no pool ever holds more than its limit', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 3 }), (steps, max) => {
        const groups = [{ name: 'one' }, { name: 'two', instanceTypes: ['m5.xlarge', 'm5.large'] }];
        const world = new World({ offerings, groups, settings: { limits: [{ max }] } }).start();
        const held = new Map<number, number>();
        let now = 0;
        let seen = 0;
        for (const { pause, what } of steps) {
          now += pause * 1000;
          world.runUntil(now);
          if (what.kind === 'resize') for (const group of [0, 1]) world.cloud.setDesired(group, what.size, -1);
          else {
            const members = world.cloud.groups.instances(what.index % 2);
            if (members.length > 0) world.cloud.lose(members[0]);
            world.cloud.order(
              {
                name: `n-${now}-${what.index}`,
                group: 0,
                offerings: [0, 2, 4, 6],
                strategy: 'lowest-price',
                labels: {},
                taints: [],
              },
              -1,
            );
          }
        }
        world.runUntil(now + 600_000);
        // Machines that run, by the log alone.
        const pool = new Map<number, number>();
        for (const line of world.lines('nodeRunning', 'nodeGone')) {
          const [, kind, node, offering] = line.split(' ');
          if (kind === 'nodeRunning') {
            pool.set(Number(node), Number(offering));
            held.set(Number(offering), (held.get(Number(offering)) ?? 0) + 1);
            seen = Math.max(seen, held.get(Number(offering))!);
          } else if (pool.has(Number(node))) held.set(pool.get(Number(node))!, held.get(pool.get(Number(node))!)! - 1);
        }
        expect(seen).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('victims leave the fullest zones, so that no zone ends with two machines more than another unless it began there', () => {
    const members = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 15 });
    fc.assert(
      fc.property(members, fc.nat(15), (zones, count) => {
        const all = zones.map((zone, node) => ({ node, zone }));
        const victims = new Set(chooseVictims(count, all, ['a', 'b', 'c'], (node) => node));
        expect(victims.size).toBe(Math.min(count, all.length));
        const left = (zone: string) => all.filter((member) => member.zone === zone && !victims.has(member.node)).length;
        const lost = (zone: string) => all.filter((member) => member.zone === zone && victims.has(member.node)).length;
        for (const one of ['a', 'b', 'c']) {
          for (const other of ['a', 'b', 'c']) if (lost(one) > 0) expect(left(one)).toBeGreaterThanOrEqual(left(other) - 1);
        }
      }),
    );
  });
});
