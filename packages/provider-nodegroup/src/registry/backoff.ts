import type { JsonValue } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';

interface Entry {
  readonly duration: number;
  readonly until: number;
  readonly failedAt: number;
}

/**
 * Groups that are left alone for a while after a failure: 5, 10, 20, 30, 30 minutes for failures that follow each other. A success clears
 * nothing; three hours without a failure do. Source: Cluster Autoscaler 1.37, `utils/backoff/exponential_backoff.go`.
 */
export class Backoff {
  readonly #initial: number;
  readonly #longest: number;
  readonly #reset: number;
  readonly #entries = new Map<number, Entry>();

  constructor(flags: Flags) {
    this.#initial = flags['initial-node-group-backoff-duration'];
    this.#longest = flags['max-node-group-backoff-duration'];
    this.#reset = flags['node-group-backoff-reset-timeout'];
  }

  /** Takes a failure in; returns until when the group is left alone. */
  fail(group: number, now: number): number {
    const before = this.#entry(group, now);
    let duration = this.#initial;
    // A failure while the group is left alone starts the same time anew.
    if (before !== undefined) duration = before.until < now ? Math.min(before.duration * 2, this.#longest) : before.duration;
    const until = now + duration;
    this.#entries.set(group, { duration, until, failedAt: now });
    return until;
  }

  isBackedOff(group: number, now: number): boolean {
    const entry = this.#entry(group, now);
    return entry !== undefined && entry.until >= now;
  }

  /** Until when a group is left alone; the past or −Infinity where it is not. */
  until(group: number, now: number): number {
    return this.#entry(group, now)?.until ?? -Infinity;
  }

  snapshot(): JsonValue {
    return [...this.#entries].map(([group, { duration, until, failedAt }]) => [group, duration, until, failedAt]);
  }

  restore(value: JsonValue): void {
    for (const [group, duration, until, failedAt] of value as [number, number, number, number][]) {
      this.#entries.set(group, { duration, until, failedAt });
    }
  }

  #entry(group: number, now: number): Entry | undefined {
    const entry = this.#entries.get(group);
    return entry === undefined || entry.failedAt + this.#reset < now ? undefined : entry;
  }
}
