import { OptionsError } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupBehaviourInput } from '../../src/groups/behaviour.ts';
import { requirementDefaults, typesFor } from '../../src/groups/instance-requirements.ts';
import { onDemandTarget } from '../../src/groups/purchase-split.ts';
import { catalogue } from '../../src/index.ts';
import { World, type WorldOptions } from '../world.ts';

function grown(size: number, behaviour: GroupBehaviourInput, { groups, settings, ...more }: WorldOptions = {}): World {
  const world = new World({ groups: groups ?? [{}], settings: { groups: { workers: behaviour }, ...settings }, ...more }).start();
  world.cloud.setDesired(0, size, 1);
  return world.runUntil(100_000);
}

/** Machines by way of buying, type and zone letter: `{ 'spot m5.large a': 2 }`. */
function bought(world: World): Record<string, number> {
  const { offerings, types } = world.cloud.offerings;
  const out: Record<string, number> = {};
  for (const node of world.cloud.groups.instances(0)) {
    const { capacityType, type, zone } = offerings[world.cluster.nodes.offering[node]];
    const key = `${capacityType} ${types[type].name} ${zone.slice(-1)}`;
    out[key] = (out[key] ?? 0) + 1;
  }
  return out;
}

const count = (world: World, word: string): number =>
  Object.entries(bought(world)).reduce((sum, [key, machines]) => sum + (key.includes(word) ? machines : 0), 0);

describe('the split of a mixed group', () => {
  it('is that of the documented table: base 10, half of what is above', () => {
    expect([10, 20, 30, 40].map((size) => onDemandTarget(size, 10, 50))).toEqual([10, 15, 20, 25]);
    expect(onDemandTarget(3, 0, 50)).toBe(2);
    expect(onDemandTarget(4, 10, 0)).toBe(4);
  });

  it('is kept while the group grows from 10 to 40', () => {
    const world = new World({
      groups: [{}],
      settings: { groups: { workers: { onDemandBase: 10, onDemandPercentage: 50 } } },
    }).start();
    [10, 20, 30, 40].forEach((size, i) => {
      world.cloud.setDesired(0, size, 1);
      world.runUntil((i + 1) * 100_000);
      expect([count(world, 'on-demand'), count(world, 'spot')]).toEqual(
        [
          [10, 0],
          [15, 5],
          [20, 10],
          [25, 15],
        ][i],
      );
    });
  });

  it('never replaces spot that is not to be had by on-demand', () => {
    const settings = { shortages: [{ capacityType: 'spot', intervals: [[0, Infinity]] }] } as const;
    const world = grown(8, { onDemandPercentage: 50 }, { settings });
    expect(bought(world)).toEqual({ 'on-demand m5.large a': 2, 'on-demand m5.large b': 1, 'on-demand m5.large c': 1 });
    expect(world.cloud.groups.lastFailure(0)).toBe(55_000);
  });
});

describe('the allocation strategy', () => {
  const types = ['m5.xlarge', 'm5.large'];

  it('prioritized takes on-demand types in order, lowest-price the cheapest', () => {
    const groups = [{ instanceTypes: types, zones: ['us-east-1a'] }];
    expect(bought(grown(2, {}, { groups }))).toEqual({ 'on-demand m5.xlarge a': 2 });
    expect(bought(grown(2, { onDemandStrategy: 'lowest-price' }, { groups }))).toEqual({ 'on-demand m5.large a': 2 });
  });

  it('lowest-price spreads spot over the cheapest pools of a zone', () => {
    const groups = [{ instanceTypes: types, zones: ['us-east-1a'], capacityType: 'spot' as const }];
    const spread = grown(5, { spotStrategy: 'lowest-price' }, { groups });
    expect(Object.values(bought(spread)).sort()).toEqual([2, 3]);
    const single = grown(5, { spotStrategy: 'lowest-price', spotPools: 1 }, { groups });
    expect(Object.values(bought(single))).toEqual([5]);
  });

  it('does not pay more for spot than it may', () => {
    const groups = [{ zones: ['us-east-1a'], capacityType: 'spot' as const }];
    const world = grown(1, { spotMaxPrice: 1 }, { groups });
    expect(bought(world)).toEqual({});
    // ORDER_ERROR.spotMaxPriceTooLow
    expect(world.lines('orderFailed')[0]).toBe('10000 orderFailed 0 1 7');
  });
});

describe('weights', () => {
  const groups = [{ instanceTypes: ['m5.xlarge', 'm5.large'], zones: ['us-east-1a'] }];
  const weights = { 'm5.xlarge': 2, 'm5.large': 1 };

  it('make the size a number of units', () => {
    expect(bought(grown(4, { weights }, { groups }))).toEqual({ 'on-demand m5.xlarge a': 2 });
  });

  it('overshoot by less than the heaviest machine, and nothing is ended for that', () => {
    const world = grown(5, { weights }, { groups });
    expect(bought(world)).toEqual({ 'on-demand m5.xlarge a': 3 });
    world.runUntil(1_000_000);
    expect(world.lines('nodeTerminating')).toEqual([]);
    expect(world.queue.size).toBe(0);
  });

  it('must be there for each type of the group, and for no other', () => {
    const wrong = (behaviour: GroupBehaviourInput): string => {
      try {
        grown(0, behaviour, { groups });
      } catch (error) {
        if (error instanceof OptionsError) return error.message;
      }
      return 'no error';
    };
    expect(wrong({ weights: { 'm5.xlarge': 2 } })).toBe(
      'cloud.groups.workers.weights: m5.large has no weight: where one type has one, all must',
    );
    expect(wrong({ weights: { 'm5.xlarg': 2 } })).toContain('did you mean "m5.xlarge"?');
    expect(wrong({ weights: { 'm5.xlarge': 0, 'm5.large': 1 } })).toContain('expected a whole number from 1 to 999, got 0');
    expect(wrong({ onDemandPercentage: 101 })).toContain('expected 0 to 100, got 101');
    expect(wrong({ warmPool: {} })).toContain('can have no warm pool');
  });
});

describe('types by attributes', () => {
  const offerings = catalogue('aws', { zones: ['us-east-1a'] });
  const names = (more: object): string[] =>
    typesFor({ ...requirementDefaults, ...more }, 'on-demand', offerings).map((row) => offerings.types[row].name);

  it('are within the bounds and protected from dear ones', () => {
    const found = names({ vcpus: { min: 4, max: 4 }, memoryMib: { min: 16_384, max: 16_384 }, cpuManufacturers: ['intel'] });
    expect(found).toContain('m5.xlarge');
    expect(found).not.toContain('t3.xlarge');
    expect(found).not.toContain('m5.2xlarge');
    const price = (name: string): number => offerings.offerings.find(({ type }) => offerings.types[type].name === name)!.price;
    const cheapest = Math.min(...found.filter((name) => /^[cmr]\d/.test(name) && !/^m4/.test(name)).map(price));
    for (const name of found) expect(price(name)).toBeLessThanOrEqual(cheapest * 1.2);
  });

  it('may exclude names with a star, and accelerators', () => {
    const wide = { vcpus: { min: 8, max: 8 }, onDemandPricePercent: 999_999 };
    expect(names(wide)).toContain('g5.2xlarge');
    expect(names({ ...wide, accelerators: { max: 0 } })).not.toContain('g5.2xlarge');
    expect(names({ ...wide, excluded: ['m5*'] }).filter((name) => name.startsWith('m5'))).toEqual([]);
    expect(names({ ...wide, allowed: ['m5.*'] })).toEqual(['m5.2xlarge']);
    expect(names({ ...wide, generations: ['previous'] }).every((name) => !/^[cmr]5/.test(name))).toBe(true);
  });

  it('are what the group buys, whatever types it lists', () => {
    const requirements = { vcpus: { min: 4, max: 4 }, memoryMib: { min: 16_384 }, allowed: ['m5.*', 'm6i.*'] };
    const world = grown(1, { requirements }, { offerings, groups: [{ zones: ['us-east-1a'] }] });
    expect(count(world, 'xlarge')).toBe(1);
    expect(count(world, 'm5.large')).toBe(0);
  });
});

describe('large waves', () => {
  it('come in batches where that is set', () => {
    const world = grown(5, { launchBatch: { most: 2, pause: 20_000 } });
    expect(world.lines('nodeOrdered').map((line) => line.split(' ')[0])).toEqual(['10000', '10000', '30000', '30000', '50000']);
  });
});

describe('laws of mixed groups', () => {
  it('the split holds at every size that is grown into, within the weight of a machine', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 100 }), (growth, base, percentage) => {
        const behaviour = { onDemandBase: base, onDemandPercentage: percentage, suspended: ['AZRebalance' as const] };
        const world = new World({ groups: [{}], settings: { groups: { workers: behaviour } } }).start();
        let size = 0;
        growth.forEach((more, i) => {
          size += more;
          world.cloud.setDesired(0, size, -1);
          world.runUntil((i + 1) * 100_000);
          // The target of a larger size is never below that of a smaller one, so growth alone keeps to it.
          expect(count(world, 'on-demand')).toBe(onDemandTarget(size, base, percentage));
          expect(world.cloud.groups.instances(0)).toHaveLength(size);
        });
      }),
      { numRuns: 60 },
    );
  });
});
