import {
  type Cluster,
  type Component,
  type Distribution,
  type JsonValue,
  type KeyedStream,
  PHASE,
  POD,
  quantileMs,
  RECORD,
  type Streams,
  type Timer,
} from '@plimsoll/core';

const STARTED = 0;
const FINISHED = 1;
const STOPPED = 2;

/** How long a kubelet takes. All values are modelling defaults and can be set in the scenario (`kubelet`). */
export interface KubeletSettings {
  /**
   * From binding to running containers, images present: watch, volumes, sandbox, start. Default uniform 0.8 to 2.5 s.
   * Source of the range: the sum of the components in Kubernetes' pod start SLO (p99 ≤ 5 s without images).
   */
  readonly podStart: Distribution;
  /**
   * From a pod's deletion to the end of its object, for a process that obeys SIGTERM; never longer than its grace period.
   * Default uniform 0.5 to 2 s.
   */
  readonly podStop: Distribution;
}

export const defaultKubeletSettings: KubeletSettings = {
  podStart: { kind: 'uniform', min: 800, max: 2500 },
  podStop: { kind: 'uniform', min: 500, max: 2000 },
};

/** Grace period of a pod that names none, seconds. Source: Kubernetes v1.36, `pkg/apis/core/v1/defaults.go`. */
const GRACE_SECONDS = 30;

/** Starts bound pods, lets them run for their duration, and stops pods whose deletion was asked for. */
export class Kubelet implements Component {
  readonly id = 'kubelet';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #settings: KubeletSettings;
  readonly #startChance: KeyedStream;
  readonly #stopChance: KeyedStream;

  constructor(cluster: Cluster, timer: Timer, streams: Streams, settings: KubeletSettings = defaultKubeletSettings) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#settings = settings;
    this.#startChance = streams.keyed('pod-start');
    this.#stopChance = streams.keyed('pod-stop');
  }

  observe(kind: number, pod: number): void {
    if (kind === RECORD.podBound) {
      this.#after(quantileMs(this.#settings.podStart, this.#chance(this.#startChance, pod)), STARTED, pod);
    } else if (kind === RECORD.podEvicted) {
      const { spec } = this.#cluster.classes.pods[this.#cluster.pods.class[pod]];
      const grace = (spec.gracePeriodSeconds ?? GRACE_SECONDS) * 1000;
      this.#after(Math.min(quantileMs(this.#settings.podStop, this.#chance(this.#stopChance, pod)), grace), STOPPED, pod);
    }
  }

  handle(code: number, pod: number): void {
    const cluster = this.#cluster;
    const state = cluster.pods.state[pod];
    // The pod may have gone with its node, or been evicted, since the event was scheduled.
    if (code === STARTED && state === POD.bound) {
      cluster.start(pod);
      const duration = cluster.pods.duration[pod];
      if (duration !== Infinity) this.#after(duration, FINISHED, pod);
    } else if (code === FINISHED && state === POD.running) cluster.finish(pod);
    else if (code === STOPPED && state === POD.terminating) cluster.remove(pod);
  }

  snapshot(): JsonValue {
    return null;
  }

  restore(): void {}

  /** By owner and ordinal, not by row: a pod that was replaced moves the rows of all later ones, and their chance must not hang on it. */
  #chance(stream: KeyedStream, pod: number): number {
    const { owner, ordinal } = this.#cluster.pods;
    return stream.at(owner[pod], ordinal[pod]);
  }

  #after(delay: number, code: number, pod: number): void {
    this.#timer.at(this.#timer.now + delay, PHASE.world, code, pod);
  }
}
