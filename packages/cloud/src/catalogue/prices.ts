import { type KeyedStream, Streams } from '@plimsoll/core';
import { nameHash } from '../name-hash.ts';
import type { Ec2Facts } from './ec2-facts.ts';

/** Lowest and highest factor, in thousandths, between a zone's spot price and the type's mean. See {@link spotPrices}. */
const ZONE_FACTOR = [800, 1200] as const;

/** What a type without a spot figure costs as spot: an estimate, or nothing because it is not offered. */
export type SpotWithoutFigure = 'estimated' | 'none';

/** On-demand price of a type in a region, nano-dollars per hour. `ratio` is the region's, in ten-thousandths. */
export function onDemandPrice({ onDemandPrice }: Ec2Facts, ratio: number): number {
  return Math.round((onDemandPrice * ratio) / 10_000);
}

/**
 * Spot prices by zone, nano-dollars per hour.
 *
 * The mean saving of the type is a fact (Spot Instance Advisor, about June 2025, us-east-1). How zones differ is ours: a factor from
 * 0.8 to 1.2, drawn evenly by zone and type and the same in every run, so that the dearest zone costs at most 1.5 times the cheapest.
 * (One moment's prices of 8 types in us-east-1 lay from 0.65 to 1.21 times their mean.) Never above on-demand.
 */
export function spotPrices(zones: readonly string[]): (facts: Ec2Facts, onDemand: number, savingPercent: number) => number[] {
  const chance: readonly KeyedStream[] = zones.map((zone) => new Streams(0).keyed('spot price', zone));
  const [low, high] = ZONE_FACTOR;
  return (facts, onDemand, savingPercent) => {
    const mean = (onDemand * (100 - savingPercent)) / 100;
    const subject = nameHash(facts.name);
    return chance.map((stream) => {
      const factor = low + Math.floor(stream.at(subject) * (high - low + 1));
      return Math.min(onDemand, Math.round((mean * factor) / 1000));
    });
  };
}

/**
 * The spot saving of a type, whole percent. Where there is no figure (462 types, mostly younger than the figures): the mean over the
 * types of the same category letters, rounded down; undefined where those have none either (hpc, u), or where no estimate is wanted.
 */
export function spotSavings(all: Iterable<Ec2Facts>, missing: SpotWithoutFigure): (facts: Ec2Facts) => number | undefined {
  const sums = new Map<string, { sum: number; count: number }>();
  if (missing === 'estimated') {
    for (const { family, spotSavingPercent } of all) {
      if (spotSavingPercent === undefined) continue;
      const category = categoryOf(family);
      const { sum, count } = sums.get(category) ?? { sum: 0, count: 0 };
      sums.set(category, { sum: sum + spotSavingPercent, count: count + 1 });
    }
  }
  return ({ family, spotSavingPercent }) => {
    if (spotSavingPercent !== undefined) return spotSavingPercent;
    const known = sums.get(categoryOf(family));
    return known === undefined ? undefined : Math.floor(known.sum / known.count);
  };
}

function categoryOf(family: string): string {
  return /^[a-z]+/.exec(family)?.[0] ?? family;
}
