import {
  type Cluster,
  type Component,
  type JsonValue,
  NONE,
  PHASE,
  RECORD,
  type Timer,
  type Workload,
  type WorkloadView,
} from '@plimsoll/core';

const ARRIVE = 0;
const REPLACE = 1;

/** How fast controllers react. Modelling defaults; set in the scenario (`controllers`). */
export interface OwnersSettings {
  /** From a pod's deletion to the creation of its replacement, milliseconds. Default 100: watch delay and one work queue turn. */
  readonly replaceDelay: number;
}

export const defaultOwnersSettings: OwnersSettings = { replaceDelay: 100 };

/**
 * The owners of pods: lets each row of the workload arrive and replaces pods that were lost before they finished.
 *
 * A replacement is created as soon as the old pod's deletion is asked for, as ReplicaSets and Jobs (replacement policy
 * TerminatingOrFailed) do. A Job's starts from the beginning. Any other owner's is a replica of a service: where it is to be taken
 * away after some time, its replacement serves what is left of it. A bare pod is not replaced. Arrivals are merged from the
 * workload's sorted columns by a cursor: one event is pending, for the next row alone.
 */
export class Owners implements Component, WorkloadView {
  readonly id = 'owners';
  /** Rows of a trace have no disruption budgets. */
  readonly blocksEvictions = false;
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #workload: Workload;
  readonly #settings: OwnersSettings;
  /** Pod class by template row. */
  #classes: Int32Array = new Int32Array(0);
  /** Next ordinal by owner. */
  readonly #ordinals: Int32Array;
  #cursor = 0;

  constructor(cluster: Cluster, timer: Timer, workload: Workload, settings: OwnersSettings = defaultOwnersSettings) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#workload = workload;
    this.#settings = settings;
    this.#ordinals = new Int32Array(workload.length);
  }

  start(): void {
    this.#intern();
    this.#next();
  }

  observe(kind: number, pod: number): void {
    // A pod that goes without its deletion having been asked for (its node vanished, or it was pending) is noticed when it goes.
    const lost = kind === RECORD.podEvicted || (kind === RECORD.podGone && Number.isNaN(this.#cluster.pods.deletedAt[pod]));
    if (!lost) return;
    const owner = this.#cluster.pods.owner[pod];
    // A pod without a row here belongs to someone else.
    if (owner === NONE || owner >= this.#workload.length || this.#controller(owner) === 'none') return;
    this.#timer.at(this.#timer.now + this.#settings.replaceDelay, PHASE.controller, REPLACE, owner, pod);
  }

  handle(code: number, owner: number, lost: number): void {
    if (code === REPLACE) {
      this.#create(owner, this.#left(owner, lost));
      return;
    }
    const { now } = this.#timer;
    const { time, count, length } = this.#workload;
    for (; this.#cursor < length && time[this.#cursor] === now; this.#cursor++) {
      for (let n = count[this.#cursor]; n > 0; n--) this.#create(this.#cursor, this.#workload.duration[this.#cursor]);
    }
    this.#next();
  }

  /** `name-ordinal` for a pod of an owner; a bare pod that is alone in its row has the row's name. */
  podName(pod: number): string {
    const owner = this.#cluster.pods.owner[pod];
    const name = this.#workload.name(owner);
    return this.#controller(owner) === 'none' && this.#workload.count[owner] === 1
      ? name
      : `${name}-${this.#cluster.pods.ordinal[pod]}`;
  }

  ownerName(owner: number): string {
    return this.#workload.name(owner);
  }

  evictionBlocked(_pod: number): boolean {
    return false;
  }

  snapshot(): JsonValue {
    const replaced: number[] = [];
    for (let owner = 0; owner < this.#cursor; owner++) {
      if (this.#ordinals[owner] !== this.#workload.count[owner]) replaced.push(owner, this.#ordinals[owner]);
    }
    return { cursor: this.#cursor, replaced };
  }

  restore(value: JsonValue): void {
    const saved = value as { cursor: number; replaced: readonly number[] };
    this.#intern();
    this.#cursor = saved.cursor;
    for (let owner = 0; owner < saved.cursor; owner++) this.#ordinals[owner] = this.#workload.count[owner];
    for (let i = 0; i < saved.replaced.length; i += 2) this.#ordinals[saved.replaced[i]] = saved.replaced[i + 1];
  }

  #intern(): void {
    this.#classes = Int32Array.from(this.#workload.templates, (template) => this.#cluster.classes.pod(template).id);
  }

  #next(): void {
    const { length, time } = this.#workload;
    if (this.#cursor < length) this.#timer.at(time[this.#cursor], PHASE.arrival, ARRIVE);
  }

  /** How long the replacement of a lost pod runs. */
  #left(owner: number, lost: number): number {
    const { startedAt, deletedAt, duration } = this.#cluster.pods;
    if (this.#controller(owner) === 'Job' || Number.isNaN(startedAt[lost])) return duration[lost];
    // A pod whose deletion nobody asked for served until it vanished: that was one delay ago.
    const end = Number.isNaN(deletedAt[lost]) ? this.#timer.now - this.#settings.replaceDelay : deletedAt[lost];
    return Math.max(0, duration[lost] - (end - startedAt[lost]));
  }

  #create(owner: number, duration: number): void {
    const podClass = this.#classes[this.#workload.template[owner]];
    this.#cluster.createPod({ podClass, owner, ordinal: this.#ordinals[owner]++, duration });
  }

  #controller(owner: number): string {
    return this.#workload.templates[this.#workload.template[owner]].controller;
  }
}
