import { type LaunchRequest, ORDER_ERROR } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { quotaFamily } from '../src/account.ts';
import { withReservations } from '../src/catalogue/reservations.ts';
import { catalogue } from '../src/index.ts';
import { World, type WorldOptions } from './world.ts';

const MINUTE = 60_000;
const offerings = catalogue('aws', { types: ['m5.large', 'm5.xlarge'] });

const request: LaunchRequest = { name: 'n', group: 0, offerings: [0], strategy: 'lowest-price', labels: {}, taints: [] };

function ordered(count: number, rows: readonly number[], options: WorldOptions): World {
  const world = new World(options).start();
  for (let i = 0; i < count; i++) world.cloud.order({ ...request, name: `n-${i}`, offerings: rows }, -1);
  return world.runUntil(MINUTE);
}

const running = (world: World): number => world.lines('nodeRunning').length;
const errors = (world: World): string[] => world.lines('orderFailed').map((line) => line.split(' ').slice(3).join(' '));

describe('a quota', () => {
  it('is of a group of families, by the letters of their names', () => {
    expect(
      ['m5.large', 'g5.xlarge', 'gr6.4xlarge', 'p5.48xlarge', 'u-3tb1.56xlarge', 'inf2.xlarge', 'is4gen.large', 'x8g.large'].map(
        quotaFamily,
      ),
    ).toEqual(['standard', 'g-vt', 'g-vt', 'p', 'high-memory', 'inf', 'standard', 'x']);
  });

  it('of on-demand vCPUs lets so many run, and no more until one is gone', () => {
    const settings = { quotas: [{ family: 'standard', capacityType: 'on-demand', vcpus: 5 }] } as const;
    const world = ordered(3, [0], { settings });
    expect(running(world)).toBe(2);
    expect(errors(world)).toEqual([`0 ${ORDER_ERROR.vcpuLimitExceeded}`]);
    world.cloud.terminate(0, -1, false);
    world.runUntil(3 * MINUTE);
    world.cloud.order({ ...request, name: 'later' }, -1);
    world.runUntil(4 * MINUTE);
    expect(running(world)).toBe(3);
  });

  it('of spot is another one, with another error', () => {
    const settings = { quotas: [{ family: 'standard', capacityType: 'spot', vcpus: 2 }] } as const;
    const world = ordered(2, [1], { settings });
    expect(errors(world)).toEqual([`1 ${ORDER_ERROR.maxSpotInstanceCountExceeded}`]);
    expect(running(ordered(5, [0], { settings }))).toBe(5);
  });

  it('holds for groups, too', () => {
    const settings = { quotas: [{ family: 'standard', capacityType: 'on-demand', vcpus: 6 }] } as const;
    const world = new World({ groups: [{}], settings }).start();
    world.cloud.setDesired(0, 9, 1);
    world.runUntil(10 * MINUTE);
    expect(world.cloud.groups.instances(0)).toHaveLength(3);
    expect(world.cloud.groups.lastFailure(0)).toBeGreaterThan(0);
  });

  it('must be of a family that there is', () => {
    const wrong = () => new World({ settings: { quotas: [{ family: 'standart', capacityType: 'spot', vcpus: 1 }] } });
    expect(wrong).toThrow('did you mean "standard"?');
  });
});

describe('the addresses of a zone', () => {
  it('are taken by a machine and the pods that it may run, and another zone is left', () => {
    // An m5.large runs 29 pods: 30 addresses.
    const settings = { subnets: [{ zone: 'us-east-1a', addresses: 59 }] };
    const world = ordered(3, [0, 2], { settings });
    expect(world.lines('nodeRunning').map((line) => line.split(' ')[3])).toEqual(['0', '2', '2']);
    expect(errors(world)).toEqual(Array(2).fill(`0 ${ORDER_ERROR.insufficientFreeAddressesInSubnet}`));
  });

  it('may be a number for each machine', () => {
    const settings = { subnets: [{ zone: 'us-east-1a', addresses: 3, perMachine: 1 }] };
    expect(running(ordered(5, [0], { settings }))).toBe(3);
  });
});

describe('a capacity reservation', () => {
  const reserved = withReservations(offerings, [{ id: 'cr-1', instanceType: 'm5.large', zone: 'us-east-1a', count: 2 }]);
  const row = offerings.offerings.length;

  it('is an offering of its own, at the price of on-demand, after all others', () => {
    expect(reserved.offerings.slice(0, row)).toEqual(offerings.offerings);
    expect(reserved.offerings[row]).toEqual({
      id: row,
      type: 0,
      zone: 'us-east-1a',
      capacityType: 'reserved',
      price: offerings.offerings[0].price,
      reservation: { id: 'cr-1', count: 2 },
    });
    expect(withReservations(offerings, [])).toBe(offerings);
  });

  it('gives as many machines as it holds, even where the pool is dry, and then its own error', () => {
    const settings = { shortages: [{ capacityType: 'on-demand', intervals: [[0, Infinity]] }] } as const;
    const world = ordered(3, [row], { offerings: reserved, settings });
    expect(running(world)).toBe(2);
    expect(errors(world)).toEqual([`${row} ${ORDER_ERROR.reservationCapacityExceeded}`]);
  });

  it('must be possible', () => {
    const cr = { id: 'cr-1', instanceType: 'm5.large', zone: 'us-east-1a', count: 1 };
    expect(() => withReservations(offerings, [{ ...cr, instanceType: 'm5.larg' }])).toThrow('did you mean "m5.large"?');
    expect(() => withReservations(offerings, [{ ...cr, zone: 'us-east-1q' }])).toThrow('reservations.0.zone: unknown zone');
    expect(() => withReservations(offerings, [{ ...cr, count: 0 }])).toThrow('expected a whole number from 1, got 0');
    expect(() => withReservations(offerings, [cr, cr])).toThrow('reservations.1.id: a reservation is called cr-1 already');
  });
});
