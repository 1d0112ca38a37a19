import { RECORD } from '@plimsoll/core';
import type { RunResult } from '../run-spec.ts';
import { percentile } from './percentile.ts';
import { PriceBook } from './price-book.ts';

/** How measures count money. */
export interface MeasureOptions {
  /** A machine is paid for at least this long, milliseconds. Default 60,000 (EC2 Linux). */
  readonly minimumBilled?: number;
}

/** The measures of one run. Times in milliseconds, money in dollars, packing as a share from 0 to 1. NaN where there is nothing to measure. */
export interface Metrics {
  readonly cost: number;
  /** The exact sum: nano-dollars × milliseconds / hour, as an integer text of nano-dollars, rounded down once. */
  readonly costNanoDollars: string;
  readonly nodeHours: number;
  /** CPU requested by pods on nodes ÷ CPU allocatable of Node objects, over the whole run. */
  readonly cpuPacking: number;
  readonly memoryPacking: number;
  /** Core-hours that pods on nodes asked for. */
  readonly cpuHoursRequested: number;
  /** From a pod's creation to its first binding, over pods that were bound; nearest-rank percentiles. */
  readonly waitMean: number;
  readonly waitP50: number;
  readonly waitP90: number;
  readonly waitP99: number;
  readonly waitMax: number;
  readonly podsCreated: number;
  readonly podsFinished: number;
  /** Deletions of pods on nodes that were asked for (drains, preemption, scale-in), and pods lost with their node. */
  readonly evictions: number;
  /** Pods that no node ever held and that still existed at the end. */
  readonly neverScheduled: number;
  /** Machines that ran. */
  readonly launches: number;
  /** Orders that found no capacity. */
  readonly failedOrders: number;
  readonly terminations: number;
  /** Most machines running at once. */
  readonly peakNodes: number;
  /** Most pods pending at once. */
  readonly peakPending: number;
  readonly decisions: number;
  readonly span: number;
}

const HOUR = 3_600_000;
const MINIMUM_BILLED = 60_000;

/** Computes the measures of a run from its log, and from nothing else. */
export function measure(
  { log, tables, decisions, span }: RunResult,
  { minimumBilled = MINIMUM_BILLED }: MeasureOptions = {},
): Metrics {
  const { length, time, kind, a, b, c } = log;
  const pods = countPods(log);
  const createdAt = new Float64Array(pods);
  const classOf = new Int32Array(pods);
  /** When the pod began to take its place on a node; NaN while it has none. */
  const placedAt = new Float64Array(pods).fill(Number.NaN);
  const bound = new Uint8Array(pods);
  const gone = new Uint8Array(pods);
  const deletionAsked = new Uint8Array(pods);
  const waits: number[] = [];
  const machines = new Machines(minimumBilled, new PriceBook(tables.offerings));
  const registeredAt = new Map<number, { at: number; nodeClass: number }>();
  let cpuUsed = 0;
  let memoryUsed = 0;
  let cpuOffered = 0;
  let memoryOffered = 0;
  let finished = 0;
  let evictions = 0;
  let failedOrders = 0;
  let terminations = 0;
  let pending = 0;
  let peakPending = 0;

  const leave = (pod: number, at: number): void => {
    const held = at - placedAt[pod];
    const { cpu, memory } = tables.podClasses[classOf[pod]];
    cpuUsed += held * cpu;
    memoryUsed += held * memory;
    placedAt[pod] = Number.NaN;
  };
  const withdraw = (node: number, at: number): void => {
    const since = registeredAt.get(node);
    if (since === undefined) return;
    registeredAt.delete(node);
    const { cpu, memory } = tables.nodeClasses[since.nodeClass];
    cpuOffered += (at - since.at) * cpu;
    memoryOffered += (at - since.at) * memory;
  };

  for (let row = 0; row < length; row++) {
    const at = time[row];
    const subject = a[row];
    switch (kind[row]) {
      case RECORD.podCreated:
        createdAt[subject] = at;
        classOf[subject] = b[row];
        if (++pending > peakPending) peakPending = pending;
        break;
      case RECORD.podBound:
        waits.push(at - createdAt[subject]);
        placedAt[subject] = at;
        bound[subject] = 1;
        pending--;
        break;
      case RECORD.podFinished:
        finished++;
        leave(subject, at);
        break;
      case RECORD.podEvicted:
        evictions++;
        deletionAsked[subject] = 1;
        break;
      case RECORD.podGone:
        gone[subject] = 1;
        if (bound[subject] === 0) pending--;
        else {
          if (deletionAsked[subject] === 0) evictions++;
          leave(subject, at);
        }
        break;
      case RECORD.nodeRunning:
        machines.run(subject, at, b[row]);
        break;
      case RECORD.nodeRegistered:
        registeredAt.set(subject, { at, nodeClass: b[row] });
        break;
      case RECORD.nodeTerminating:
        if (b[row] !== 1) machines.stop(subject, at);
        break;
      case RECORD.nodeStopped:
        machines.stop(subject, at);
        break;
      case RECORD.nodeGone:
        if (b[row] === 1) terminations++;
        machines.stop(subject, at);
        withdraw(subject, at);
        break;
      case RECORD.orderFailed:
        failedOrders++;
        break;
      case RECORD.priceChanged:
        machines.prices.change(subject, at, b[row], c[row]);
    }
  }
  for (let pod = 0; pod < pods; pod++) if (!Number.isNaN(placedAt[pod])) leave(pod, span);
  for (const node of [...registeredAt.keys()]) withdraw(node, span);
  machines.stopAll(span);

  let neverScheduled = 0;
  for (let pod = 0; pod < pods; pod++) if (bound[pod] === 0 && gone[pod] === 0) neverScheduled++;
  const sorted = Float64Array.from(waits).sort();
  const nanoDollars = machines.cost / BigInt(HOUR);
  return {
    cost: Number(nanoDollars) / 1e9,
    costNanoDollars: nanoDollars.toString(),
    nodeHours: machines.billedMs / HOUR,
    cpuPacking: cpuUsed / cpuOffered,
    memoryPacking: memoryUsed / memoryOffered,
    cpuHoursRequested: cpuUsed / 1000 / HOUR,
    waitMean: sorted.reduce((sum, wait) => sum + wait, 0) / sorted.length,
    waitP50: percentile(sorted, 50),
    waitP90: percentile(sorted, 90),
    waitP99: percentile(sorted, 99),
    waitMax: percentile(sorted, 100),
    podsCreated: pods,
    podsFinished: finished,
    evictions,
    neverScheduled,
    launches: machines.launches,
    failedOrders,
    terminations,
    peakNodes: machines.peak,
    peakPending,
    decisions: decisions.length,
    span,
  };
}

function countPods({ length, kind }: RunResult['log']): number {
  let pods = 0;
  for (let row = 0; row < length; row++) if (kind[row] === RECORD.podCreated) pods++;
  return pods;
}

/**
 * Machines that run and what they cost, as exact integers. EC2 charges from "running" until the call that ends the machine:
 * shutting down is free (EC2 User Guide, "Instance lifecycle").
 */
class Machines {
  readonly prices: PriceBook;
  readonly #running = new Map<number, { at: number; offering: number; before: bigint }>();
  readonly #minimum: number;
  /** Nano-dollars per hour × milliseconds. */
  cost = 0n;
  billedMs = 0;
  launches = 0;
  peak = 0;

  constructor(minimum: number, prices: PriceBook) {
    this.#minimum = minimum;
    this.prices = prices;
  }

  run(node: number, at: number, offering: number): void {
    this.#running.set(node, { at, offering, before: this.prices.total(offering, at) });
    this.launches++;
    if (this.#running.size > this.peak) this.peak = this.#running.size;
  }

  /** Ends the bill of a machine, where it has one: at the call that ends it, or when it vanishes without one. */
  stop(node: number, at: number): void {
    const machine = this.#running.get(node);
    if (machine === undefined) return;
    this.#running.delete(node);
    const { offering, before } = machine;
    const missing = Math.max(0, this.#minimum - (at - machine.at));
    this.billedMs += at - machine.at + missing;
    this.cost += this.prices.total(offering, at) - before + BigInt(missing) * BigInt(this.prices.price(offering));
  }

  stopAll(at: number): void {
    for (const node of [...this.#running.keys()]) this.stop(node, at);
  }
}
