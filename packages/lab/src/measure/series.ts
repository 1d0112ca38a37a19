import { RECORD } from '@plimsoll/core';
import type { RunResult } from '../run-spec.ts';
import { PriceBook } from './price-book.ts';

/** What a run looked like over time: equal steps, each value the mean over its step (pending pods: the largest). */
export interface Series {
  /** Start of each step, milliseconds. */
  readonly time: readonly number[];
  readonly nodes: readonly number[];
  /** Dollars per hour. */
  readonly costPerHour: readonly number[];
  /** Cores that pods on nodes asked for, and cores that Node objects offered. */
  readonly cpuRequested: readonly number[];
  readonly cpuAllocatable: readonly number[];
  readonly pending: readonly number[];
}

/** A level that changes at instants, and its integral over equal steps. */
class Level {
  readonly #sums: Float64Array;
  readonly #peaks: Float64Array;
  readonly #step: number;
  #value = 0;
  #since = 0;

  constructor(steps: number, step: number) {
    this.#sums = new Float64Array(steps);
    this.#peaks = new Float64Array(steps);
    this.#step = step;
  }

  change(at: number, by: number): void {
    this.#advance(at);
    this.#value += by;
    const index = Math.min(Math.floor(at / this.#step), this.#peaks.length - 1);
    if (this.#value > this.#peaks[index]) this.#peaks[index] = this.#value;
  }

  means(end: number): number[] {
    this.#advance(end);
    return Array.from(this.#sums, (sum) => sum / this.#step);
  }

  peaks(end: number): number[] {
    this.#advance(end);
    return Array.from(this.#peaks);
  }

  #advance(to: number): void {
    while (this.#since < to) {
      const index = Math.min(Math.floor(this.#since / this.#step), this.#sums.length - 1);
      const until = index === this.#sums.length - 1 ? to : Math.min(to, (index + 1) * this.#step);
      this.#sums[index] += (until - this.#since) * this.#value;
      if (this.#value > this.#peaks[index]) this.#peaks[index] = this.#value;
      this.#since = until;
    }
  }
}

/** Samples a run's log into equal steps. `steps` defaults to 240. */
export function seriesOf({ log, tables, span }: RunResult, steps = 240): Series {
  const step = Math.max(1, Math.ceil(span / steps));
  const count = Math.max(1, Math.ceil(span / step));
  const level = (): Level => new Level(count, step);
  const [nodes, cost, requested, allocatable, pending] = [level(), level(), level(), level(), level()];
  const podClass = new Map<number, number>();
  const offering = new Map<number, number>();
  const prices = new PriceBook(tables.offerings);
  const nodeClass = new Map<number, number>();
  const placed = new Set<number>();

  for (let row = 0; row < log.length; row++) {
    const at = log.time[row];
    const subject = log.a[row];
    const other = log.b[row];
    switch (log.kind[row]) {
      case RECORD.podCreated:
        podClass.set(subject, other);
        pending.change(at, 1);
        break;
      case RECORD.podBound:
        pending.change(at, -1);
        placed.add(subject);
        requested.change(at, tables.podClasses[podClass.get(subject) as number].cpu / 1000);
        break;
      case RECORD.podFinished:
      case RECORD.podGone:
        if (placed.delete(subject)) requested.change(at, -tables.podClasses[podClass.get(subject) as number].cpu / 1000);
        else pending.change(at, -1);
        podClass.delete(subject);
        break;
      case RECORD.nodeRunning:
        offering.set(subject, other);
        nodes.change(at, 1);
        cost.change(at, prices.price(other));
        break;
      case RECORD.priceChanged: {
        const change = prices.change(subject, at, other, log.c[row]);
        for (const bought of offering.values()) if (bought === subject) cost.change(at, change);
        break;
      }
      case RECORD.nodeRegistered:
        nodeClass.set(subject, other);
        allocatable.change(at, tables.nodeClasses[other].cpu / 1000);
        break;
      case RECORD.nodeTerminating:
      case RECORD.nodeStopped:
      case RECORD.nodeGone: {
        if (log.kind[row] === RECORD.nodeTerminating && other === 1) break;
        const bought = offering.get(subject);
        if (bought !== undefined) {
          offering.delete(subject);
          nodes.change(at, -1);
          cost.change(at, -prices.price(bought));
        }
        if (log.kind[row] !== RECORD.nodeGone) break;
        const registered = nodeClass.get(subject);
        if (registered !== undefined) allocatable.change(at, -tables.nodeClasses[registered].cpu / 1000);
      }
    }
  }
  return {
    time: Array.from({ length: count }, (_, index) => index * step),
    nodes: nodes.means(span),
    costPerHour: cost.means(span).map((nano) => nano / 1e9),
    cpuRequested: requested.means(span),
    cpuAllocatable: allocatable.means(span),
    pending: pending.peaks(span),
  };
}
