import {
  type CapacityType,
  compareText,
  type InstanceType,
  type Offering,
  type OfferingsView,
  OptionsError,
} from '@plimsoll/core';
import { ec2Facts } from './ec2-facts.ts';
import { ec2InstanceType, type NodeSetup } from './ec2-shape.ts';
import { KWOK_ZONES, kwokTypes } from './kwok.ts';
import { onDemandPrice, type SpotWithoutFigure, spotPrices, spotSavings } from './prices.ts';
import { REGION_RATIOS } from './regions.ts';
import { unknownName } from './suggest.ts';
import { azureFacts, googleFacts, type VmFacts } from './vm-facts.ts';
import { azureInstanceType, googleInstanceType } from './vm-shape.ts';

/** The price lists that come with the package: EC2, Google, Azure, and the generic types of Karpenter's KWOK provider. */
const CATALOGUE_NAMES = ['aws', 'google', 'azure', 'kwok'] as const;
export type CatalogueName = (typeof CATALOGUE_NAMES)[number];

/** What of a catalogue is wanted. */
export interface CatalogueOptions extends NodeSetup {
  /** Default us-east-1, us-central1 or eastus; test-region for kwok, which has no prices by region. */
  readonly region?: string;
  /** Default: the region's first three zones; test-zone-a to -d for kwok. */
  readonly zones?: readonly string[];
  /** Names of the only types wanted. Default: all. */
  readonly types?: readonly string[];
  /** Keeps the types for which it is true. Default: all. */
  readonly where?: (type: InstanceType) => boolean;
  /** EC2 types without a spot figure: priced by the mean saving of their category, or not offered as spot. Default estimated. */
  readonly spotWithoutFigure?: SpotWithoutFigure;
  /** Operating system of the kwok types. Default linux. */
  readonly os?: 'linux' | 'windows';
}

/** A type with its price in each zone; undefined where it is not sold there in that way. */
export interface PricedType {
  readonly type: InstanceType;
  readonly price: (zone: string, capacityType: CapacityType) => number | undefined;
}

/**
 * Opens a catalogue as a price list. Types stand in text order of their names; offerings by type, then zone as given, on-demand before
 * spot.
 *
 * @throws OptionsError for an unknown catalogue, region or type, with the nearest known name.
 *
 * @example
 * const offerings = catalogue('aws', { region: 'eu-west-1', types: ['m5.large', 'm6i.large'] });
 */
export function catalogue(name: CatalogueName, options: CatalogueOptions = {}): OfferingsView {
  switch (name) {
    case 'aws':
      return awsCatalogue(options);
    case 'google':
      return vmCatalogue(options, { facts: googleFacts(), shape: googleInstanceType, zones: 'a b c'.split(' ') });
    case 'azure':
      return vmCatalogue(options, { facts: azureFacts(), shape: azureInstanceType, zones: '1 2 3'.split(' ') });
    case 'kwok':
      return kwokCatalogue(options);
    default:
      throw new OptionsError(['catalogue'], `expected one of ${CATALOGUE_NAMES.join(', ')}, got ${JSON.stringify(name)}`);
  }
}

/** A price list from types and prices, in the order described at {@link catalogue}. */
export function priceList(region: string, zones: readonly string[], priced: readonly PricedType[]): OfferingsView {
  const sorted = [...priced].sort((a, b) => compareText(a.type.name, b.type.name));
  const offerings: Offering[] = [];
  sorted.forEach(({ price }, type) => {
    for (const zone of zones) {
      for (const capacityType of ['on-demand', 'spot', 'reserved'] as const) {
        const amount = price(zone, capacityType);
        if (amount !== undefined) offerings.push({ id: offerings.length, type, zone, capacityType, price: amount });
      }
    }
  });
  return { region, zones, types: sorted.map(({ type }) => type), offerings };
}

function awsCatalogue(options: CatalogueOptions): OfferingsView {
  const region = options.region ?? 'us-east-1';
  const ratio = REGION_RATIOS[region];
  if (ratio === undefined) throw unknownName(['region'], 'region', region, Object.keys(REGION_RATIOS));
  const zones = checkZones(options.zones ?? ['a', 'b', 'c'].map((letter) => region + letter));
  const facts = ec2Facts();
  const savingOf = spotSavings(facts.values(), options.spotWithoutFigure ?? 'estimated');
  const spotOf = spotPrices(zones);
  const priced: PricedType[] = [];
  for (const name of wanted(options.types, facts)) {
    const fact = facts.get(name)!;
    const type = ec2InstanceType(fact, options);
    if (options.where?.(type) === false) continue;
    const onDemand = onDemandPrice(fact, ratio);
    const saving = savingOf(fact);
    const spot = saving === undefined ? undefined : spotOf(fact, onDemand, saving);
    priced.push({
      type,
      price: (zone, capacityType) =>
        capacityType === 'on-demand' ? onDemand : capacityType === 'spot' ? spot?.[zones.indexOf(zone)] : undefined,
    });
  }
  return priceList(region, zones, priced);
}

/** Google's and Azure's types: a price by region, the same in all of its zones. */
function vmCatalogue(
  options: CatalogueOptions,
  cloud: {
    readonly facts: ReadonlyMap<string, VmFacts>;
    readonly shape: (facts: VmFacts, setup: NodeSetup) => InstanceType;
    readonly zones: readonly string[];
  },
): OfferingsView {
  const { facts, shape } = cloud;
  const regions = [...new Set([...facts.values()].flatMap(({ onDemandPrices }) => Object.keys(onDemandPrices)))].sort(
    compareText,
  );
  const region = options.region ?? regions.find((name) => name === 'us-central1' || name === 'eastus') ?? regions[0];
  if (!regions.includes(region)) throw unknownName(['region'], 'region', region, regions);
  const zones = checkZones(options.zones ?? cloud.zones.map((zone) => `${region}-${zone}`));
  const priced: PricedType[] = [];
  for (const name of wanted(options.types, facts)) {
    const fact = facts.get(name)!;
    const type = shape(fact, options);
    if (options.where?.(type) === false) continue;
    const onDemand = fact.onDemandPrices[region];
    const spot = fact.spotPrices[region];
    if (onDemand === undefined) continue;
    priced.push({
      type,
      price: (_zone, capacityType) => (capacityType === 'on-demand' ? onDemand : capacityType === 'spot' ? spot : undefined),
    });
  }
  return priceList(region, zones, priced);
}

function kwokCatalogue(options: CatalogueOptions): OfferingsView {
  const zones = checkZones(options.zones ?? KWOK_ZONES);
  const all = new Map(kwokTypes(options.os ?? 'linux').map((entry) => [entry.type.name, entry]));
  const priced: PricedType[] = [];
  for (const name of wanted(options.types, all)) {
    const { type, onDemandPrice: onDemand, spotPrice: spot } = all.get(name)!;
    if (options.where?.(type) === false) continue;
    priced.push({
      type,
      price: (_zone, capacityType) => (capacityType === 'on-demand' ? onDemand : capacityType === 'spot' ? spot : undefined),
    });
  }
  return priceList(options.region ?? 'test-region', zones, priced);
}

/** The names asked for, each once, or all. */
function wanted(names: readonly string[] | undefined, known: ReadonlyMap<string, unknown>): Iterable<string> {
  names?.forEach((name, i) => {
    if (!known.has(name)) throw unknownName(['types', i], 'instance type', name, known.keys());
  });
  return names === undefined ? known.keys() : new Set(names);
}

function checkZones(zones: readonly string[]): readonly string[] {
  if (zones.length === 0) throw new OptionsError(['zones'], 'expected at least one zone, got none');
  if (new Set(zones).size < zones.length) throw new OptionsError(['zones'], `expected each zone once, got ${zones.join(', ')}`);
  return zones;
}
