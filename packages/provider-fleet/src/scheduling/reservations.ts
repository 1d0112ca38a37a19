import type { InstanceType } from './instance-type.ts';

/**
 * How many machines of each capacity reservation are left. A claim holds one of every reservation that it might use, and gives back
 * those that it can no longer use.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/reservationmanager.go`.
 */
export class Reservations {
  readonly #left: Map<string, number>;
  /** Holders by reservation. */
  readonly #held = new Map<string, Set<object>>();

  /** @param capacities how many machines of each reservation are left */
  constructor(capacities: ReadonlyMap<string, number>) {
    this.#left = new Map(capacities);
  }

  canHold(holder: object, id: string): boolean {
    return this.#held.get(id)?.has(holder) === true || (this.#left.get(id) ?? 0) > 0;
  }

  /** Makes a holder hold exactly these. */
  hold(holder: object, before: ReadonlySet<string>, ids: ReadonlySet<string>): void {
    for (const id of ids) if (!before.has(id)) this.#move(holder, id, true);
    for (const id of before) if (!ids.has(id)) this.#move(holder, id, false);
  }

  #move(holder: object, id: string, take: boolean): void {
    let holders = this.#held.get(id);
    if (holders === undefined) this.#held.set(id, (holders = new Set()));
    if (take) holders.add(holder);
    else holders.delete(holder);
    this.#left.set(id, (this.#left.get(id) ?? 0) + (take ? -1 : 1));
  }
}

/** How many machines of each reservation the offerings of some type lists hold out: the least where lists disagree. */
export function reservedCapacities(lists: Iterable<readonly InstanceType[]>): ReadonlyMap<string, number> {
  const left = new Map<string, number>();
  for (const types of lists) {
    for (const { offerings } of types) {
      for (const { reservationCapacity = 0, reservationId } of offerings) {
        if (reservationId === undefined) continue;
        left.set(reservationId, Math.min(left.get(reservationId) ?? Infinity, reservationCapacity));
      }
    }
  }
  return left;
}
