import {
  type ClusterView,
  EVICTION,
  type JsonValue,
  type KeyedStream,
  NONE,
  type Placement,
  POD,
  RECORD,
  type Scheduler,
  type SchedulerPlugin,
} from '@plimsoll/core';
import { ClusterAsObjects } from './cycle/cluster-objects.ts';
import { type Cycle, NO_FIT } from './cycle/cycle.ts';
import { NodeOrder, placesIn } from './cycle/node-order.ts';
import { PlainCycle } from './cycle/plain-cycle.ts';
import type { TieRule } from './cycle/tie.ts';
import { messageWithoutVictims } from './explain.ts';
import { FastCycle } from './fast/fast-cycle.ts';
import { FilterModel } from './filters/filter-model.ts';
import { attemptMessage, NO_NODES_MESSAGE } from './plain/attempt-message.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from './plain/config.ts';
import { namedNodes } from './plain/plugins/node-affinity.ts';
import { preempt } from './plain/preemption.ts';
import { findNodes } from './plain/schedule-pod.ts';
import { Nominations, type SavedNominations } from './preemption/nominations.ts';
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
  /** Whether pods are evicted for more important ones. Default true. */
  readonly preemption?: boolean;
  /** How long a rejected pod waits at most for an event. Default 300,000. */
  readonly staleAfterMs?: number;
  /** Who tries again after an event that may help. Default `each`. */
  readonly retries?: Retries;
  /** `fast` remembers scores per pod class; `plain` looks at every node for every pod. They decide alike. Default `fast`. */
  readonly engine?: 'fast' | 'plain';
  /** How many bytes the fast engine may remember before it drops the scores of the pod class used longest ago. Default 64 MiB. */
  readonly cacheBytes?: number;
}

const NO_VICTIMS: readonly number[] = [];

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
  readonly #nominations = new Nominations();
  readonly #preempts: boolean;
  readonly #objects: ClusterAsObjects;
  readonly #placement: { pod: number; node: number; victims: readonly number[] } = { pod: NONE, node: NONE, victims: [] };
  /** Pods on nodes, by priority: whether there is anything less important at all. */
  readonly #byPriority = new Map<number, number>();
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
    this.#preempts = options.preemption ?? true;
    this.#objects = new ClusterAsObjects(view, config, this.#nominations);
    const parts = { view, order: this.#order, config, nominations: this.#nominations, tie, chance: options.chance };
    this.#cycle = options.engine === 'plain' ? new PlainCycle(parts) : new FastCycle(parts, this.#filters, options.cacheBytes);
    for (let node = view.firstNode; node !== NONE; node = view.nodes.next[node]) {
      this.#order.add(node);
      this.#classOf[node] = view.nodes.class[node];
    }
    this.#countAll();
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
    this.#placement.pod = pod;
    this.#placement.node = node < 0 ? NONE : node;
    this.#placement.victims = NO_VICTIMS;
    if (node === NO_FIT) {
      this.#queue.rejected(pod, podClass, this.#cycle.rejectors, now);
      if (this.#preempts) this.#makeRoom(pod, podClass, now);
    } else if (node < 0) {
      this.#queue.failed(pod, now);
      this.#nominate(pod, NONE, now);
    } else this.#inFlight = pod;
    return this.#placement;
  }

  observe(kind: number, a: number, b: number, c: number): void {
    const { now } = this.#view;
    switch (kind) {
      case RECORD.podCreated:
        this.#enqueue(a, b);
        return;
      case RECORD.podBound:
        this.#leave(a);
        this.#nominations.clear(a);
        this.#count(a, 1);
        this.#cycle.changed(b);
        this.#queue.wake(now, this.#hints.podAdded(this.#view.pods.class[a]));
        return;
      case RECORD.podEvicted:
        if (c === EVICTION.preempted) this.#nominations.victims.add(a);
        this.#cycle.changed(b);
        return;
      case RECORD.podFinished:
      case RECORD.podGone:
        this.#leave(a);
        this.#nominate(a, NONE, now);
        this.#nominations.victims.delete(a);
        if (b === NONE) return;
        this.#count(a, -1);
        this.#cycle.changed(b);
        this.#queue.wake(now, this.#hints.podDeleted(this.#view.pods.class[a]));
        return;
      case RECORD.nodeRegistered:
        this.#order.add(a);
        this.#cycle.added(a);
        this.#inherit(a);
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

  /** Worked out when asked, from the cluster as it is now: ask before it changes to have the words of the attempt itself. */
  explain(pod: number): string {
    this.#order.refresh();
    const { rows } = this.#order;
    const podClass = this.#view.pods.class[pod];
    const { priority, spec } = this.#view.classes.pods[podClass];
    if (rows.length === 0) return NO_NODES_MESSAGE;
    const named = namedNodes(spec.nodeAffinity?.required ?? []);
    const alone = this.#nominations.size === 0 && !(this.#preempts && this.#hasLower(priority));
    if (alone && named?.size !== 0) return messageWithoutVictims(this.#view, this.#filters, podClass, rows, named);
    const context = this.#objects.context(pod, podClass, rows);
    const search = findNodes(context, this.#cycle.start);
    return attemptMessage(search, rows.length, search.refused ? undefined : preempt(context, search, this.#view.now));
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
      nominations: { ...this.#nominations.snapshot() },
    };
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as {
      queue: JsonValue;
      order: ReturnType<NodeOrder['snapshot']>;
      classOf: number[];
      inFlight: number;
      start: number;
      nominations: SavedNominations;
    };
    this.#queue.restore(saved.queue);
    this.#order.restore(saved.order);
    // What the cycle remembers is of nodes, and those have just changed under it.
    this.#cycle.restart();
    this.#classOf = [...saved.classOf];
    this.#inFlight = saved.inFlight;
    this.#cycle.start = saved.start;
    this.#nominations.restore(saved.nominations);
    this.#countAll();
  }

  #enqueue(pod: number, podClass: number): void {
    const { spec, priority } = this.#view.classes.pods[podClass];
    this.#queue.add(pod, priority, this.#view.now, (spec.schedulingGates ?? []).length > 0);
  }

  /** Looks for less important pods that could go, has the pod wait for where they are, and names them as victims. */
  #makeRoom(pod: number, podClass: number, now: number): void {
    const { priority, spec } = this.#view.classes.pods[podClass];
    if (!this.#hasLower(priority)) {
      if (spec.preemptionPolicy !== 'Never') this.#nominate(pod, NONE, now);
      return;
    }
    const room = this.#cycle.makeRoom(podClass, pod, now);
    if (room === undefined) return;
    this.#nominate(pod, room.node < 0 ? NONE : room.node, now);
    if (room.victims.length === 0) return;
    this.#placement.victims = room.victims;
    const { pods, classes } = this.#view;
    for (const other of [...this.#nominations.on(room.node)]) {
      if (classes.pods[pods.class[other]].priority < priority) this.#nominate(other, NONE, now);
    }
  }

  /** The pod waits for a node, or for none. What it would have taken where it waited before may help pods that matter no more. */
  #nominate(pod: number, node: number, now: number): void {
    const before = this.#nominations.of(pod);
    if (before === node) return;
    if (node === NONE) this.#nominations.clear(pod);
    else this.#nominations.set(pod, node);
    if (before === NONE) return;
    const { pods, classes } = this.#view;
    const podClass = pods.class[pod];
    const helps = this.#hints.podDeleted(podClass);
    const { priority } = classes.pods[podClass];
    this.#queue.wake(now, (other, rejectors) => classes.pods[other].priority <= priority && helps(other, rejectors));
  }

  /** A node that comes under the name of one that went is the one that pods waited for: names are all that they know. */
  #inherit(node: number): void {
    const names = this.#view.nodeNames;
    for (const before of [...this.#nominations.nodes]) {
      if (before === node || names[before] !== names[node]) continue;
      for (const pod of [...this.#nominations.on(before)]) this.#nominations.set(pod, node);
    }
  }

  /** Whether any pod on a node is less important. */
  #hasLower(priority: number): boolean {
    for (const other of this.#byPriority.keys()) if (other < priority) return true;
    return false;
  }

  #count(pod: number, by: 1 | -1): void {
    const { priority } = this.#view.classes.pods[this.#view.pods.class[pod]];
    const count = (this.#byPriority.get(priority) ?? 0) + by;
    if (count === 0) this.#byPriority.delete(priority);
    else this.#byPriority.set(priority, count);
  }

  #countAll(): void {
    const view = this.#view;
    this.#byPriority.clear();
    for (let node = view.firstNode; node !== NONE; node = view.nodes.next[node]) {
      for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = view.pods.next[pod]) this.#count(pod, 1);
    }
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
