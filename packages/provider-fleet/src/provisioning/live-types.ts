import { LABEL, type ResourceNames } from '@plimsoll/core';
import type { Availability } from '../catalogue/availability.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { requirementSet } from '../requirements/requirement-set.ts';
import type { InstanceType, Offering } from '../scheduling/instance-type.ts';

const RESERVATION_ID = 'karpenter.k8s.aws/capacity-reservation-id';

/** The catalogue's types, row by row, with the offerings that are worth asking for now. Reserved ones are left out. */
export function liveTypes(catalogue: Catalogue, availability: Availability, resources: ResourceNames): readonly InstanceType[] {
  const offerings = catalogue.types.map((): Offering[] => []);
  const places = new Map<string, Offering['requirements']>();
  catalogue.offerings.forEach(({ capacityType, price, type, zone }, row) => {
    if (catalogue.marketOf[row] < 0) return;
    const key = `${zone} ${capacityType}`;
    let requirements = places.get(key);
    if (requirements === undefined) {
      requirements = requirementSet([
        { key: LABEL.zone, operator: 'In', values: [zone] },
        { key: LABEL.capacityType, operator: 'In', values: [capacityType] },
        { key: RESERVATION_ID, operator: 'DoesNotExist' },
      ]);
      places.set(key, requirements);
    }
    offerings[type].push({ zone, capacityType, price, available: availability.has(row), requirements });
  });
  return catalogue.types.map(({ allocatable, capacity, name, requirements }, row) => ({
    name,
    requirements,
    capacity: resources.list(capacity),
    allocatable: resources.list(allocatable),
    offerings: offerings[row],
  }));
}
