import type { Cluster } from '../cluster/cluster.ts';
import type { Component, JsonValue, Timer } from '../contracts/component.ts';
import type { Placement, Scheduler } from '../contracts/scheduler.ts';
import { EVICTION } from '../log/records.ts';
import { type Distribution, quantileMs } from '../random/distributions.ts';
import type { RandomStream } from '../random/streams.ts';
import { PHASE } from '../time/phase.ts';
import { type ClientLimit, TokenBucket } from '../time/token-bucket.ts';

const ATTEMPTS = 0;

/** How fast a scheduler is. Milliseconds. */
export interface SchedulerPace {
  /** From a change to the first pod that is bound for it, while nothing else is to be done: the watch, and the binding itself. */
  readonly latency: Distribution;
  /** One attempt, without its calls to the API. */
  readonly cycle: Distribution;
  /** One more of them where room has to be made: the search for victims. */
  readonly preemption: Distribution;
  /** One call to the API. An attempt that fails waits for its report to be written; a binding is written beside the next attempt. */
  readonly write: Distribution;
  /** The limit of the scheduler's own client. Absent: none. */
  readonly limit?: ClientLimit;
  /** When a call is done that reaches the server at a time and takes so long there. Absent: it finds the server idle. */
  readonly call?: (at: number, serviceMs: number) => number;
  readonly chance: RandomStream;
}

/** Calls for each victim: its condition, and its deletion. */
const CALLS_PER_VICTIM = 2;

/** Runs a scheduler: lets it try while it has pods to try, binds what it places, and evicts what stands in the way of it. */
export class SchedulerHost implements Component {
  readonly id = 'scheduler';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #scheduler: Scheduler;
  /** Time of our one pending event; Infinity where there is none, −Infinity while attempts are being made. */
  #pendingAt = Infinity;
  #handle = -1;
  readonly #pace: SchedulerPace | undefined;
  readonly #bucket: TokenBucket | undefined;
  /** With a pace: when the last attempt is over. */
  #freeAt = 0;
  /** With a pace: whether the pending attempt is for pods that were ready when it was arranged. */
  #answering = false;

  /** @param pace absent: attempts and bindings take no time */
  constructor(cluster: Cluster, timer: Timer, scheduler: Scheduler, pace?: SchedulerPace) {
    this.#pace = pace;
    this.#bucket = pace?.limit && new TokenBucket(pace.limit);
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
    this.#answering = false;
    const { now } = this.#timer;
    if (this.#pace !== undefined) {
      const placement = this.#scheduler.next(now);
      if (placement !== undefined) {
        this.#carryOut(placement);
        this.#freeAt = this.#over(placement, this.#pace, now);
      }
      this.#pendingAt = Infinity;
      this.#arrange();
      return;
    }
    for (let placement = this.#scheduler.next(now); placement !== undefined; placement = this.#scheduler.next(now)) {
      this.#carryOut(placement);
    }
    if (this.#scheduler.readyAt <= now) {
      throw new Error(`scheduler: made no attempt at ${now}, yet says that it is ready since ${this.#scheduler.readyAt}`);
    }
    this.#pendingAt = Infinity;
    this.#arrange();
  }

  snapshot(): JsonValue {
    return {
      scheduler: this.#scheduler.snapshot(),
      pendingAt: Number.isFinite(this.#pendingAt) ? this.#pendingAt : null,
      ...(this.#pace && { answering: this.#answering, freeAt: this.#freeAt, bucket: this.#bucket?.snapshot() ?? null }),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as {
      scheduler: JsonValue;
      pendingAt: number | null;
      answering?: boolean;
      freeAt?: number;
      bucket?: number | null;
    };
    this.#answering = saved.answering ?? false;
    this.#freeAt = saved.freeAt ?? 0;
    this.#bucket?.restore(saved.bucket ?? null);
    this.#scheduler.restore(saved.scheduler);
    this.#pendingAt = saved.pendingAt ?? Infinity;
  }

  #carryOut({ pod, node, victims = [] }: Placement): void {
    if (node >= 0) this.#cluster.bind(pod, node);
    else this.#cluster.markUnschedulable(pod);
    for (const victim of victims) this.#cluster.evict(victim, EVICTION.preempted);
  }

  /** When an attempt that was made now is over. Every call waits for the client's own limit. */
  #over({ node, victims = [] }: Placement, pace: SchedulerPace, now: number): number {
    const { cycle, preemption, write, chance } = pace;
    const done = now + quantileMs(cycle, chance.next());
    const searched = victims.length > 0 ? done + quantileMs(preemption, chance.next()) : done;
    let called = searched;
    for (let call = 1 + CALLS_PER_VICTIM * victims.length; call > 0; call--) {
      called = this.#bucket === undefined ? searched : Math.ceil(this.#bucket.reserve(searched));
    }
    const service = node >= 0 ? 0 : quantileMs(write, chance.next());
    return Math.max(pace.call?.(called, service) ?? called + service, now + 1);
  }

  /** When an attempt is to be made: with a pace, not before the last one is over, and a while after what gave rise to it. */
  #due(): number {
    const { now } = this.#timer;
    const { readyAt } = this.#scheduler;
    if (this.#pace === undefined) return Math.max(readyAt, now);
    if (this.#pendingAt === -Infinity) return Infinity;
    if (readyAt > now) return Math.max(readyAt, now, this.#freeAt);
    return this.#freeAt > now ? this.#freeAt : now + quantileMs(this.#pace.latency, this.#pace.chance.next());
  }

  #arrange(): void {
    // What the pending attempt answers is answered for all that came since.
    if (this.#answering && Number.isFinite(this.#pendingAt)) return;
    const readyAt = this.#due();
    if (readyAt >= this.#pendingAt) return;
    if (Number.isFinite(this.#pendingAt)) this.#timer.cancel(this.#handle);
    this.#pendingAt = readyAt;
    this.#answering = this.#pace !== undefined && this.#scheduler.readyAt <= this.#timer.now;
    this.#handle = this.#timer.at(readyAt, PHASE.scheduler, ATTEMPTS);
  }
}
