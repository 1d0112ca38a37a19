import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const groups = [{ desired: 1, zones: ['us-east-1a'], capacityType: 'spot' as const }];

describe('spot prices that move', () => {
  it('are told by pool, as multiples of the list price', () => {
    const spotPrices = [
      {
        zone: 'us-east-1a',
        instanceType: 'm5.large',
        changes: [
          { at: HOUR, factor: 2 },
          { at: 2 * HOUR, factor: 0.5 },
        ],
      },
    ];
    const world = new World({ settings: { spotPrices } }).start().runUntil(3 * HOUR);
    const list = world.cloud.offerings.offerings[1].price;
    const told = world.lines('priceChanged').map((line) => line.split(' ').map(Number));
    expect(told.map(([at, , pool, b, c]) => [at, pool, b * 1_000_000 + c])).toEqual([
      [HOUR, 1, list * 2],
      [2 * HOUR, 1, Math.round(list / 2)],
    ]);
    // The list that providers know stays as it is.
    expect(world.cloud.offerings.offerings[1].price).toBe(list);
  });

  it('decide what a group buys', () => {
    const instanceTypes = ['m5.large', 'm5.xlarge'];
    const spotPrices = [{ instanceType: 'm5.large', changes: [{ at: HOUR, factor: 10 }] }];
    const behaviour = { spotStrategy: 'lowest-price' as const, spotPools: 1 };
    const world = new World({
      groups: [{ ...groups[0], instanceTypes, desired: 0 }],
      settings: { spotPrices, groups: { workers: behaviour } },
    }).start();
    world.cloud.setDesired(0, 1, 1);
    world.runUntil(2 * HOUR);
    world.cloud.setDesired(0, 2, 1);
    world.runUntil(3 * HOUR);
    expect([...world.cluster.nodes.offering.slice(0, 2)]).toEqual([1, 7]);
  });

  it('take machines of a group that would not pay so much, with notice, and it waits until it would', () => {
    const list = new World({ groups }).cloud.offerings.offerings[1].price;
    const spotPrices = [
      {
        changes: [
          { at: HOUR, factor: 2 },
          { at: 2 * HOUR, factor: 1 },
        ],
      },
    ];
    const world = new World({ groups, settings: { spotPrices, groups: { workers: { spotMaxPrice: list } } } }).start();
    world.runUntil(HOUR + 5 * MINUTE);
    expect(world.lines('nodeNotice', 'nodeGone')).toEqual([
      `${HOUR} nodeNotice 0 0 120000`,
      `${HOUR + 2 * MINUTE} nodeGone 0 1 -1`,
    ]);
    world.runUntil(2 * HOUR - 1);
    expect(world.cloud.groups.instances(0)).toEqual([]);
    world.runUntil(3 * HOUR);
    expect(world.cloud.groups.instances(0)).toHaveLength(1);
  });

  it('above on-demand take every machine of the pool, and none is to be had', () => {
    const spotPrices = [{ changes: [{ at: HOUR, factor: 20 }] }];
    const world = new World({ settings: { spotPrices } }).start();
    const request = { name: 'n', group: 0, offerings: [1], strategy: 'lowest-price', labels: {}, taints: [] } as const;
    world.cloud.order(request, -1);
    world.runUntil(HOUR + 10 * MINUTE);
    expect(world.lines('nodeGone')).toEqual([`${HOUR + 2 * MINUTE} nodeGone 0 1 -1`]);
    world.cloud.order({ ...request, name: 'm', offerings: [1, 0] }, -1);
    world.runUntil(2 * HOUR);
    // ORDER_ERROR.spotMaxPriceTooLow; on-demand is the next of the list.
    expect(world.lines('orderFailed')).toEqual([]);
    expect(world.cluster.nodes.offering[1]).toBe(0);
    world.cloud.order({ ...request, name: 'o' }, -1);
    world.runUntil(3 * HOUR);
    expect(world.lines('orderFailed')).toEqual([`${2 * HOUR + 2_000} orderFailed 0 1 7`]);
  });

  it('go on from a snapshot, and must be possible', () => {
    const spotPrices = [
      {
        changes: [
          { at: HOUR, factor: 3 },
          { at: 2 * HOUR, factor: 2 },
        ],
      },
    ];
    const make = () => new World({ groups, settings: { spotPrices } });
    const whole = make()
      .start()
      .runUntil(3 * HOUR);
    const second = make()
      .load(
        make()
          .start()
          .runUntil(90 * MINUTE)
          .save(),
      )
      .runUntil(3 * HOUR);
    expect(second.save()).toBe(whole.save());
    const wrong = (changes: { at: number; factor: number }[], zone?: string) => () =>
      new World({ settings: { spotPrices: [{ changes, ...(zone && { zone }) }] } });
    expect(
      wrong([
        { at: 5, factor: 1 },
        { at: 5, factor: 2 },
      ]),
    ).toThrow('spotPrices.0.changes.1.at: expected times that rise');
    expect(wrong([{ at: 5, factor: 0 }])).toThrow('expected more than 0, got 0');
    expect(wrong([], 'mars')).toThrow('the catalogue has no spot offering that this rule matches');
  });
});
