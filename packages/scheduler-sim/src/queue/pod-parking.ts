import type { JsonValue } from '@plimsoll/core';
import type { Helps, Parking } from './parking.ts';
import { PLACE, type PodColumns } from './pod-columns.ts';

/** Pods of one class that the same filters rejected: an event that may help one of them may help all. Oldest attempt first. */
interface Group {
  readonly podClass: number;
  readonly rejectors: number;
  /** Holds also rows that have left since; their place tells. */
  readonly pods: number[];
}

/** Each pod waits for itself: an event brings back every pod that it may help, as in the real program. */
export class PodParking implements Parking {
  readonly #columns: PodColumns;
  readonly #groups = new Map<string, Group>();

  constructor(columns: PodColumns) {
    this.#columns = columns;
  }

  get empty(): boolean {
    return this.#groups.size === 0;
  }

  get oldest(): number {
    const { place, since } = this.#columns;
    let oldest = Number.POSITIVE_INFINITY;
    for (const { pods } of this.#groups.values()) {
      const first = pods.find((pod) => place[pod] === PLACE.unschedulable);
      if (first !== undefined) oldest = Math.min(oldest, since[first]);
    }
    return oldest;
  }

  park(pod: number, podClass: number, rejectors: number): void {
    this.#group(podClass, rejectors).pods.push(pod);
  }

  wake(helps: Helps, bringBack: (pod: number) => void): void {
    for (const [key, { podClass, rejectors, pods }] of this.#groups) {
      if (!helps(podClass, rejectors)) continue;
      this.#groups.delete(key);
      for (const pod of pods) if (this.#columns.place[pod] === PLACE.unschedulable) bringBack(pod);
    }
  }

  flush(isStale: (since: number) => boolean, bringBack: (pod: number) => void): void {
    const { place, since } = this.#columns;
    for (const [key, { pods }] of this.#groups) {
      let done = 0;
      while (done < pods.length && (place[pods[done]] !== PLACE.unschedulable || isStale(since[pods[done]]))) {
        if (place[pods[done]] === PLACE.unschedulable) bringBack(pods[done]);
        done++;
      }
      pods.splice(0, done);
      if (pods.length === 0) this.#groups.delete(key);
    }
  }

  left(): void {}

  snapshot(): JsonValue {
    const waits = (pod: number): boolean => this.#columns.place[pod] === PLACE.unschedulable;
    return [...this.#groups.values()].map(({ podClass, rejectors, pods }) => [podClass, rejectors, pods.filter(waits)]);
  }

  restore(value: JsonValue): void {
    this.#groups.clear();
    for (const [podClass, rejectors, pods] of value as [number, number, number[]][]) {
      this.#group(podClass, rejectors).pods.push(...pods);
    }
  }

  #group(podClass: number, rejectors: number): Group {
    const key = `${podClass} ${rejectors}`;
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = { podClass, rejectors, pods: [] }));
    return group;
  }
}
