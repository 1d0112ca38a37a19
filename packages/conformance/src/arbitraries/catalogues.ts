import { type CapacityType, type GroupSpec, type InstanceType, LABEL, type Offering, type OfferingsView } from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';
import { nodeLabels, ZONES } from './labels.ts';
import { taints } from './taints.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Nano-dollars of a dollar. */
const DOLLAR = 1e9;

/** Name, vCPUs, GiB, pods, cents per hour, architecture, GPUs. Made by hand: round numbers, two types of one price. */
const TYPES: readonly (readonly [string, number, number, number, number, string, number])[] = [
  ['tiny-2', 2, 4, 17, 4, 'amd64', 0],
  ['compute-2', 2, 4, 29, 8, 'amd64', 0],
  ['compute-4', 4, 8, 58, 16, 'amd64', 0],
  ['compute-8', 8, 16, 58, 32, 'amd64', 0],
  ['general-2', 2, 8, 29, 10, 'amd64', 0],
  ['general-4', 4, 16, 58, 20, 'amd64', 0],
  ['general-8', 8, 32, 58, 40, 'amd64', 0],
  ['memory-2', 2, 16, 29, 12, 'amd64', 0],
  ['memory-4', 4, 32, 58, 24, 'amd64', 0],
  ['arm-2', 2, 8, 29, 8, 'arm64', 0],
  ['arm-4', 4, 16, 58, 16, 'arm64', 0],
  ['gpu-4', 4, 16, 29, 60, 'amd64', 1],
];

/** The dozen handmade types that generated catalogues choose from. */
export const INSTANCE_TYPES: readonly InstanceType[] = TYPES.map(([name, cpu, gib, pods, , arch, gpus]) => {
  const extra = { 'ephemeral-storage': 20 * GIB, pods, ...(gpus > 0 && { 'example.com/gpu': gpus }) };
  // The hypervisor keeps 3 % of the memory; the kubelet 100m of CPU and 512 MiB. Predictions assume 7.5 %.
  const memory = (share: number): number => Math.floor((gib * GIB * share) / MIB) * MIB;
  const less = { cpu: cpu * 1000 - 100, ...extra };
  return {
    name,
    nominal: { cpu: cpu * 1000, memory: gib * GIB, ...extra },
    capacity: { cpu: cpu * 1000, memory: memory(0.97), ...extra },
    allocatable: { ...less, memory: memory(0.97) - 512 * MIB },
    predictedCapacity: { cpu: cpu * 1000, memory: memory(0.925), ...extra },
    predictedAllocatable: { ...less, memory: memory(0.925) - 512 * MIB },
    labels: { [LABEL.instanceType]: name, [LABEL.arch]: arch, [LABEL.os]: 'linux' },
  };
});

const PRICES = new Map(TYPES.map(([name, , , , cents]) => [name, (cents * DOLLAR) / 100]));

/** What generated catalogues may hold. */
export interface CataloguesSettings {
  /** Default on-demand and spot. */
  readonly capacityTypes?: readonly CapacityType[];
  /** Least number of types. Default 1. */
  readonly minTypes?: number;
}

/**
 * Small catalogues: some of {@link INSTANCE_TYPES}, in two or three zones, on demand and as spot. On-demand prices are alike in all zones; spot
 * prices are a quarter, a half or nine tenths of them, so that offerings tie. Not every type is sold everywhere.
 */
export function catalogues({
  capacityTypes = ['on-demand', 'spot'],
  minTypes = 1,
}: CataloguesSettings = {}): Arbitrary<OfferingsView> {
  return fc
    .tuple(fc.subarray([...INSTANCE_TYPES], { minLength: minTypes }), fc.integer({ min: 2, max: ZONES.length }))
    .chain(([types, zoneCount]) => {
      const zones = ZONES.slice(0, zoneCount);
      const places = types.flatMap((_, type) =>
        zones.flatMap((zone) => capacityTypes.map((capacityType) => ({ type, zone, capacityType }))),
      );
      const sold = fc.tuple(
        ...places.map((_, index) =>
          fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(index === 0) }),
        ),
      );
      const shares = fc.tuple(...places.map(() => fc.constantFrom(0.25, 0.5, 0.9)));
      return fc.tuple(sold, shares).map(([kept, share]): OfferingsView => {
        const offerings: Offering[] = [];
        places.forEach(({ type, zone, capacityType }, index) => {
          if (!kept[index]) return;
          const onDemand = PRICES.get(types[type].name)!;
          const price = capacityType === 'on-demand' ? onDemand : Math.round(onDemand * share[index]);
          offerings.push({ id: offerings.length, type, zone, capacityType, price });
        });
        return { region: 'region-1', zones, types, offerings };
      });
    });
}

/**
 * Node groups over what a catalogue sells: min ≤ desired ≤ max, one or two types in one or all zones, of which at least one is sold; sometimes
 * labels and taints.
 */
export function nodeGroups(catalogue: OfferingsView): Arbitrary<readonly GroupSpec[]> {
  const { types, zones, offerings } = catalogue;
  const group = fc
    .record(
      {
        sold: fc.constantFrom(...offerings),
        second: fc.option(fc.constantFrom(...types), { nil: undefined }),
        everywhere: fc.boolean(),
        min: fc.constantFrom(0, 1),
        more: fc.constantFrom(0, 1, 3),
        spare: fc.constantFrom(0, 1, 10),
        labels: nodeLabels(),
        tainted: taints(),
      },
      { noNullPrototype: true },
    )
    .map(
      ({ sold, second, everywhere, min, more, spare, labels, tainted }): Omit<GroupSpec, 'name'> => ({
        min,
        desired: min + more,
        max: Math.max(1, min + more + spare),
        instanceTypes: [...new Set([types[sold.type].name, (second ?? types[sold.type]).name])],
        zones: everywhere ? zones : [sold.zone],
        capacityType: sold.capacityType,
        labels,
        taints: tainted,
        taggedResources: {},
      }),
    );
  // Up to twelve: from group-10 on, the order of bytes is not the order of numbers.
  return fc
    .array(group, { minLength: 1, maxLength: 12 })
    .map((specs) => specs.map((spec, index) => ({ ...spec, name: `group-${index}` })));
}
