import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultListSettings, listCost, listSeats } from '../../src/api-server/lists.ts';
import { QUEUE_WAIT_MAX, RETRY_AFTER, Seats } from '../../src/api-server/seats.ts';
import { Storage } from '../../src/api-server/storage.ts';
import { CONTROL_PLANE_TIERS, controlPlaneFee } from '../../src/api-server/tiers.ts';

const MIB = 2 ** 20;

describe('lists', () => {
  it('are compressed above 128 KiB, unless the client or the server has opted out', () => {
    expect(listCost(128 * 1024, 'protobuf', true).compressed).toBe(false);
    expect(listCost(128 * 1024 + 1, 'protobuf', true).compressed).toBe(true);
    expect(listCost(MIB, 'protobuf', false)).toMatchObject({ compressed: false, sentBytes: MIB });
    expect(listCost(MIB, 'protobuf', true, { ...defaultListSettings, gzip: 0 }).compressed).toBe(false);
  });

  it('take about as long as was measured and derived: 150,000 pods of 2.5 kB', () => {
    const bytes = 375e6;
    const ample = { ...defaultListSettings, bandwidth: 1e12 };
    expect(listCost(bytes, 'protobuf', false, ample).ms).toBe(2520);
    expect(listCost(bytes, 'protobuf', true, ample).ms).toBe(10_853);
    expect(listCost(bytes, 'protobuf', true, { ...ample, gzip: 4 }).ms).toBe(21_270);
  });

  it('are worth compressing on a slow line and not on a fast one', () => {
    const at = (bandwidth: number) =>
      [true, false].map((on) => listCost(100e6, 'json', on, { ...defaultListSettings, bandwidth }).ms);
    const [slowOn, slowOff] = at(20e6);
    const [fastOn, fastOff] = at(60e6);
    expect(slowOn).toBeLessThan(slowOff);
    expect(fastOn).toBeGreaterThan(fastOff);
  });

  it('take up to ten seats', () => {
    expect([1, 100, 101, 950, 5000].map(listSeats)).toEqual([1, 1, 2, 10, 10]);
  });
});

describe('seats', () => {
  it('make a request wait for the first that is free, and slow it down when many are taken', () => {
    const seats = new Seats(2);
    expect(seats.request(0, 1, 100)).toEqual({ from: 0, to: 100, refusals: 0 });
    expect(seats.request(0, 1, 100)).toEqual({ from: 0, to: 200, refusals: 0 });
    expect(seats.request(10, 1, 100).from).toBe(100);
  });

  it('refuse what would wait too long, which then comes again', () => {
    const seats = new Seats(1);
    seats.request(0, 1, 40_000);
    const { from, refusals } = seats.request(0, 1, 10);
    expect(refusals).toBe(2);
    expect(from).toBe(40_000);
    expect(from).toBeGreaterThanOrEqual(2 * (QUEUE_WAIT_MAX + RETRY_AFTER));
  });

  it('never work on more than there are, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.record({ gap: fc.nat(50), width: fc.integer({ min: 1, max: 10 }), ms: fc.integer({ min: 1, max: 500 }) })),
        (total, requests) => {
          const seats = new Seats(total);
          let at = 0;
          const done = requests.map(({ gap, width, ms }) => ({
            width: Math.min(width, total),
            ...seats.request((at += gap), width, ms),
          }));
          for (const { from } of done) {
            const busy = done.reduce((sum, other) => sum + (other.from <= from && other.to > from ? other.width : 0), 0);
            expect(busy).toBeLessThanOrEqual(total);
          }
        },
      ),
    );
  });
});

describe('storage', () => {
  it('refuses large objects, and everything once its quota is passed, until there is room and the alarm is off', () => {
    const storage = new Storage(3 * MIB);
    expect(storage.write(4 * MIB)).toBe('body too large');
    expect(storage.write(1.6 * MIB)).toBe('object too large');
    for (let n = 0; n < 4; n++) expect(storage.write(MIB)).toBeUndefined();
    expect(storage.write(1)).toBe('no space');
    storage.delete(2 * MIB);
    expect(storage.write(1)).toBe('no space');
    storage.disarm();
    expect(storage.write(1)).toBeUndefined();
    expect(storage.bytes).toBe(2 * MIB + 1);
  });
});

describe('tiers', () => {
  it('cost their fee by the hour', () => {
    expect(controlPlaneFee(CONTROL_PLANE_TIERS['eks-standard'], 90 * 60_000)).toBe(150_000_000);
    expect(controlPlaneFee(CONTROL_PLANE_TIERS.kubernetes, 3_600_000)).toBe(0);
  });
});
