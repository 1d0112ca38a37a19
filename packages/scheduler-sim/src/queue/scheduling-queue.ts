import type { JsonValue } from '@plimsoll/core';
import { backoffExpiry, WINDOW_MS, windowOf } from './backoff.ts';
import { ClassParking } from './class-parking.ts';
import type { Helps, Parking } from './parking.ts';
import { PLACE, PodColumns } from './pod-columns.ts';
import { PodHeap } from './pod-heap.ts';
import { PodParking } from './pod-parking.ts';

/** How long pods wait. The real defaults are 1 s, 10 s and 5 minutes. */
export interface QueueTimes {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly staleAfterMs: number;
}

/**
 * Who tries again after an event: `each` pod that it may help, as in the real program, or one of each `class` until one fails, which
 * decides the same placements but for the order among pods that backoff mixes up, and costs far less where many pods wait.
 */
export type Retries = 'each' | 'class';

/** How often pods that no event woke are looked for. */
const STALE_TICK_MS = 30_000;

/**
 * Which pod is tried next: by priority, then by time, then by order of arrival. Rejected pods wait for an event that could help, and
 * then out their backoff, which an idle scheduler does not keep.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/backend/queue/scheduling_queue.go` and `backoff_queue.go`.
 */
export class SchedulingQueue {
  readonly columns = new PodColumns();
  readonly #times: QueueTimes;
  readonly #active: PodHeap;
  readonly #backoff: PodHeap;
  readonly #errorBackoff: PodHeap;
  readonly #parking: Parking;
  readonly #retries: Retries;
  /** The pod that is being tried, or -1, and the events since it was taken. */
  #inFlight = -1;
  readonly #missed: Helps[] = [];
  #sequence = 0;
  /** No pod turns stale before this time: a lower bound. */
  #staleFrom = Number.POSITIVE_INFINITY;

  /** @param goesFirst whether one pod goes before another, in place of priority and time. Pods of which neither does go as they came. */
  constructor(times: QueueTimes, retries: Retries = 'each', goesFirst?: (a: number, b: number) => boolean) {
    this.#times = times;
    const c = this.columns;
    this.#retries = retries;
    this.#parking = retries === 'class' ? new ClassParking(c) : new PodParking(c);
    const before = (a: number, b: number): boolean => {
      const { priority, since, sequence } = c;
      if (goesFirst !== undefined) return goesFirst(a, b) || (!goesFirst(b, a) && sequence[a] < sequence[b]);
      if (priority[a] !== priority[b]) return priority[a] > priority[b];
      return since[a] !== since[b] ? since[a] < since[b] : sequence[a] < sequence[b];
    };
    const expiresBefore = (a: number, b: number): boolean =>
      c.expiry[a] !== c.expiry[b] ? c.expiry[a] < c.expiry[b] : before(a, b);
    this.#active = new PodHeap(before);
    this.#backoff = new PodHeap(expiresBefore);
    this.#errorBackoff = new PodHeap(expiresBefore);
  }

  /** From when on {@link pop} may give a pod: -Infinity for at once, Infinity for never without an event. */
  get readyAt(): number {
    if (this.#head(this.#active, PLACE.active) >= 0 || this.#head(this.#backoff, PLACE.backoff) >= 0) {
      return Number.NEGATIVE_INFINITY;
    }
    const failed = this.#head(this.#errorBackoff, PLACE.errorBackoff);
    return Math.min(failed < 0 ? Number.POSITIVE_INFINITY : this.columns.expiry[failed] + WINDOW_MS, this.#staleFrom);
  }

  /** Whether a pod is in any of its parts, or being tried. */
  has(pod: number): boolean {
    const { place } = this.columns;
    return pod < place.length && place[pod] !== PLACE.none;
  }

  /** Whether there is a pod that an event could help. */
  get listens(): boolean {
    return this.#inFlight >= 0 || !this.#parking.empty;
  }

  /** A new pod. One with scheduling gates waits until something activates it. */
  add(pod: number, priority: number, now: number, gated: boolean): void {
    const c = this.columns;
    c.reserve(pod);
    c.priority[pod] = priority;
    c.since[pod] = now;
    c.sequence[pod] = this.#sequence++;
    if (gated) c.place[pod] = PLACE.gated;
    else this.#activate(pod);
  }

  /** Moves the ticks on: what was due up to now is where it belongs. {@link pop} does so by itself. */
  advance(now: number): void {
    this.#flush(now);
  }

  /** The last gate of a pod is gone. */
  ungate(pod: number, now: number): void {
    if (this.columns.place[pod] === PLACE.gated) this.#move(pod, now);
  }

  /** One rejected pod may have been helped, by a change of its own. */
  bringBack(pod: number, podClass: number, now: number): void {
    if (this.columns.place[pod] !== PLACE.unschedulable) return;
    this.#move(pod, now);
    this.#parking.left(pod, podClass, (next) => this.#move(next, now));
  }

  /** The pod is bound or gone: it leaves whichever queue it was in. */
  delete(pod: number, podClass: number, now: number): void {
    const c = this.columns;
    c.reserve(pod);
    if (c.place[pod] === PLACE.none) return;
    c.place[pod] = PLACE.none;
    if (this.#inFlight === pod) this.#inFlight = -1;
    if (!this.#parking.empty) this.#parking.left(pod, podClass, (next) => this.#move(next, now));
  }

  /** Takes the next pod to try; -1 where none is ready. */
  pop(now: number): number {
    this.#flush(now);
    let pod = this.#take(this.#active, PLACE.active);
    // An idle scheduler does not make rejected pods wait out their backoff (SchedulerPopFromBackoffQ).
    if (pod < 0) pod = this.#take(this.#backoff, PLACE.backoff);
    if (pod < 0) return -1;
    this.columns.place[pod] = PLACE.inFlight;
    this.columns.attempts[pod]++;
    this.#inFlight = pod;
    this.#missed.length = 0;
    return pod;
  }

  /** Filters rejected the pod on every node. It waits for an event. */
  rejected(pod: number, podClass: number, rejectors: number, now: number): void {
    const c = this.columns;
    // Where one pod tries for its class, all keep their places.
    if (this.#retries === 'each' || c.rejections[pod] === 0) this.#renew(pod, now);
    c.rejections[pod]++;
    c.errors[pod] = 0;
    c.rejectors[pod] = rejectors;
    this.#inFlight = -1;
    // An event that came while the pod was being tried may have helped it: it must not wait for the next.
    if (this.#missed.some((helps) => helps(podClass, rejectors))) {
      this.#move(pod, now);
      return;
    }
    c.place[pod] = PLACE.unschedulable;
    this.#parking.park(pod, podClass, rejectors, now);
    this.#staleFrom = Math.min(this.#staleFrom, this.#staleTick(now));
  }

  /** The attempt failed for another reason. The pod is tried again after its backoff, event or not. */
  failed(pod: number, now: number): void {
    const c = this.columns;
    this.#renew(pod, now);
    c.errors[pod]++;
    c.expiry[pod] = this.#expiry(pod);
    c.place[pod] = PLACE.errorBackoff;
    this.#errorBackoff.push(pod);
    this.#inFlight = -1;
  }

  /** Moves the waiting pods that an event may help: `helps` is asked once per class and set of rejecting filters. */
  wake(now: number, helps: Helps): void {
    if (this.#inFlight >= 0) this.#missed.push(helps);
    this.#parking.wake(helps, (pod) => this.#move(pod, now));
  }

  #move(pod: number, now: number): void {
    const c = this.columns;
    const expiry = this.#expiry(pod);
    if (c.rejections[pod] + c.errors[pod] === 0 || expiry < windowOf(now)) {
      this.#activate(pod);
      return;
    }
    c.expiry[pod] = expiry;
    c.place[pod] = PLACE.backoff;
    this.#backoff.push(pod);
  }

  #activate(pod: number): void {
    this.columns.place[pod] = PLACE.active;
    this.#active.push(pod);
  }

  #renew(pod: number, now: number): void {
    this.columns.since[pod] = now;
    this.columns.sequence[pod] = this.#sequence++;
  }

  #expiry(pod: number): number {
    const c = this.columns;
    const count = c.errors[pod] > 0 ? c.errors[pod] : c.rejections[pod];
    return backoffExpiry(c.since[pod], count, this.#times.initialBackoffMs, this.#times.maxBackoffMs);
  }

  /** What the ticks up to now have moved. When exactly they did shows nowhere: the active queue is ordered by older times. */
  #flush(now: number): void {
    const tick = windowOf(now);
    this.#release(this.#backoff, PLACE.backoff, tick);
    this.#release(this.#errorBackoff, PLACE.errorBackoff, tick);
    if (now >= this.#staleFrom) this.#flushStale(now);
  }

  #release(heap: PodHeap, place: number, tick: number): void {
    for (;;) {
      const pod = this.#head(heap, place);
      if (pod < 0 || this.columns.expiry[pod] >= tick) return;
      heap.pop();
      this.#activate(pod);
    }
  }

  #flushStale(now: number): void {
    const tick = Math.floor(now / STALE_TICK_MS) * STALE_TICK_MS;
    this.#parking.flush(
      (since) => tick - since > this.#times.staleAfterMs,
      (pod) => this.#move(pod, tick),
    );
    this.#staleFrom = this.#staleTick(this.#parking.oldest);
  }

  /** The first tick of the stale flush at which a pod whose last attempt was at `since` has waited too long. */
  #staleTick(since: number): number {
    return (Math.floor((since + this.#times.staleAfterMs) / STALE_TICK_MS) + 1) * STALE_TICK_MS;
  }

  /** The first pod of a heap that is still there. */
  #head(heap: PodHeap, place: number): number {
    for (;;) {
      const pod = heap.peek();
      if (pod < 0 || this.columns.place[pod] === place) return pod;
      heap.pop();
    }
  }

  #take(heap: PodHeap, place: number): number {
    const pod = this.#head(heap, place);
    if (pod >= 0) heap.pop();
    return pod;
  }

  /** Everything needed to go on exactly as now: heaps give the same order whatever their inner one. */
  snapshot(): JsonValue {
    const c = this.columns;
    const rows: number[][] = [];
    for (let pod = 0; pod < c.place.length; pod++) {
      if (c.place[pod] === PLACE.none) continue;
      rows.push([
        pod,
        c.place[pod],
        c.since[pod],
        c.sequence[pod],
        c.attempts[pod],
        c.rejections[pod],
        c.errors[pod],
        c.rejectors[pod],
        c.priority[pod],
        c.expiry[pod],
      ]);
    }
    const staleFrom = Number.isFinite(this.#staleFrom) ? this.#staleFrom : null;
    return { sequence: this.#sequence, staleFrom, rows, parking: this.#parking.snapshot() };
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as {
      sequence: number;
      staleFrom: number | null;
      rows: number[][];
      parking: JsonValue;
    };
    const c = this.columns;
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) heap.clear();
    c.place.fill(PLACE.none);
    this.#sequence = saved.sequence;
    this.#staleFrom = saved.staleFrom ?? Number.POSITIVE_INFINITY;
    for (const [pod, place, since, sequence, attempts, rejections, errors, rejectors, priority, expiry] of saved.rows) {
      c.reserve(pod);
      c.place[pod] = place;
      c.since[pod] = since;
      c.sequence[pod] = sequence;
      c.attempts[pod] = attempts;
      c.rejections[pod] = rejections;
      c.errors[pod] = errors;
      c.rejectors[pod] = rejectors;
      c.priority[pod] = priority;
      c.expiry[pod] = expiry;
      if (place === PLACE.active) this.#active.push(pod);
      else if (place === PLACE.backoff) this.#backoff.push(pod);
      else if (place === PLACE.errorBackoff) this.#errorBackoff.push(pod);
    }
    this.#parking.restore(saved.parking);
  }
}
