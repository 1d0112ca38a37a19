import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/index.ts';

function prices(types: readonly string[], options: Parameters<typeof catalogue>[1] = {}): Record<string, number> {
  const list = catalogue('aws', { ...options, types });
  return Object.fromEntries(
    list.offerings.map(({ type, zone, capacityType, price }) => [`${list.types[type].name} ${zone} ${capacityType}`, price]),
  );
}

describe('prices', () => {
  it('are nano-dollars per hour, on-demand alike in all zones of a region', () => {
    expect(prices(['m5.large'])).toMatchObject({
      'm5.large us-east-1a on-demand': 96_000_000,
      'm5.large us-east-1b on-demand': 96_000_000,
      'm5.large us-east-1c on-demand': 96_000_000,
    });
  });

  it('follow the ratio of the region', () => {
    // 0.096 × 1.1948
    expect(prices(['m5.large'], { region: 'eu-central-1' })['m5.large eu-central-1a on-demand']).toBe(114_700_800);
  });

  it('of spot lie within a fifth of the mean saving, and never above on-demand', () => {
    const { types, offerings } = catalogue('aws');
    const onDemand = new Map(
      offerings.filter((o) => o.capacityType === 'on-demand').map((o) => [`${o.type} ${o.zone}`, o.price]),
    );
    let differing = 0;
    for (const { type, zone, capacityType, price } of offerings) {
      if (capacityType !== 'spot') continue;
      const full = onDemand.get(`${type} ${zone}`)!;
      expect(price, types[type].name).toBeLessThanOrEqual(full);
      expect(price).toBeGreaterThan(0.1 * full);
      if (price !== offerings.find((o) => o.type === type && o.capacityType === 'spot')!.price) differing++;
    }
    expect(differing).toBeGreaterThan(2000);
    // m5.large: 66 % off 0.096.
    for (const [name, price] of Object.entries(prices(['m5.large']))) {
      if (!name.endsWith('spot')) continue;
      expect(price).toBeGreaterThanOrEqual(0.8 * 0.34 * 96_000_000);
      expect(price).toBeLessThanOrEqual(1.2 * 0.34 * 96_000_000);
    }
  });

  it('of spot are the same in every run, and in every selection of types and zones', () => {
    const one = prices(['m5.large'], { zones: ['us-east-1c'] });
    const many = prices(['c5.large', 'm5.large', 'm5.xlarge']);
    expect(one['m5.large us-east-1c spot']).toBe(many['m5.large us-east-1c spot']);
  });

  it('of spot are estimated for types without a figure, unless they count as not offered', () => {
    // Types of category m save 62 % on average (62.87, rounded down); m8i.large costs 0.10584.
    const estimate = prices(['m8i.large'])['m8i.large us-east-1a spot'];
    expect(estimate).toBeGreaterThanOrEqual(Math.floor(0.8 * 0.38 * 105_840_000));
    expect(estimate).toBeLessThanOrEqual(Math.ceil(1.2 * 0.38 * 105_840_000));
    expect(prices(['m8i.large'], { spotWithoutFigure: 'none' })['m8i.large us-east-1a spot']).toBeUndefined();
    expect(prices(['m5.large'], { spotWithoutFigure: 'none' })['m5.large us-east-1a spot']).toBeDefined();
  });

  it('of spot do not exist where a whole category has no figure', () => {
    expect(Object.keys(prices(['hpc7g.16xlarge'])).filter((name) => name.endsWith('spot'))).toEqual([]);
  });
});
