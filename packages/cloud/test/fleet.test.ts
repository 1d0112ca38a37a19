import { type LaunchRequest, type OfferingsView, ORDER_ERROR, Streams } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CapacityPools } from '../src/capacity-pools.ts';
import { answerFleet } from '../src/fleet.ts';
import { catalogue, priceList } from '../src/index.ts';
import { World } from './world.ts';

/** Types at the given prices, in one zone, on-demand: row i costs prices[i]. */
function market(prices: readonly number[]): OfferingsView {
  const [type] = catalogue('kwok', { types: ['c-1x-amd64-linux'] }).types;
  const priced = prices.map((amount, i) => ({
    type: { ...type, name: `type-${String(i).padStart(3, '0')}` },
    price: (_zone: string, capacityType: string) => (capacityType === 'on-demand' ? amount : undefined),
  }));
  return priceList('here', ['a'], priced);
}

function withEmpty(offerings: OfferingsView, empty: readonly number[]): CapacityPools {
  const capacity = new CapacityPools({ offerings, streams: new Streams(1), limits: [], shortages: [] });
  capacity.restore(empty, []);
  return capacity;
}

function ask(strategy: LaunchRequest['strategy'], offerings: readonly number[]): LaunchRequest {
  return { name: 'n', group: 0, offerings, strategy, labels: {}, taints: [] };
}

/** Refusals of pools without capacity. */
const empty = (...pools: number[]) => pools.map((pool) => ({ pool, error: ORDER_ERROR.insufficientCapacity }));

describe('an instant fleet', () => {
  it('of 20 types whose three cheapest have no capacity gives the fourth and returns three errors', () => {
    const offerings = market(Array.from({ length: 20 }, (_, i) => 100 - i));
    const request = ask(
      'lowest-price',
      offerings.offerings.map(({ id }) => id),
    );
    expect(answerFleet(request, offerings, withEmpty(offerings, [19, 18, 17]))).toEqual({ pool: 16, refused: empty(19, 18, 17) });
  });

  it('takes the lower row of equal prices, unless told otherwise', () => {
    const offerings = market([5, 3, 3, 3]);
    const capacity = withEmpty(offerings, []);
    expect(answerFleet(ask('lowest-price', [3, 2, 1, 0]), offerings, capacity).pool).toBe(1);
    expect(answerFleet(ask('lowest-price', [3, 2, 1, 0]), offerings, capacity, { tie: (pool) => -pool }).pool).toBe(3);
  });

  it('goes by the order given where that is the strategy', () => {
    const offerings = market([1, 2, 3]);
    expect(answerFleet(ask('prioritized', [2, 0, 1]), offerings, withEmpty(offerings, [2]))).toEqual({
      pool: 0,
      refused: empty(2),
    });
  });

  it('gives nothing, and an error for each pool, where all are empty', () => {
    const offerings = market([1, 2, 3]);
    for (const strategy of [
      'lowest-price',
      'prioritized',
      'price-capacity-optimized',
      'capacity-optimized-prioritized',
    ] as const) {
      const { pool, refused } = answerFleet(ask(strategy, [0, 1, 2]), offerings, withEmpty(offerings, [0, 1, 2]));
      expect(pool).toBeUndefined();
      expect(refused.map(({ pool: row }) => row).sort()).toEqual([0, 1, 2]);
    }
  });

  it('prefers deep pools, and among them the cheapest, where it looks at capacity', () => {
    // Reclaimed per month: m5.large 15-20 %, c7i-flex.large below 5 %, m6g.xlarge 5-10 %, c5.4xlarge above 20 %.
    const offerings = catalogue('aws', {
      types: ['m5.large', 'c7i-flex.large', 'm6g.xlarge', 'c5.4xlarge'],
      zones: ['us-east-1a'],
      where: () => true,
    });
    const spot = (name: string): number =>
      offerings.offerings.find((o) => offerings.types[o.type].name === name && o.capacityType === 'spot')!.id;
    const all = ['c5.4xlarge', 'm5.large', 'm6g.xlarge', 'c7i-flex.large'].map(spot);
    const price = (pool: number): number => offerings.offerings[pool].price;
    expect(price(spot('m5.large'))).toBeLessThan(price(spot('m6g.xlarge')));
    const open = withEmpty(offerings, []);
    // Depths 0, 1, 3, 4: the lower middle is 1, so m5.large counts as deep and is cheaper than m6g.xlarge.
    const cheapest = [spot('m5.large'), spot('m6g.xlarge'), spot('c7i-flex.large')].sort((a, b) => price(a) - price(b))[0];
    expect(answerFleet(ask('price-capacity-optimized', all), offerings, open)).toEqual({ pool: cheapest, refused: [] });
    expect(answerFleet(ask('capacity-optimized-prioritized', all), offerings, open).pool).toBe(spot('c7i-flex.large'));
    const dry = withEmpty(offerings, [spot('c7i-flex.large')]);
    expect(answerFleet(ask('capacity-optimized-prioritized', all), offerings, dry)).toEqual({
      pool: spot('m6g.xlarge'),
      refused: [],
    });
    // Without the two in the middle the shallow pool is all that is left below c7i-flex.
    const few = withEmpty(offerings, [spot('m5.large'), spot('m6g.xlarge'), spot('c7i-flex.large')]);
    expect(answerFleet(ask('price-capacity-optimized', all), offerings, few).pool).toBe(spot('c5.4xlarge'));
  });

  it('lowest-price never takes a pool while a cheaper one has capacity', () => {
    const scene = fc.record({
      prices: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
      empty: fc.array(fc.nat(11)),
    });
    fc.assert(
      fc.property(scene, ({ prices, empty }) => {
        const offerings = market(prices);
        const rows = offerings.offerings.map(({ id }) => id);
        const gone = new Set(empty.filter((row) => row < rows.length));
        const { pool, refused } = answerFleet(ask('lowest-price', rows), offerings, withEmpty(offerings, [...gone]));
        const open = rows.filter((row) => !gone.has(row));
        expect(pool === undefined ? Infinity : prices[pool]).toBe(Math.min(...open.map((row) => prices[row])));
        for (const { pool: row } of refused) expect(gone.has(row)).toBe(true);
      }),
    );
  });
});

describe('a fleet request in the cloud', () => {
  const request: LaunchRequest = { name: 'n', group: 4, offerings: [0, 2], strategy: 'lowest-price', labels: {}, taints: [] };

  it('reports the pools that had nothing when it is answered, and starts the machine from the next', () => {
    const settings = { shortages: [{ zone: 'us-east-1a', intervals: [[0, Infinity]] as const }] };
    const world = new World({ settings }).start();
    world.cloud.order(request, 1);
    world.runUntil(60_000);
    expect(world.lines().filter((line) => !line.includes('poolChanged'))).toEqual([
      '0 nodeOrdered 0 0 1',
      '2000 orderFailed 4 0 0',
      '5000 nodeRunning 0 2 -1',
      '20000 nodeRegistered 0 0 -1',
      '24000 nodeReady 0 1 -1',
    ]);
  });

  it('fails as a whole where it names more offerings than it may', () => {
    const world = new World({ settings: { fleetOverrides: 1 } }).start();
    world.cloud.order(request, 1);
    world.runUntil(60_000);
    expect(world.lines('orderFailed', 'nodeGone')).toEqual([
      `2000 orderFailed 4 -1 ${ORDER_ERROR.limitExceeded}`,
      '2000 nodeGone 0 0 -1',
    ]);
  });

  it('ends with the answer where no pool has capacity: nothing is retried', () => {
    const world = new World({ settings: { shortages: [{ intervals: [[0, 10_000]] }] } }).start();
    world.cloud.order(request, 1);
    world.runUntil(600_000);
    expect(world.lines('nodeOrdered', 'orderFailed', 'nodeRunning', 'nodeGone')).toEqual([
      '0 nodeOrdered 0 0 1',
      '2000 orderFailed 4 0 0',
      '2000 orderFailed 4 2 0',
      '2000 nodeGone 0 0 -1',
    ]);
  });

  it('draws among equal prices by machine where that is set', () => {
    const world = new World({ settings: { fleetTie: 'drawn' } }).start();
    for (let i = 0; i < 60; i++) world.cloud.order({ ...request, name: `n-${i}`, offerings: [0, 2, 4] }, -1);
    world.runUntil(10_000);
    const counts = [0, 2, 4].map((row) => [...world.cluster.nodes.offering.slice(0, 60)].filter((o) => o === row).length);
    for (const count of counts) expect(count).toBeGreaterThan(8);
  });
});
