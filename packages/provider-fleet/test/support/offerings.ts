import { type InstanceType, LABEL, type Offering, type OfferingsView } from '@plimsoll/core';

/** A type for tests: all of it is allocatable. */
export interface TestType {
  readonly name: string;
  /** Millicores. */
  readonly cpu: number;
  readonly gib: number;
  /** Nano-dollars per hour, on demand. */
  readonly price: number;
  /** Spot prices by zone; none where absent. */
  readonly spot?: Readonly<Record<string, number>>;
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export const GIB = 2 ** 30;

/** A price list of some types, on demand in every zone. */
export function offerings(types: readonly TestType[], zones: readonly string[] = ['a', 'b']): OfferingsView {
  const rows: Offering[] = [];
  types.forEach((type, row) => {
    for (const zone of zones) rows.push({ id: rows.length, type: row, zone, capacityType: 'on-demand', price: type.price });
    for (const [zone, price] of Object.entries(type.spot ?? {})) {
      rows.push({ id: rows.length, type: row, zone, capacityType: 'spot', price });
    }
  });
  return {
    region: 'r',
    zones,
    types: types.map(({ name, cpu, gib, pods = 110, labels = {} }): InstanceType => {
      const size = { cpu, memory: gib * GIB, pods };
      return {
        name,
        nominal: size,
        capacity: size,
        allocatable: size,
        predictedCapacity: size,
        predictedAllocatable: size,
        labels: { [LABEL.instanceType]: name, [LABEL.arch]: 'amd64', [LABEL.os]: 'linux', ...labels },
      };
    }),
    offerings: rows,
  };
}
