import type { JsonValue } from '@plimsoll/core';
import { backoffExpiry, WINDOW_MS, windowOf } from './backoff.ts';
import { PLACE, PodColumns } from './pod-columns.ts';
import { PodHeap } from './pod-heap.ts';

/** How long pods wait. The real defaults are 1 s, 10 s and 5 minutes. */
export interface QueueTimes {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly staleAfterMs: number;
}

/** How often pods that no event woke are looked for. */
const STALE_TICK_MS = 30_000;

/** Pods of one class that the same filters rejected: an event that helps one of them helps all. */
interface Group {
  readonly podClass: number;
  readonly rejectors: number;
  /** Oldest attempt first. Holds also rows that have left since; their place tells. */
  readonly pods: number[];
}

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
  readonly #groups = new Map<number, Map<number, Group>>();
  #sequence = 0;
  /** No pod turns stale before this time: a lower bound. */
  #staleFrom = Number.POSITIVE_INFINITY;

  constructor(times: QueueTimes) {
    this.#times = times;
    const c = this.columns;
    const before = (a: number, b: number): boolean => {
      const { priority, since, sequence } = c;
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

  /** The pod is bound or gone: it leaves whichever queue it was in. */
  delete(pod: number): void {
    this.columns.reserve(pod);
    this.columns.place[pod] = PLACE.none;
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
    return pod;
  }

  /** Filters rejected the pod on every node. It waits for an event. */
  rejected(pod: number, podClass: number, rejectors: number, now: number): void {
    const c = this.columns;
    this.#renew(pod, now);
    c.rejections[pod]++;
    c.errors[pod] = 0;
    c.rejectors[pod] = rejectors;
    c.place[pod] = PLACE.unschedulable;
    this.#group(podClass, rejectors).pods.push(pod);
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
  }

  /** Moves the waiting pods that an event may help: `helps` is asked once per class and set of rejecting filters. */
  wake(now: number, helps: (podClass: number, rejectors: number) => boolean): void {
    for (const [podClass, ofClass] of this.#groups) {
      for (const [rejectors, group] of ofClass) {
        if (!helps(podClass, rejectors)) continue;
        for (const pod of group.pods) this.#move(pod, now);
        ofClass.delete(rejectors);
      }
      if (ofClass.size === 0) this.#groups.delete(podClass);
    }
  }

  #group(podClass: number, rejectors: number): Group {
    let ofClass = this.#groups.get(podClass);
    if (ofClass === undefined) this.#groups.set(podClass, (ofClass = new Map()));
    let group = ofClass.get(rejectors);
    if (group === undefined) ofClass.set(rejectors, (group = { podClass, rejectors, pods: [] }));
    return group;
  }

  #move(pod: number, now: number): void {
    const c = this.columns;
    if (c.place[pod] !== PLACE.unschedulable) return;
    const expiry = this.#expiry(pod);
    if (expiry < windowOf(now)) {
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
    const c = this.columns;
    const tick = Math.floor(now / STALE_TICK_MS) * STALE_TICK_MS;
    this.#staleFrom = Number.POSITIVE_INFINITY;
    for (const [podClass, ofClass] of this.#groups) {
      for (const [rejectors, { pods }] of ofClass) {
        let stale = 0;
        while (stale < pods.length) {
          const pod = pods[stale];
          if (c.place[pod] === PLACE.unschedulable) {
            if (tick - c.since[pod] <= this.#times.staleAfterMs) break;
            this.#move(pod, now);
          }
          stale++;
        }
        pods.splice(0, stale);
        if (pods.length === 0) ofClass.delete(rejectors);
        else this.#staleFrom = Math.min(this.#staleFrom, this.#staleTick(c.since[pods[0]]));
      }
      if (ofClass.size === 0) this.#groups.delete(podClass);
    }
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
    const groups: JsonValue[] = [];
    for (const ofClass of this.#groups.values()) {
      for (const { podClass, rejectors, pods } of ofClass.values()) {
        groups.push([podClass, rejectors, pods.filter((pod) => c.place[pod] === PLACE.unschedulable)]);
      }
    }
    const staleFrom = Number.isFinite(this.#staleFrom) ? this.#staleFrom : null;
    return { sequence: this.#sequence, staleFrom, rows, groups };
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as {
      sequence: number;
      staleFrom: number | null;
      rows: number[][];
      groups: [number, number, number[]][];
    };
    const c = this.columns;
    for (const heap of [this.#active, this.#backoff, this.#errorBackoff]) heap.clear();
    this.#groups.clear();
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
    for (const [podClass, rejectors, pods] of saved.groups) this.#group(podClass, rejectors).pods.push(...pods);
  }
}
