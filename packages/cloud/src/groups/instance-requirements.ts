import { type CapacityType, type InstanceType, LABEL, type OfferingsView } from '@plimsoll/core';

/** Bounds of a figure, both included. */
interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * Types by their attributes, as an Auto Scaling group or a fleet may ask for them. Attributes are read from the type's size and from the
 * labels that the catalogue gives it; a type whose catalogue does not know an attribute that is asked for is left out.
 *
 * Source: EC2 API Reference, `InstanceRequirements`. Left out: network interfaces, EBS bandwidth, hibernation, local storage types,
 * accelerator names and baseline performance.
 */
export interface InstanceRequirements {
  /** Whole vCPUs; `min` is required by AWS. */
  readonly vcpus: Bounds;
  readonly memoryMib: Bounds;
  readonly memoryMibPerVcpu: Bounds;
  readonly cpuManufacturers: readonly string[];
  /** Names, with `*` for any letters. */
  readonly allowed: readonly string[];
  readonly excluded: readonly string[];
  readonly generations: readonly ('current' | 'previous')[];
  readonly bareMetal: Inclusion;
  readonly burstable: Inclusion;
  readonly localStorage: Inclusion;
  /** GPUs and other accelerators. Default none asked for and none excluded; `max: 0` excludes them. */
  readonly accelerators: Bounds;
  /** On-demand types dearer than so many percent above the cheapest current-generation c, m or r type that matches are left out. */
  readonly onDemandPricePercent: number;
  /** The same for spot, above the lowest spot price of such types. */
  readonly spotPricePercent: number;
}

type Inclusion = 'included' | 'excluded' | 'required';

/** From this percentage on there is no price protection. */
const NO_PROTECTION = 999_999;

/** Defaults of the API. That of spot, where AWS chooses by itself, is 100 % in its older documentation. */
export const requirementDefaults: InstanceRequirements = {
  vcpus: {},
  memoryMib: {},
  memoryMibPerVcpu: {},
  cpuManufacturers: [],
  allowed: [],
  excluded: [],
  generations: ['current', 'previous'],
  bareMetal: 'excluded',
  burstable: 'excluded',
  localStorage: 'included',
  accelerators: {},
  onDemandPricePercent: 20,
  spotPricePercent: 100,
};

/** EC2 families of previous generations (AWS, "Previous Generation Instances"). */
const PREVIOUS = new Set(['a1', 'c1', 'c3', 'c4', 'g2', 'g3', 'g3s', 'i2', 'm1', 'm2', 'm3', 'm4', 'p2', 'p3', 'r3', 'r4', 't1']);

/** Rows of the types that satisfy the requirements and their price protection, for one way of buying, in the price list's order. */
export function typesFor(
  requirements: InstanceRequirements,
  capacityType: CapacityType,
  { types, offerings }: OfferingsView,
): number[] {
  const matching = types.map((_, row) => row).filter((row) => matches(types[row], requirements));
  const percent = capacityType === 'spot' ? requirements.spotPricePercent : requirements.onDemandPricePercent;
  if (percent >= NO_PROTECTION) return matching;
  const prices = new Map<number, number>();
  for (const { type, capacityType: bought, price } of offerings) {
    if (bought === capacityType) prices.set(type, Math.min(price, prices.get(type) ?? Infinity));
  }
  const priced = matching.filter((row) => prices.has(row));
  const isUsual = (row: number): boolean => /^[cmr]\d/.test(types[row].name) && !PREVIOUS.has(familyOf(types[row]));
  const usual = priced.some(isUsual) ? priced.filter(isUsual) : priced;
  const least = Math.min(...usual.map((row) => prices.get(row)!));
  return priced.filter((row) => prices.get(row)! * 100 <= least * (100 + percent));
}

function matches(type: InstanceType, requirements: InstanceRequirements): boolean {
  const { vcpus, memoryMib, memoryMibPerVcpu, cpuManufacturers, allowed, excluded } = requirements;
  const cpus = (type.nominal.cpu ?? 0) / 1000;
  const memory = (type.nominal.memory ?? 0) / 2 ** 20;
  const label = (name: string): string | undefined => type.labels[`karpenter.k8s.aws/instance-${name}`];
  const named = (patterns: readonly string[]): boolean => patterns.some((pattern) => globOf(pattern).test(type.name));
  const devices = Object.entries(type.nominal)
    .concat(Object.entries(type.capacity))
    .filter(([name]) => name.endsWith('/gpu') || name === 'aws.amazon.com/neuron')
    .reduce((most, [, count]) => Math.max(most, count), 0);
  return (
    within(cpus, vcpus) &&
    within(memory, memoryMib) &&
    within(memory / cpus, memoryMibPerVcpu) &&
    within(devices, requirements.accelerators) &&
    (cpuManufacturers.length === 0 || cpuManufacturers.includes(label('cpu-manufacturer') ?? '')) &&
    (allowed.length === 0 || named(allowed)) &&
    !named(excluded) &&
    requirements.generations.includes(PREVIOUS.has(familyOf(type)) ? 'previous' : 'current') &&
    includes(requirements.bareMetal, /\.metal/.test(type.name)) &&
    includes(requirements.burstable, /^t\d/.test(type.name)) &&
    includes(requirements.localStorage, label('local-nvme') !== undefined)
  );
}

function familyOf(type: InstanceType): string {
  return type.labels['karpenter.k8s.aws/instance-family'] ?? type.labels[LABEL.instanceType]?.split('.')[0] ?? '';
}

function within(value: number, { min = 0, max = Infinity }: Bounds): boolean {
  return value >= min && value <= max;
}

function includes(wanted: Inclusion, has: boolean): boolean {
  return wanted === 'included' || has === (wanted === 'required');
}

function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`);
}
