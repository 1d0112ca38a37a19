import { type LaunchRequest, ORDER_ERROR } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../src/throttle.ts';
import { World } from './world.ts';

const SECOND = 1000;
const request: LaunchRequest = { name: 'n', group: 0, offerings: [0], strategy: 'lowest-price', labels: {}, taints: [] };
/** Karpenter's window. */
const fleetBatch = { idle: 35, most: SECOND, size: 1000 };

describe('requests that come close together', () => {
  it('are one call where they are equal: answered together, after the window', () => {
    const dry = { zone: 'us-east-1a', intervals: [[0, Infinity]] as const };
    const world = new World({ settings: { fleetBatch, shortages: [dry] } }).start();
    world.cloud.order({ ...request, name: 'a' }, -1);
    world.runUntil(30);
    world.cloud.order({ ...request, name: 'b' }, -1);
    world.cloud.order({ ...request, name: 'c', offerings: [0, 6] }, -1);
    world.runUntil(SECOND * 10);
    // The window is over at 65 ms; the answer takes 2 s.
    expect(world.lines('orderFailed').map((line) => line.split(' ')[0])).toEqual(['2065', '2065', '2065', '2065']);
  });

  it('wait no longer than the longest window, however many come', () => {
    const world = new World({ settings: { fleetBatch } }).start();
    for (let at = 0; at < 1500; at += 30) {
      world.runUntil(at);
      world.cloud.order({ ...request, name: `n-${at}` }, -1);
    }
    world.runUntil(3_000);
    // The call of the first second is answered at 3 s; machines run 5 s after their order.
    world.runUntil(60_000);
    expect(world.lines('nodeRunning')[0]).toBe('5000 nodeRunning 0 0 -1');
    expect(world.lines('nodeRunning')).toHaveLength(50);
  });

  it('are spread evenly by diversified', () => {
    const world = new World({ settings: { fleetBatch } }).start();
    for (let i = 0; i < 7; i++)
      world.cloud.order({ ...request, name: `n-${i}`, offerings: [4, 0, 2], strategy: 'diversified' }, -1);
    world.runUntil(10 * SECOND);
    expect(world.lines('nodeRunning').map((line) => line.split(' ')[3])).toEqual(['4', '0', '2', '4', '0', '2', '4']);
  });

  it('get what their merged call got, in the order of the requests', () => {
    const world = new World({ settings: { fleetBatch, limits: [{ max: 2 }] } }).start();
    for (let i = 0; i < 4; i++) world.cloud.order({ ...request, name: `n-${i}` }, -1);
    world.runUntil(60 * SECOND);
    expect(world.lines('nodeRunning').map((line) => line.split(' ')[2])).toEqual(['0', '1']);
    expect(world.lines('nodeGone').map((line) => line.split(' ')[2])).toEqual(['2', '3']);
  });
});

describe('throttling', () => {
  it('holds calls back, tries again with growing pauses, and fails after the last attempt', () => {
    const throttling = { calls: { burst: 1, perSecond: 0 }, attempts: 3, pause: SECOND };
    const world = new World({ settings: { throttling } }).start();
    world.cloud.order({ ...request, name: 'a' }, -1);
    world.cloud.order({ ...request, name: 'b' }, -1);
    world.runUntil(60 * SECOND);
    expect(world.lines('nodeRunning')).toHaveLength(1);
    // Tried at 0, 1 and 3 s.
    expect(world.lines('orderFailed')).toEqual([`3000 orderFailed 0 -1 ${ORDER_ERROR.requestLimitExceeded}`]);
  });

  it('lets merged requests pass as one call', () => {
    const throttling = { calls: { burst: 1, perSecond: 0 } };
    const world = new World({ settings: { throttling, fleetBatch } }).start();
    for (let i = 0; i < 9; i++) world.cloud.order({ ...request, name: `n-${i}` }, -1);
    world.runUntil(60 * SECOND);
    expect(world.lines('nodeRunning')).toHaveLength(9);
  });

  it('of machines lets groups grow as fast as tokens come', () => {
    const throttling = { machines: { burst: 10, perSecond: 2 } };
    const world = new World({
      groups: [{}],
      settings: { throttling, groupRetry: { first: 5 * SECOND, longest: 5 * SECOND } },
    }).start();
    world.cloud.setDesired(0, 40, 1);
    world.runUntil(10 * SECOND);
    expect(world.cloud.groups.instances(0)).toHaveLength(10);
    world.runUntil(15 * SECOND);
    expect(world.cloud.groups.instances(0)).toHaveLength(20);
    world.runUntil(60 * SECOND);
    expect(world.cloud.groups.instances(0)).toHaveLength(40);
  });

  it('never gives more than the burst and the rate, however often one looks', () => {
    const looks = fc.array(fc.record({ pause: fc.integer({ min: 0, max: 5_000 }), want: fc.nat(5) }), { maxLength: 30 });
    fc.assert(
      fc.property(looks, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 5 }), (steps, burst, perSecond) => {
        const bucket = new TokenBucket({ burst, perSecond });
        let now = 0;
        let given = 0;
        for (const { pause, want } of steps) {
          now += pause;
          const count = Math.min(want, bucket.has(now));
          bucket.take(count, now);
          given += count;
          expect(given).toBeLessThanOrEqual(burst + Math.floor((now * perSecond) / 1000));
        }
      }),
    );
  });
});

it('a world whose calls are under way goes on from a snapshot as if nothing had been', () => {
  const settings = { fleetBatch, throttling: { calls: { burst: 1, perSecond: 1 }, machines: { burst: 4, perSecond: 2 } } };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6_000 }), (cut) => {
      const live = (world: World, from: number, to: number): World => {
        for (let at = Math.ceil(from / 20) * 20; at < to; at += 20) {
          world.runUntil(at);
          if (at % 60 === 0 && at < 3_000)
            world.cloud.order({ ...request, name: `n-${at}`, offerings: [at % 80 === 0 ? 0 : 2] }, -1);
        }
        return world.runUntil(to);
      };
      const whole = live(new World({ settings }).start(), 0, 60_000);
      const first = live(new World({ settings }).start(), 0, cut);
      const second = live(new World({ settings }).load(first.save()), cut, 60_000);
      expect(second.lines()).toEqual(whole.lines());
    }),
    { numRuns: 20 },
  );
});
