import type { Cluster } from '../cluster/cluster.ts';
import type { Component, JsonValue, Timer } from '../contracts/component.ts';
import { RECORD } from '../log/records.ts';
import { PHASE } from '../time/phase.ts';

const CHECK = 0;
const STOP = 1;

/** Records of a pod that show that work goes on. */
const PROGRESS: ReadonlySet<number> = new Set([
  RECORD.podCreated,
  RECORD.podBound,
  RECORD.podStarted,
  RECORD.podFinished,
  RECORD.podEvicted,
  RECORD.podGone,
]);

/** When a run ends. */
export interface RunEndSettings {
  /** Milliseconds after which the run ends whatever happens. Absent: when the work is done. */
  readonly duration?: number;
  /** Milliseconds without any progress of a pod after which the work counts as done. */
  readonly settle: number;
  /** Time of the last arrival, milliseconds. */
  readonly lastArrival: number;
}

/**
 * Ends the run: at its duration; or, without one, once every pod that ends by itself has ended, nothing more arrives, and none
 * of those pods has made progress for `settle`. The settling time lets an autoscaler give back what the work no longer needs, so that slow
 * and fast scale-down are both paid for. Services run until then; pods that nothing can hold do not keep a run alive.
 */
export class RunEnd implements Component {
  readonly id = 'run-end';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #settings: RunEndSettings;
  readonly #end: () => void;
  /** Finite pods on nodes. */
  #active = 0;
  /** Whether a check is pending. While finite pods are on nodes none need be: the last of them to go arranges it. */
  #checking = false;
  #progressAt = 0;

  constructor(cluster: Cluster, timer: Timer, settings: RunEndSettings, end: () => void) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#settings = settings;
    this.#end = end;
  }

  start(): void {
    const { duration, lastArrival, settle } = this.#settings;
    if (duration !== undefined) this.#timer.at(duration, PHASE.observer, STOP);
    else this.#check(lastArrival + settle);
  }

  observe(kind: number, a: number): void {
    // Services move from node to node for as long as an autoscaler likes: only pods that end by themselves keep a run alive.
    if (PROGRESS.has(kind) && this.#cluster.pods.duration[a] !== Infinity) {
      this.#progressAt = this.#timer.now;
      if (kind === RECORD.podBound) this.#active++;
      else if (kind === RECORD.podFinished) this.#active--;
      // A pod that goes while pending was never counted.
      else if (kind === RECORD.podGone && !Number.isNaN(this.#cluster.pods.boundAt[a])) this.#active--;
      if (this.#active === 0 && !this.#checking && this.#settings.duration === undefined) this.#check(this.#due());
    }
  }

  handle(code: number): void {
    if (code === STOP) {
      this.#end();
      return;
    }
    this.#checking = false;
    if (this.#active > 0) return;
    const due = this.#due();
    if (due <= this.#timer.now) this.#end();
    else this.#check(due);
  }

  snapshot(): JsonValue {
    return { active: this.#active, progressAt: this.#progressAt, checking: this.#checking };
  }

  restore(value: JsonValue): void {
    const saved = value as { active: number; progressAt: number; checking: boolean };
    this.#active = saved.active;
    this.#progressAt = saved.progressAt;
    this.#checking = saved.checking;
  }

  #due(): number {
    return Math.max(this.#progressAt, this.#settings.lastArrival) + this.#settings.settle;
  }

  #check(time: number): void {
    this.#checking = true;
    this.#timer.at(time, PHASE.observer, CHECK);
  }
}
