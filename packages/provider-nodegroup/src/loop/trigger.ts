import type { JsonValue } from '@plimsoll/core';

/** What loops were skipped before the one that runs now, because nothing could have come of them. */
export interface Arrival {
  /** Start of the loop before this one, skipped or not. */
  readonly previous: number;
  /** The last skipped loop; undefined where none was. */
  readonly lastSkipped: number | undefined;
  /** The smallest time between two of the loops up to now; Infinity for the first. */
  readonly smallestInterval: number;
}

/**
 * When loops run: every scan interval after the last one, sooner when the scheduler reports a pod as unschedulable, and at once, twice at most, after a
 * loop that changed something. Source: Cluster Autoscaler 1.37, `loop/trigger.go`.
 */
export class LoopTrigger {
  /** When the next loop is due. */
  nextAt = 0;
  readonly period: number;
  /** The time at which the next loop was due when the last one ended; skipped loops lie on the grid from there. */
  #gridAt = 0;
  #lastStart = -Infinity;
  /** When the last loop was over: no loop starts before. */
  #freeAt = 0;

  /** What is left of the first period. */
  readonly #first: number;

  /** @param runningFor how long loops have been running when the first one is asked for, milliseconds */
  constructor(period: number, runningFor = 0) {
    this.period = period;
    this.#first = period - (runningFor % period);
  }

  /** A pod was reported unschedulable. Returns when a loop shall run for it. */
  wake(now: number): number {
    const at = Math.max(now, this.#busyUntil(now));
    if (at < this.nextAt) this.nextAt = at;
    return at;
  }

  /** When the loop before `now`, skipped or not, is over. A skipped loop takes as long as the last one: nothing has changed. */
  #busyUntil(now: number): number {
    if (now <= this.#gridAt) return this.#freeAt;
    const lastSkipped = this.#gridAt + (Math.ceil((now - this.#gridAt) / this.period) - 1) * this.period;
    return lastSkipped + (this.#freeAt - this.#lastStart);
  }

  /** A loop starts now. */
  arrive(now: number): Arrival {
    const skipped = this.#lastStart === -Infinity ? 0 : Math.max(0, Math.ceil((now - this.#gridAt) / this.period));
    if (skipped === 0) {
      return { previous: this.#lastStart, lastSkipped: undefined, smallestInterval: now - this.#lastStart };
    }
    const lastSkipped = this.#gridAt + (skipped - 1) * this.period;
    const smallestInterval = Math.min(this.#gridAt - this.#lastStart, skipped > 1 ? this.period : Infinity, now - lastSkipped);
    return { previous: lastSkipped, lastSkipped, smallestInterval };
  }

  /** The grid times before `now` that were skipped, from which {@link firstSkippedFrom} picks. */
  firstSkippedFrom(time: number): number {
    return time <= this.#gridAt ? this.#gridAt : this.#gridAt + Math.ceil((time - this.#gridAt) / this.period) * this.period;
  }

  /** A loop that started now took `duration`; `again` says that another follows at once. */
  finish(now: number, duration: number, again: boolean): void {
    const wait = this.#lastStart === -Infinity ? this.#first : this.period;
    this.#lastStart = now;
    this.#freeAt = now + Math.max(1, duration);
    this.nextAt = again ? this.#freeAt : Math.max(now + wait, this.#freeAt);
    this.#gridAt = this.nextAt;
  }

  snapshot(): JsonValue {
    return {
      nextAt: this.nextAt,
      gridAt: this.#gridAt,
      lastStart: Number.isFinite(this.#lastStart) ? this.#lastStart : null,
      freeAt: this.#freeAt,
    };
  }

  restore(value: JsonValue): void {
    const saved = value as { nextAt: number; gridAt: number; lastStart: number | null; freeAt: number };
    this.nextAt = saved.nextAt;
    this.#gridAt = saved.gridAt;
    this.#lastStart = saved.lastStart ?? -Infinity;
    this.#freeAt = saved.freeAt;
  }
}
