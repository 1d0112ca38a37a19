import { OptionsError, Streams } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { CapacityPools, type PoolLimit, type PoolShortage, type PoolStep } from '../src/capacity-pools.ts';
import { catalogue } from '../src/index.ts';

const HOUR = 3_600_000;
const offerings = catalogue('aws', { types: ['m5.large', 'm5.xlarge'] });

function pools(rules: { limits?: PoolLimit[]; shortages?: PoolShortage[] }, seed = 1): CapacityPools {
  return new CapacityPools({ offerings, streams: new Streams(seed), limits: [], shortages: [], ...rules });
}

/** Changes of pools up to a time, as `time pool state`. */
function history(capacity: CapacityPools, until: number): string[] {
  const out: string[] = [];
  let steps: PoolStep[] = capacity.begin();
  for (const pool of capacity.shortPools()) out.push(`0 ${pool} short`);
  while (steps.length > 0) {
    steps.sort((a, b) => a.at - b.at || a.pool - b.pool);
    const [step, ...rest] = steps;
    if (step.at > until) break;
    const next = capacity.change(step);
    out.push(`${step.at} ${step.pool} ${capacity.isShort(step.pool) ? 'short' : 'open'}`);
    steps = next === undefined ? rest : [...rest, next];
  }
  return out;
}

describe('a pool', () => {
  it('gives machines without end where nothing limits it', () => {
    const capacity = pools({});
    capacity.take(0);
    expect(capacity.room(0)).toBe(Infinity);
  });

  it('gives up to the lowest limit that matches it, and again what came back', () => {
    const capacity = pools({ limits: [{ max: 5 }, { instanceType: 'm5.large', zone: 'us-east-1a', max: 2 }] });
    capacity.take(0);
    capacity.take(0);
    expect(capacity.room(0)).toBe(0);
    expect(() => capacity.take(0)).toThrow('pool 0 has no machine to give');
    expect(capacity.room(2)).toBe(5);
    capacity.release(0);
    expect(capacity.room(0)).toBe(1);
    expect(() => capacity.release(2)).toThrow('pool 2 gets back a machine that it never gave');
  });

  it('is short in given intervals, by the first rule that matches', () => {
    const shortages: PoolShortage[] = [
      {
        instanceType: 'm5.large',
        capacityType: 'spot',
        zone: 'us-east-1b',
        intervals: [
          [0, 100],
          [250, 300],
        ],
      },
      { instanceType: 'm5.large', capacityType: 'spot', intervals: [[50, Infinity]] },
    ];
    expect(history(pools({ shortages }), 1_000)).toEqual([
      '0 3 short',
      '50 1 short',
      '50 5 short',
      '100 3 open',
      '250 3 short',
      '300 3 open',
    ]);
  });

  it('is short by chance for the share of time that the rule says, from the start on', () => {
    const shortages = [{ every: 3 * HOUR, lasts: HOUR }];
    let short = 0;
    let atStart = 0;
    let begun = 0;
    const until = 1000 * HOUR;
    for (let seed = 0; seed < 20; seed++) {
      const since = new Map<number, number>();
      for (const line of history(pools({ shortages }, seed), until)) {
        const [time, pool, state] = line.split(' ');
        if (state === 'short') {
          since.set(Number(pool), Number(time));
          begun++;
          if (time === '0') atStart++;
        } else {
          short += Number(time) - since.get(Number(pool))!;
          since.delete(Number(pool));
        }
      }
      for (const from of since.values()) short += until - from;
    }
    // 20 seeds of 12 pools: a quarter of the time, a quarter at the start, one shortage in four hours.
    expect(short / (240 * until)).toBeCloseTo(0.25, 1);
    expect(Math.abs(atStart / 240 - 0.25)).toBeLessThan(0.1);
    expect(Math.abs(begun / 240 / 250 - 1)).toBeLessThan(0.03);
  });

  it('meets the same shortages whatever other pools there are', () => {
    const rule = { capacityType: 'spot', zone: 'us-east-1a', every: HOUR, lasts: HOUR } as const;
    const all = history(pools({ shortages: [rule] }), 100 * HOUR).filter((line) => line.split(' ')[1] === '7');
    const alone = new CapacityPools({
      offerings: catalogue('aws', { types: ['m5.xlarge'] }),
      streams: new Streams(1),
      limits: [],
      shortages: [rule],
    });
    expect(history(alone, 100 * HOUR)).toEqual(all.map((line) => line.replace(' 7 ', ' 1 ')));
  });

  it('refuses rules that no pool matches and figures that cannot be', () => {
    const wrong: { limits?: PoolLimit[]; shortages?: PoolShortage[] }[] = [
      { limits: [{ zone: 'us-east-1x', max: 1 }] },
      { limits: [{ max: -1 }] },
      { shortages: [{ every: 0, lasts: 5 }] },
      { shortages: [{ intervals: [[5, 5]] }] },
      {
        shortages: [
          {
            intervals: [
              [5, 10],
              [7, 9],
            ],
          },
        ],
      },
    ];
    for (const rules of wrong) expect(() => pools(rules)).toThrow(OptionsError);
    expect(() => pools(wrong[0])).toThrow('limits.0: the catalogue has no offering that matches us-east-1x');
  });
});
