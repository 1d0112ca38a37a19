import { type Offering, type OfferingsView, OptionsError } from '@plimsoll/core';
import { unknownName } from './suggest.ts';

/** Capacity that an account holds: so many machines of one type in one zone, there whatever the pool has. */
export interface CapacityReservation {
  /** `cr-…` */
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly count: number;
}

/**
 * A price list with reservations as offerings of their own, after all others, in the order given. A machine from a reservation costs what the type
 * costs on-demand there: EC2 bills a reservation at that price whether it is used or not, and what is not used is no part of a run's bill.
 *
 * @throws OptionsError for a type or zone that the price list lacks, a count below 1 or an id that is taken.
 */
export function withReservations(view: OfferingsView, reservations: readonly CapacityReservation[]): OfferingsView {
  if (reservations.length === 0) return view;
  const names = view.types.map(({ name }) => name);
  const offerings: Offering[] = [...view.offerings];
  const ids = new Set<string>();
  reservations.forEach(({ id, instanceType, zone, count }, i) => {
    const path = ['reservations', i];
    const type = names.indexOf(instanceType);
    if (type < 0) throw unknownName([...path, 'instanceType'], 'instance type', instanceType, names);
    if (!view.zones.includes(zone)) throw unknownName([...path, 'zone'], 'zone', zone, view.zones);
    if (!(count >= 1) || count !== Math.floor(count)) {
      throw new OptionsError([...path, 'count'], `expected a whole number from 1, got ${count}`);
    }
    if (ids.has(id)) throw new OptionsError([...path, 'id'], `a reservation is called ${id} already`);
    ids.add(id);
    const like = view.offerings.find(
      (offering) => offering.type === type && offering.zone === zone && offering.capacityType === 'on-demand',
    );
    if (like === undefined) {
      throw new OptionsError(
        [...path, 'instanceType'],
        `${instanceType} is not sold on-demand in ${zone}, so none can be reserved`,
      );
    }
    offerings.push({ ...like, id: offerings.length, capacityType: 'reserved', reservation: { id, count } });
  });
  return { ...view, offerings };
}
