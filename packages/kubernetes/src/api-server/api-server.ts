import type { Component, JsonValue } from '@plimsoll/core';
import { Seats } from './seats.ts';

/**
 * The API server of a run: everything that is written takes one of its seats. It has no events of its own.
 *
 * A run without one has no such component, and calls take no time.
 */
export class ApiServer implements Component {
  readonly id = 'api-server';
  readonly #seats: Seats;
  /** Requests that were refused with 429 so far. */
  refusals = 0;

  /** @param seats requests that are worked on at once */
  constructor(seats: number) {
    this.#seats = new Seats(seats);
  }

  /** A write that reaches the server at a time and would take so many milliseconds there if it were alone. Returns when it is done. */
  write(at: number, serviceMs: number): number {
    const { to, refusals } = this.#seats.request(at, 1, serviceMs);
    this.refusals += refusals;
    return to;
  }

  handle(): void {}

  snapshot(): JsonValue {
    return { seats: this.#seats.snapshot() as unknown as JsonValue, refusals: this.refusals };
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as { seats: ReturnType<Seats['snapshot']>; refusals: number };
    this.#seats.restore(saved.seats);
    this.refusals = saved.refusals;
  }
}
