import { type LaunchRequest, NODE, ORDER_ERROR } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advisorMean } from '../src/spot-hazards.ts';
import { World, type WorldOptions } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Spot m5.large has rows 1, 3 and 5 in zones a, b and c; on-demand 0, 2 and 4. */
const request: LaunchRequest = {
  name: 'spot-1',
  group: 0,
  offerings: [1],
  strategy: 'price-capacity-optimized',
  labels: {},
  taints: [],
};

function bought(count: number, offerings: readonly number[], options: WorldOptions): World {
  const world = new World(options).start();
  for (let i = 0; i < count; i++) world.cloud.order({ ...request, name: `n-${i}`, offerings }, -1);
  return world;
}

describe('an interruption', () => {
  it('gives two minutes of notice, and takes the machine and its node', () => {
    const world = bought(1, [1], {});
    world.runUntil(MINUTE);
    world.cloud.interrupt(0);
    world.runUntil(10 * MINUTE);
    expect(world.lines('nodeNotice', 'nodeGone')).toEqual(['60000 nodeNotice 0 0 120000', '180000 nodeGone 0 1 -1']);
  });

  it('finds nothing to take where the machine has ended by then', () => {
    const world = bought(1, [1], {});
    world.runUntil(MINUTE);
    world.cloud.interrupt(0);
    world.cloud.terminate(0, 3, false);
    world.runUntil(10 * MINUTE);
    expect(world.lines('nodeTerminating', 'nodeGone')).toEqual(['60000 nodeTerminating 0 -1 3', '120000 nodeGone 0 1 -1']);
  });
});

describe('a pool that falls short', () => {
  const dry = { zone: 'us-east-1a', intervals: [[HOUR, 2 * HOUR]] as const };

  it('takes its spot machines within three minutes and gives no more, and leaves all others alone', () => {
    const settings = { shortages: [{ ...dry, reclaim: {} }] };
    const world = bought(12, [1], { settings });
    for (let i = 0; i < 3; i++) world.cloud.order({ ...request, name: `other-${i}`, offerings: [[0, 3, 5][i]] }, -1);
    world.runUntil(2 * HOUR);
    const notices = world.lines('nodeNotice').map((line) => line.split(' ').map(Number));
    expect(notices.map(([, , node]) => node).sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
    for (const [at] of notices) expect(at >= HOUR && at <= HOUR + 3 * MINUTE).toBe(true);
    expect(world.lines('nodeGone')).toHaveLength(12);
    for (const node of [12, 13, 14]) expect(world.cluster.nodes.state[node]).toBe(NODE.ready);
  });

  it('takes only a share where that is set, and warns before where that is set', () => {
    const reclaim = { share: 0.5, rebalance: 1, lead: 5 * MINUTE };
    const world = bought(200, [1], { settings: { shortages: [{ ...dry, reclaim }] } });
    world.runUntil(2 * HOUR);
    const kinds = world.lines('nodeNotice').map((line) => line.split(' ')[3]);
    const warned = kinds.filter((kind) => kind === '1').length;
    expect(kinds.filter((kind) => kind === '0')).toHaveLength(warned);
    expect(warned).toBeGreaterThan(70);
    expect(warned).toBeLessThan(130);
  });

  it('leaves machines alone where nothing is said of taking them', () => {
    const world = bought(3, [1], { settings: { shortages: [dry] } });
    world.runUntil(2 * HOUR);
    expect(world.lines('nodeNotice', 'nodeGone')).toEqual([]);
  });
});

describe('hazards', () => {
  it('take machines one by one, after a time that has the given mean', () => {
    const world = bought(400, [1], { settings: { spotHazards: [{ every: 10 * HOUR }] } });
    world.runUntil(10 * HOUR);
    // 1 - 1/e of 400 is 253.
    const noticed = world.lines('nodeNotice').length;
    expect(noticed).toBeGreaterThan(220);
    expect(noticed).toBeLessThan(285);
  });

  it('of the advisor agree with its bands: below 5 % a month far less often than above 20 %', () => {
    // c7i-flex.large is in the first band, c5.4xlarge in the last.
    expect(Math.round(advisorMean('c7i-flex.large') / HOUR)).toBe(28_833);
    expect(Math.round(advisorMean('c5.4xlarge') / HOUR)).toBe(2_538);
    // A type that nobody has figures of counts as the middle band, 12.5 % a month.
    expect(Math.round(advisorMean('unheard-of') / HOUR)).toBe(5_467);
  });

  it('never touch what is bought otherwise, and must match something', () => {
    const world = bought(50, [0], { settings: { spotHazards: [{ every: MINUTE }] } });
    world.runUntil(HOUR);
    expect(world.lines('nodeNotice')).toEqual([]);
    const wrong = () => new World({ settings: { spotHazards: [{ zone: 'us-east-1x', every: MINUTE }] } });
    expect(wrong).toThrow('spotHazards.0: the catalogue has no spot offering that this rule matches');
  });

  it('take a machine at the same time whatever else is bought', () => {
    const noticeOf = (others: number): string | undefined => {
      const world = new World({ settings: { spotHazards: [{ every: HOUR }] } }).start();
      for (let i = 0; i < others; i++) world.cloud.order({ ...request, name: `other-${i}` }, -1);
      const node = world.cloud.order({ ...request, name: 'mine' }, -1);
      world.runUntil(100 * HOUR);
      return world
        .lines('nodeNotice')
        .find((line) => line.split(' ')[2] === String(node))
        ?.split(' ')[0];
    };
    expect(noticeOf(0)).toBeDefined();
    expect(noticeOf(7)).toBe(noticeOf(0));
  });
});

describe('laws of spot', () => {
  it('every machine that is noticed and not ended is gone when its notice is over, and not before', () => {
    const rules = fc.record({ every: fc.integer({ min: MINUTE, max: HOUR }), rebalance: fc.constantFrom(0, 0.5, 1) });
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 20 }), fc.nat(1000), (hazard, count, seed) => {
        const world = bought(count, [1, 3, 5], { settings: { spotHazards: [hazard] }, seed });
        world.runUntil(200 * HOUR);
        const gone = new Map(world.lines('nodeGone').map((line) => [line.split(' ')[2], Number(line.split(' ')[0])]));
        for (const line of world.lines('nodeNotice')) {
          const [at, , node, kind, left] = line.split(' ');
          if (kind === '0') expect(gone.get(node)).toBe(Number(at) + Number(left));
        }
        expect(gone.size).toBe(count);
      }),
      { numRuns: 40 },
    );
  });

  it('a dry pool refuses with the error of its kind', () => {
    const world = bought(1, [1], { settings: { shortages: [{ intervals: [[0, HOUR]], reclaim: {} }] } });
    world.runUntil(MINUTE);
    expect(world.lines('orderFailed')).toEqual([`2000 orderFailed 0 1 ${ORDER_ERROR.insufficientCapacity}`]);
  });
});
