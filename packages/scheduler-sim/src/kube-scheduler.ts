import {
  type ClusterView,
  type JsonValue,
  type KeyedStream,
  NONE,
  type Placement,
  POD,
  RECORD,
  type Scheduler,
  type SchedulerPlugin,
} from '@plimsoll/core';
import { type Cycle, FAILED, NO_FIT, NO_NODES } from './cycle/cycle.ts';
import { NodeOrder, placesIn } from './cycle/node-order.ts';
import { PlainCycle } from './cycle/plain-cycle.ts';
import type { TieRule } from './cycle/tie.ts';
import { NO_NODES_MESSAGE, unschedulableMessage } from './explain.ts';
import { FastCycle } from './fast/fast-cycle.ts';
import { FilterModel } from './filters/filter-model.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from './plain/config.ts';
import { Hints } from './queue/hints.ts';
import { PLACE } from './queue/pod-columns.ts';
import { type Retries, SchedulingQueue } from './queue/scheduling-queue.ts';

/** How the scheduler is set up. Absent fields have the real program's defaults. */
export interface KubeSchedulerOptions {
  /** Which of equally good nodes is taken. Default `first`. */
  readonly tie?: TieRule;
  /** Chance by pod row: `streams.keyed('tie')`. Needed where `tie` is `random`. */
  readonly chance?: KeyedStream;
  /** What of KubeSchedulerConfiguration differs from the default profile. */
  readonly config?: Partial<SchedulerConfig>;
  /** How long a rejected pod waits at most for an event. Default 300,000. */
  readonly staleAfterMs?: number;
  /** Who tries again after an event that may help. Default `each`. */
  readonly retries?: Retries;
  /** `fast` remembers scores per pod class; `plain` looks at every node for every pod. They decide alike. Default `fast`. */
  readonly engine?: 'fast' | 'plain';
  /** How many bytes the fast engine may remember before it drops the scores of the pod class used longest ago. Default 64 MiB. */
  readonly cacheBytes?: number;
}

/** The default scheduler of Kubernetes v1.36.2 as a plug-in. */
export function kubeScheduler(options: KubeSchedulerOptions = {}): SchedulerPlugin {
  return {
    id: 'kube-scheduler',
    contract: 1,
    create: (view) => new KubeScheduler(view, options),
    model: (view) => new FilterModel(view, { ...DEFAULT_CONFIG, ...options.config }),
  };
}

/**
 * kube-scheduler over a cluster: one pod at a time, the first in its queue. It writes nothing. The engine binds what {@link next}
 * proposes, or marks the pod unschedulable, before it asks again; the scheduler learns of both, and of everything else, as records.
 */
export class KubeScheduler implements Scheduler {
  readonly #view: ClusterView;
  readonly #filters: FilterModel;
  readonly #order: NodeOrder;
  readonly #queue: SchedulingQueue;
  readonly #hints: Hints;
  readonly #cycle: Cycle;
  readonly #placement: Placement = { pod: NONE, node: NONE };
  /** Class of each node row as last seen. */
  #classOf: number[] = [];
  #inFlight: number = NONE;

  constructor(view: ClusterView, options: KubeSchedulerOptions = {}) {
    const tie = options.tie ?? 'first';
    if (tie === 'random' && options.chance === undefined) {
      throw new Error('scheduler.chance: random ties need a keyed stream, such as streams.keyed("tie")');
    }
    this.#view = view;
    const config = { ...DEFAULT_CONFIG, ...options.config };
    this.#filters = new FilterModel(view, config);
    this.#order = new NodeOrder(placesIn(view));
    this.#hints = new Hints(view, config);
    const { staleAfterMs = 300_000, retries = 'each' } = options;
    const { initialBackoffMs, maxBackoffMs } = config;
    this.#queue = new SchedulingQueue({ initialBackoffMs, maxBackoffMs, staleAfterMs }, retries);
    const parts = { view, order: this.#order, config, tie, chance: options.chance };
    this.#cycle = options.engine === 'plain' ? new PlainCycle(parts) : new FastCycle(parts, this.#filters, options.cacheBytes);
    for (let node = view.firstNode; node !== NONE; node = view.nodes.next[node]) {
      this.#order.add(node);
      this.#classOf[node] = view.nodes.class[node];
    }
    for (let pod = view.firstPending; pod !== NONE; pod = view.pods.next[pod]) this.#enqueue(pod, view.pods.class[pod]);
  }

  get readyAt(): number {
    return this.#inFlight === NONE ? this.#queue.readyAt : Number.NEGATIVE_INFINITY;
  }

  next(now: number): Placement | undefined {
    this.#giveBack(now);
    const pod = this.#queue.pop(now);
    if (pod < 0) return undefined;
    this.#order.refresh();
    const podClass = this.#view.pods.class[pod];
    const node = this.#cycle.choose(podClass, pod);
    if (node === NO_NODES || node === FAILED) this.#queue.failed(pod, now);
    else if (node === NO_FIT) this.#queue.rejected(pod, podClass, this.#cycle.rejectors, now);
    else this.#inFlight = pod;
    this.#placement.pod = pod;
    this.#placement.node = node < 0 ? NONE : node;
    return this.#placement;
  }

  observe(kind: number, a: number, b: number, _c: number): void {
    const { now } = this.#view;
    switch (kind) {
      case RECORD.podCreated:
        this.#enqueue(a, b);
        return;
      case RECORD.podBound:
        this.#leave(a);
        this.#cycle.changed(b);
        this.#queue.wake(now, this.#hints.podAdded(this.#view.pods.class[a]));
        return;
      case RECORD.podEvicted:
        this.#cycle.changed(b);
        return;
      case RECORD.podFinished:
      case RECORD.podGone:
        this.#leave(a);
        if (b === NONE) return;
        this.#cycle.changed(b);
        this.#queue.wake(now, this.#hints.podDeleted(this.#view.pods.class[a]));
        return;
      case RECORD.nodeRegistered:
        this.#order.add(a);
        this.#cycle.added(a);
        this.#classOf[a] = b;
        this.#queue.wake(now, this.#hints.nodeAdded(b, this.#view.nodeNames[a]));
        return;
      case RECORD.nodeReady:
      case RECORD.nodeChanged: {
        const helps = this.#hints.nodeChanged(this.#classOf[a], b, this.#view.nodeNames[a]);
        this.#classOf[a] = b;
        this.#order.update(a);
        this.#cycle.changed(a);
        if (helps !== undefined) this.#queue.wake(now, helps);
        return;
      }
      case RECORD.nodeGone:
        this.#order.remove(a);
        this.#cycle.removed(a);
        if (this.#classOf[a] === undefined) return;
        this.#queue.wake(now, this.#hints.nodeDeleted(this.#classOf[a], this.#view.nodeNames[a]));
        return;
    }
  }

  /**
   * Worked out when asked, from the cluster as it is now: ask before it changes to have the words of the attempt itself. Preemption is
   * reported as finding no victims.
   */
  explain(pod: number): string {
    this.#order.refresh();
    if (this.#order.rows.length === 0) return NO_NODES_MESSAGE;
    return unschedulableMessage(this.#view, this.#filters, this.#view.pods.class[pod], this.#order.rows);
  }

  /** Attempts made for a pod so far. */
  attempts(pod: number): number {
    return this.#queue.columns.attempts[pod] ?? 0;
  }

  snapshot(): JsonValue {
    return {
      queue: this.#queue.snapshot(),
      order: this.#order.snapshot(),
      classOf: Array.from(this.#classOf, (nodeClass) => nodeClass ?? NONE),
      inFlight: this.#inFlight,
      start: this.#cycle.start,
    };
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as {
      queue: JsonValue;
      order: ReturnType<NodeOrder['snapshot']>;
      classOf: number[];
      inFlight: number;
      start: number;
    };
    this.#queue.restore(saved.queue);
    this.#order.restore(saved.order);
    // What the cycle remembers is of nodes, and those have just changed under it.
    this.#cycle.restart();
    this.#classOf = [...saved.classOf];
    this.#inFlight = saved.inFlight;
    this.#cycle.start = saved.start;
  }

  #enqueue(pod: number, podClass: number): void {
    const { spec, priority } = this.#view.classes.pods[podClass];
    this.#queue.add(pod, priority, this.#view.now, (spec.schedulingGates ?? []).length > 0);
  }

  #leave(pod: number): void {
    this.#queue.delete(pod, this.#view.pods.class[pod], this.#view.now);
    if (this.#inFlight === pod) this.#inFlight = NONE;
  }

  /** A placement that was not carried out: the pod waits out a backoff, as after a failed bind. */
  #giveBack(now: number): void {
    const pod = this.#inFlight;
    if (pod === NONE) return;
    this.#inFlight = NONE;
    if (this.#view.pods.state[pod] === POD.pending && this.#queue.columns.place[pod] === PLACE.inFlight) {
      this.#queue.failed(pod, now);
    }
  }
}
