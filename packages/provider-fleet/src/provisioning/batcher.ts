import { SECOND } from '@plimsoll/core';

/** A pod that waits is looked at again after this long. Source: Karpenter 1.14.1, `pkg/controllers/provisioning/controller.go`. */
const RETRIGGER = 10 * SECOND;

/** What a {@link Batcher} saves. */
export interface SavedBatcher {
  readonly queue: readonly (readonly [number, number])[];
  readonly seen: readonly number[];
  readonly carried: readonly number[];
  readonly idleAt: number | null;
  readonly maxAt: number | null;
}

/**
 * Collects triggers into batches. The first opens a window; each trigger of a subject that the window has not seen restarts the
 * idle timer; the window ends when the idle timer or the longest wait runs out. A subject that goes on waiting triggers again
 * every 10 s, which opens new windows and lengthens those of others, but not the one that it is in.
 *
 * A subject is a pod row, or −2 − row for a node that is being disrupted. A trigger in the very millisecond in which the window
 * ends belongs to the next one.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/batcher.go`.
 */
export class Batcher {
  readonly #idleMs: number;
  readonly #maxMs: number;
  readonly #waits: (subject: number) => boolean;
  /** Subjects and the times at which they trigger again: a queue, since all wait equally long. */
  #subjects: number[] = [];
  #times: number[] = [];
  #head = 0;
  readonly #seen = new Set<number>();
  #carried: number[] = [];
  #idleAt = Infinity;
  #maxAt = Infinity;

  /** @param waits whether a subject still has reason to trigger */
  constructor(idleMs: number, maxMs: number, waits: (subject: number) => boolean) {
    this.#idleMs = idleMs;
    this.#maxMs = maxMs;
    this.#waits = waits;
  }

  /** When the open window ends, as far as is known; Infinity where none is open. */
  get endsAt(): number {
    return Math.min(this.#idleAt, this.#maxAt);
  }

  /** When a window may end next: of the open one, or of the one that the next repeated trigger opens. */
  get wakeAt(): number {
    if (this.endsAt !== Infinity) return this.endsAt;
    this.#dropDead();
    return this.#head < this.#subjects.length ? this.#times[this.#head] + this.#idleMs : Infinity;
  }

  /** A subject triggers for the first time, and every 10 s from now on. */
  add(subject: number, now: number): void {
    this.#repeat(now);
    this.#trigger(subject, now);
    this.#push(subject, now);
  }

  /** Whether a window ends now. It is closed then, and triggers of this very millisecond open the next one. */
  close(now: number): boolean {
    this.#repeat(now);
    if (this.endsAt > now) return false;
    this.#idleAt = Infinity;
    this.#maxAt = Infinity;
    this.#seen.clear();
    const carried = this.#carried;
    this.#carried = [];
    for (const subject of carried) this.#trigger(subject, now);
    return true;
  }

  snapshot(): SavedBatcher {
    const queue: [number, number][] = [];
    for (let i = this.#head; i < this.#subjects.length; i++) queue.push([this.#subjects[i], this.#times[i]]);
    const finite = (time: number): number | null => (time === Infinity ? null : time);
    return {
      queue,
      seen: [...this.#seen],
      carried: [...this.#carried],
      idleAt: finite(this.#idleAt),
      maxAt: finite(this.#maxAt),
    };
  }

  restore(saved: SavedBatcher): void {
    this.#subjects = saved.queue.map(([subject]) => subject);
    this.#times = saved.queue.map(([, time]) => time);
    this.#head = 0;
    this.#seen.clear();
    for (const subject of saved.seen) this.#seen.add(subject);
    this.#carried = [...saved.carried];
    this.#idleAt = saved.idleAt ?? Infinity;
    this.#maxAt = saved.maxAt ?? Infinity;
  }

  #trigger(subject: number, time: number): void {
    if (time >= this.endsAt) {
      this.#carried.push(subject);
      return;
    }
    if (this.#seen.has(subject)) return;
    this.#seen.add(subject);
    this.#idleAt = time + this.#idleMs;
    if (this.#maxAt === Infinity) this.#maxAt = time + this.#maxMs;
  }

  /** Lets everything trigger again whose time has come. */
  #repeat(now: number): void {
    while (this.#head < this.#subjects.length && this.#times[this.#head] <= now) {
      const subject = this.#subjects[this.#head];
      const time = this.#times[this.#head++];
      if (!this.#waits(subject)) continue;
      this.#trigger(subject, time);
      this.#push(subject, time);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#subjects.length) {
      this.#subjects = this.#subjects.slice(this.#head);
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
  }

  #dropDead(): void {
    while (this.#head < this.#subjects.length && !this.#waits(this.#subjects[this.#head])) this.#head++;
  }

  #push(subject: number, time: number): void {
    this.#subjects.push(subject);
    this.#times.push(time + RETRIGGER);
  }
}
