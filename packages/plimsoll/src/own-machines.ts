import { priceList } from '@plimsoll/cloud';
import { LABEL, type OfferingsView, OptionsError, parseResource, type ResourceList, type Scenario } from '@plimsoll/core';

type Machines = NonNullable<Scenario['cloud']['machines']>;

const NANO = 1e9;

/**
 * The machines that a scenario describes itself, as a price list. Everyone believes of them what they are: nominal, predicted and real
 * sizes are the same.
 *
 * @throws OptionsError for a type that is listed twice, sold nowhere in the zones, or whose amounts are no quantities.
 */
export function machinesAsOfferings(machines: Machines, region = 'own', only?: readonly string[]): OfferingsView {
  const zones = only ?? [...new Set(machines.flatMap(({ offerings }) => offerings.map(({ zone }) => zone)))].sort();
  const seen = new Set<string>();
  const priced = machines.map(({ name, labels, capacity: of, allocatable: left, offerings }, index) => {
    const path = ['cloud', 'machines', index];
    if (seen.has(name)) throw new OptionsError([...path, 'name'], `another machine is called ${name}`);
    seen.add(name);
    const capacity = amounts(of, [...path, 'capacity']);
    const allocatable = left === undefined ? capacity : amounts(left, [...path, 'allocatable']);
    const type = {
      name,
      nominal: allocatable,
      capacity,
      allocatable,
      predictedCapacity: capacity,
      predictedAllocatable: allocatable,
      labels: { ...labels, [LABEL.instanceType]: name },
    };
    const prices = new Map(
      offerings.map(({ zone, capacityType, price }) => [`${zone} ${capacityType}`, Math.round(price * NANO)]),
    );
    return { type, price: (zone: string, capacityType: string) => prices.get(`${zone} ${capacityType}`) };
  });
  return priceList(region, zones, priced);
}

function amounts(list: Readonly<Record<string, string | number>>, path: readonly (string | number)[]): ResourceList {
  return Object.fromEntries(
    Object.entries(list).map(([name, amount]) => {
      try {
        return [name, parseResource(name, amount)];
      } catch (error) {
        throw new OptionsError([...path, name], (error as Error).message);
      }
    }),
  );
}
