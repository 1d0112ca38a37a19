import type { Cluster } from '../cluster/cluster.ts';
import type { Component, JsonValue, Timer } from '../contracts/component.ts';
import type { Scheduler } from '../contracts/scheduler.ts';
import { EVICTION } from '../log/records.ts';
import { PHASE } from '../time/phase.ts';

const ATTEMPTS = 0;

/** Runs a scheduler: lets it try while it has pods to try, binds what it places, and evicts what stands in the way of it. */
export class SchedulerHost implements Component {
  readonly id = 'scheduler';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #scheduler: Scheduler;
  /** Time of our one pending event; Infinity where there is none, −Infinity while attempts are being made. */
  #pendingAt = Infinity;
  #handle = -1;

  constructor(cluster: Cluster, timer: Timer, scheduler: Scheduler) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#scheduler = scheduler;
    timer.onRestored((_code, _a, _b, _time, handle) => {
      this.#handle = handle;
    });
  }

  observe(kind: number, a: number, b: number, c: number): void {
    this.#scheduler.observe(kind, a, b, c);
    this.#arrange();
  }

  handle(): void {
    this.#pendingAt = -Infinity;
    const { now } = this.#timer;
    for (let placement = this.#scheduler.next(now); placement !== undefined; placement = this.#scheduler.next(now)) {
      if (placement.node >= 0) this.#cluster.bind(placement.pod, placement.node);
      else this.#cluster.markUnschedulable(placement.pod);
      for (const victim of placement.victims ?? []) this.#cluster.evict(victim, EVICTION.preempted);
    }
    if (this.#scheduler.readyAt <= now) {
      throw new Error(`scheduler: made no attempt at ${now}, yet says that it is ready since ${this.#scheduler.readyAt}`);
    }
    this.#pendingAt = Infinity;
    this.#arrange();
  }

  snapshot(): JsonValue {
    return { scheduler: this.#scheduler.snapshot(), pendingAt: Number.isFinite(this.#pendingAt) ? this.#pendingAt : null };
  }

  restore(value: JsonValue): void {
    const saved = value as { scheduler: JsonValue; pendingAt: number | null };
    this.#scheduler.restore(saved.scheduler);
    this.#pendingAt = saved.pendingAt ?? Infinity;
  }

  #arrange(): void {
    const readyAt = Math.max(this.#scheduler.readyAt, this.#timer.now);
    if (readyAt >= this.#pendingAt) return;
    if (Number.isFinite(this.#pendingAt)) this.#timer.cancel(this.#handle);
    this.#pendingAt = readyAt;
    this.#handle = this.#timer.at(readyAt, PHASE.scheduler, ATTEMPTS);
  }
}
