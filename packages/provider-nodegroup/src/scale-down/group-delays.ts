import type { JsonValue } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';

const NEVER = -Infinity;

/**
 * How long each group rests after it grew, shrank or failed to, where `--scale-down-delay-type-local` says so. Source: Cluster Autoscaler 1.37,
 * `processors/scaledowncandidates/scale_down_candidates_delay_processor.go`.
 */
export class GroupDelays {
  readonly #flags: Flags;
  readonly #grew: number[];
  readonly #shrank: number[];
  readonly #failed: number[];

  constructor(flags: Flags, groups: number) {
    this.#flags = flags;
    this.#grew = new Array<number>(groups).fill(NEVER);
    this.#shrank = new Array<number>(groups).fill(NEVER);
    this.#failed = new Array<number>(groups).fill(NEVER);
  }

  grew(group: number, now: number): void {
    this.#grew[group] = now;
  }

  shrank(group: number, now: number): void {
    this.#shrank[group] = now;
  }

  failed(group: number, now: number): void {
    this.#failed[group] = now;
  }

  /** Until when a group rests. */
  until(group: number): number {
    return Math.max(
      this.#grew[group] + this.#flags['scale-down-delay-after-add'],
      this.#shrank[group] + this.#flags['scale-down-delay-after-delete'],
      this.#failed[group] + this.#flags['scale-down-delay-after-failure'],
    );
  }

  snapshot(): JsonValue {
    return [this.#grew, this.#shrank, this.#failed].map((times) => times.map((at) => (at === NEVER ? null : at)));
  }

  restore(value: JsonValue): void {
    const saved = value as (number | null)[][];
    [this.#grew, this.#shrank, this.#failed].forEach((times, i) => {
      saved[i].forEach((at, g) => {
        times[g] = at ?? NEVER;
      });
    });
  }
}
