import { type JsonValue, NONE } from '@plimsoll/core';
import type { Helps, Parking } from './parking.ts';
import { PLACE, type PodColumns } from './pod-columns.ts';

interface Group {
  readonly podClass: number;
  /** The filters of the last attempt. */
  rejectors: number;
  /** When a pod of the class was tried last. */
  triedAt: number;
  /** In the order in which they will be tried, from `first` on. Holds also rows that have left since. */
  pods: number[];
  first: number;
  /** The pod that tries for all of them now, or NONE. */
  scout: number;
}

/**
 * One pod tries for its class: an event brings back the first of each class that it may help. While it and its successors find a node, the
 * next follows; once one fails, the others would have failed too, and wait on as if they had.
 *
 * Unlike in the real program, the attempts of those others are not made: their count and backoff do not grow, and all keep the order of
 * their first failures. An event costs a step per class and not one per waiting pod.
 */
export class ClassParking implements Parking {
  readonly #columns: PodColumns;
  readonly #groups = new Map<number, Group>();

  constructor(columns: PodColumns) {
    this.#columns = columns;
  }

  get empty(): boolean {
    return this.#groups.size === 0;
  }

  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const group of this.#groups.values()) {
      if (group.scout === NONE && this.#peek(group) !== NONE) oldest = Math.min(oldest, group.triedAt);
    }
    return oldest;
  }

  park(pod: number, podClass: number, rejectors: number, now: number): void {
    let group = this.#groups.get(podClass);
    if (group === undefined) {
      group = { podClass, rejectors, triedAt: now, pods: [], first: 0, scout: NONE };
      this.#groups.set(podClass, group);
    }
    group.rejectors = rejectors;
    group.triedAt = now;
    if (group.scout !== pod) {
      group.pods.push(pod);
      return;
    }
    group.scout = NONE;
    if (group.first > 0) group.pods[--group.first] = pod;
    else group.pods.unshift(pod);
  }

  wake(helps: Helps, bringBack: (pod: number) => void): void {
    for (const group of this.#groups.values()) {
      if (group.scout === NONE && helps(group.podClass, group.rejectors)) this.#send(group, bringBack);
    }
  }

  flush(isStale: (since: number) => boolean, bringBack: (pod: number) => void): void {
    for (const group of this.#groups.values()) {
      if (group.scout === NONE && isStale(group.triedAt)) this.#send(group, bringBack);
    }
  }

  left(pod: number, podClass: number, bringBack: (pod: number) => void): void {
    const group = this.#groups.get(podClass);
    if (group === undefined || group.scout !== pod) return;
    group.scout = NONE;
    this.#send(group, bringBack);
  }

  snapshot(): JsonValue {
    const waits = (pod: number): boolean => this.#columns.place[pod] === PLACE.unschedulable;
    return [...this.#groups.values()].map(({ podClass, rejectors, triedAt, pods, first, scout }) => [
      podClass,
      rejectors,
      triedAt,
      scout,
      pods.slice(first).filter(waits),
    ]);
  }

  restore(value: JsonValue): void {
    this.#groups.clear();
    for (const [podClass, rejectors, triedAt, scout, pods] of value as [number, number, number, number, number[]][]) {
      this.#groups.set(podClass, { podClass, rejectors, triedAt, pods: [...pods], first: 0, scout });
    }
  }

  #send(group: Group, bringBack: (pod: number) => void): void {
    const pod = this.#peek(group);
    if (pod === NONE) {
      this.#groups.delete(group.podClass);
      return;
    }
    group.first++;
    if (group.first > 1024 && group.first * 2 > group.pods.length) {
      group.pods = group.pods.slice(group.first);
      group.first = 0;
    }
    group.scout = pod;
    bringBack(pod);
  }

  /** The first pod that still waits. */
  #peek(group: Group): number {
    const { place } = this.#columns;
    while (group.first < group.pods.length) {
      const pod = group.pods[group.first];
      if (place[pod] === PLACE.unschedulable) return pod;
      group.first++;
    }
    return NONE;
  }
}
