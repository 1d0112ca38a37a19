import {
  type ClusterView,
  DEFAULT_SCHEDULER_NAME,
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
import { NO_FIT } from './cycle/cycle.ts';
import { NodeOrder, placesIn } from './cycle/node-order.ts';
import type { TieRule } from './cycle/tie.ts';
import { explainAttempt } from './explain/attempt.ts';
import { messageWithoutVictims } from './explain/message-without-victims.ts';
import type { AttemptWatcher } from './explain/watcher.ts';
import { isFast } from './filters/asked-filters.ts';
import { FilterModel } from './filters/filter-model.ts';
import { attemptMessage, NO_NODES_MESSAGE } from './plain/attempt-message.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from './plain/config.ts';
import { namedNodes } from './plain/plugins/node-affinity.ts';
import { runPostFilters } from './plain/post-filter.ts';
import { findNodes } from './plain/schedule-pod.ts';
import { Nominations, type SavedNominations } from './preemption/nominations.ts';
import { Profile, ProfileTable } from './profile.ts';
import { goesFirst } from './queue/goes-first.ts';
import type { Hints } from './queue/hints.ts';
import type { Helps } from './queue/parking.ts';
import { PLACE } from './queue/pod-columns.ts';
import { type Retries, SchedulingQueue } from './queue/scheduling-queue.ts';
import { LiveStorage, type SavedStorage, type StorageObjects } from './storage/live-storage.ts';

/** How the scheduler is set up. Absent fields have the real program's defaults. */
export interface KubeSchedulerOptions {
  /** Which of equally good nodes is taken. Default `first`. */
  readonly tie?: TieRule;
  /** Chance by pod row: `streams.keyed('tie')`. Needed where `tie` is `random`. */
  readonly chance?: KeyedStream;
  /** What of KubeSchedulerConfiguration differs from the default profile. */
  readonly config?: Partial<SchedulerConfig>;
  /**
   * The same by scheduler name, on top of `config`, for a scheduler with several profiles. Pods choose by their `schedulerName`; those that
   * name another are never tried. Default: one, `default-scheduler`.
   */
  readonly profiles?: Readonly<Record<string, Partial<SchedulerConfig>>>;
  /** Whether pods are evicted for more important ones. Default true. */
  readonly preemption?: boolean;
  /** Claims, volumes and what there is to them. A claim that is not among them binds anywhere. Default none. */
  readonly storage?: Partial<StorageObjects>;
  /** How long a rejected pod waits at most for an event. Default 300,000. */
  readonly staleAfterMs?: number;
  /** Who tries again after an event that may help. Default `each`. */
  readonly retries?: Retries;
  /** `fast` remembers scores per pod class; `plain` looks at every node for every pod. They decide alike. Default `fast`. */
  readonly engine?: 'fast' | 'plain';
  /** Hears of attempts as they are made. Default: nobody. */
  readonly watcher?: AttemptWatcher;
  /** How many bytes the fast engine may remember before it drops the scores of the pod class used longest ago. Default 64 MiB. */
  readonly cacheBytes?: number;
}

const NO_VICTIMS: readonly number[] = [];

/**
 * The default scheduler of Kubernetes v1.36.2 as a plug-in. Its model answers with the filters of the default profile whatever the
 * configuration: autoscalers bring a scheduler of their own, which does not read the cluster's.
 */
export function kubeScheduler(options: KubeSchedulerOptions = {}): SchedulerPlugin {
  return {
    id: 'kube-scheduler',
    contract: 1,
    create: (view) => new KubeScheduler(view, options),
    model: (view) => new FilterModel(view),
  };
}

/**
 * kube-scheduler over a cluster: one pod at a time, the first in its queue. It writes nothing. The engine binds what {@link next}
 * proposes, or marks the pod unschedulable, before it asks again; the scheduler learns of both, and of everything else, as records.
 */
export class KubeScheduler implements Scheduler {
  readonly #view: ClusterView;
  readonly #order: NodeOrder;
  readonly #queue: SchedulingQueue;
  readonly #profiles: ProfileTable;
  readonly #nominations = new Nominations();
  readonly #storage: LiveStorage;
  readonly #preempts: boolean;
  readonly #watcher: AttemptWatcher | undefined;
  readonly #placement: { pod: number; node: number; victims: readonly number[] } = { pod: NONE, node: NONE, victims: [] };
  /** Pods on nodes by pod class, and classes that have any by priority: whether there is anything less important at all. */
  #onNodes: number[] = [];
  readonly #byPriority = new Map<number, number>();
  /** Class of each node row as last seen. */
  #classOf: number[] = [];
  #inFlight: number = NONE;
  /** The place in the list of nodes at which the next search begins, whichever profile makes it. */
  #start = 0;

  constructor(view: ClusterView, options: KubeSchedulerOptions = {}) {
    const tie = options.tie ?? 'first';
    if (tie === 'random' && options.chance === undefined) {
      throw new Error('scheduler.chance: random ties need a keyed stream, such as streams.keyed("tie")');
    }
    this.#view = view;
    this.#order = new NodeOrder(placesIn(view));
    this.#preempts = options.preemption ?? true;
    this.#watcher = options.watcher;
    this.#storage = new LiveStorage(view, options.storage);
    const { chance } = options;
    const shared = { view, order: this.#order, nominations: this.#nominations, storage: this.#storage, tie, chance };
    const { profiles = { [DEFAULT_SCHEDULER_NAME]: {} }, engine = 'fast', cacheBytes } = options;
    const byName = new Map<string, Profile>();
    for (const [name, own] of Object.entries(profiles)) {
      byName.set(name, new Profile({ ...shared, config: { ...DEFAULT_CONFIG, ...options.config, ...own } }, engine, cacheBytes));
    }
    this.#profiles = new ProfileTable(view, byName, DEFAULT_SCHEDULER_NAME);
    // There is one queue, so what all profiles must have in common is taken from the first.
    const [{ config }] = this.#profiles.all;
    const { staleAfterMs = 300_000, retries = 'each' } = options;
    const { initialBackoffMs, maxBackoffMs } = config;
    this.#queue = new SchedulingQueue(
      { initialBackoffMs, maxBackoffMs, staleAfterMs },
      retries,
      goesFirst(view, config, (pod) => this.#queue.columns.since[pod]),
    );
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
    const { cycle } = this.#profileOf(podClass);
    const start = this.#start;
    cycle.start = start;
    const node = cycle.choose(podClass, pod);
    this.#start = cycle.start;
    if (this.#watcher?.wants(pod) === true) this.#tell(this.#watcher, pod, podClass, start, node, now);
    this.#placement.pod = pod;
    this.#placement.node = node < 0 ? NONE : node;
    this.#placement.victims = NO_VICTIMS;
    if (node === NO_FIT) {
      this.#queue.rejected(pod, podClass, cycle.rejectors, now);
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
        if (this.#nominations.size > 0) this.#nominations.clear(a);
        this.#count(a, 1);
        this.#changed(b);
        this.#bindClaims(a, b, now);
        if (this.#queue.listens) this.#wake(now, (hints) => hints.podAdded(this.#view.pods.class[a]));
        return;
      case RECORD.podEvicted:
        if (c === EVICTION.preempted) this.#nominations.victims.add(a);
        this.#changed(b);
        return;
      case RECORD.podFinished:
      case RECORD.podGone:
        this.#leave(a);
        if (this.#nominations.size > 0) this.#nominate(a, NONE, now);
        if (this.#nominations.victims.size > 0) this.#nominations.victims.delete(a);
        if (b === NONE) return;
        this.#count(a, -1);
        this.#changed(b);
        if (this.#queue.listens) this.#wake(now, (hints) => hints.podDeleted(this.#view.pods.class[a]));
        return;
      case RECORD.nodeRegistered:
        this.#order.add(a);
        for (const { cycle } of this.#profiles.all) cycle.added(a);
        this.#inherit(a);
        this.#classOf[a] = b;
        this.#wake(now, (hints) => hints.nodeAdded(b, this.#view.nodeNames[a]));
        return;
      case RECORD.nodeReady:
      case RECORD.nodeChanged: {
        const before = this.#classOf[a];
        this.#classOf[a] = b;
        this.#order.update(a);
        this.#changed(a);
        this.#wake(now, (hints) => hints.nodeChanged(before, b, this.#view.nodeNames[a]));
        return;
      }
      case RECORD.nodeGone:
        this.#order.remove(a);
        for (const { cycle } of this.#profiles.all) cycle.removed(a);
        if (this.#classOf[a] === undefined) return;
        this.#wake(now, (hints) => hints.nodeDeleted(this.#classOf[a], this.#view.nodeNames[a]));
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
    const { config, filters, objects } = this.#profileOf(podClass);
    const named = filters.asked.asks('NodeAffinity') ? namedNodes(spec.nodeAffinity?.required ?? []) : undefined;
    const alone = this.#nominations.size === 0 && !(this.#preempts && this.#hasLower(priority));
    if (alone && named?.size !== 0 && isFast(config) && !this.#storage.concerns(podClass)) {
      return messageWithoutVictims(this.#view, filters, podClass, rows, named, config.postFilters);
    }
    const context = objects.context(pod, podClass, rows);
    const search = findNodes(context, this.#start);
    return attemptMessage(search, rows.length, runPostFilters(context, search, this.#view.now).message);
  }

  /** Tells a watcher of the attempt that was just made, before anything of it is carried out. */
  #tell(watcher: AttemptWatcher, pod: number, podClass: number, start: number, node: number, now: number): void {
    const context = this.#profileOf(podClass).objects.context(pod, podClass, this.#order.rows);
    const { schedulerName = DEFAULT_SCHEDULER_NAME } = this.#view.classes.pods[podClass].spec;
    const attempt = explainAttempt(context, { schedulerName, start, now });
    // Which of equally good nodes is taken is the cycle's to say.
    const chosen = node < 0 ? {} : { node: this.#view.nodeNames[node] };
    watcher.attempt({ ...attempt, ...chosen, time: now, pod, attempt: this.attempts(pod) });
  }

  nominatedNode(pod: number): number {
    return this.#nominations.of(pod);
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
      start: this.#start,
      nominations: { ...this.#nominations.snapshot() },
      storage: this.#storage.snapshot() as unknown as JsonValue,
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
      storage: SavedStorage;
    };
    this.#queue.restore(saved.queue);
    this.#order.restore(saved.order);
    // What the cycle remembers is of nodes, and those have just changed under it.
    for (const { cycle } of this.#profiles.all) cycle.restart();
    this.#classOf = [...saved.classOf];
    this.#inFlight = saved.inFlight;
    this.#start = saved.start;
    this.#nominations.restore(saved.nominations);
    this.#storage.restore(saved.storage);
    this.#countAll();
  }

  #enqueue(pod: number, podClass: number): void {
    if (this.#profiles.of(podClass) === undefined) return;
    const { spec, priority } = this.#view.classes.pods[podClass];
    this.#queue.add(pod, priority, this.#view.now, (spec.schedulingGates ?? []).length > 0);
  }

  /** Looks for less important pods that could go, has the pod wait for where they are, and names them as victims. */
  #makeRoom(pod: number, podClass: number, now: number): void {
    const { priority, spec } = this.#view.classes.pods[podClass];
    const { cycle, config } = this.#profileOf(podClass);
    if (!config.postFilters.includes('DefaultPreemption')) return;
    if (!this.#hasLower(priority)) {
      if (spec.preemptionPolicy !== 'Never') this.#nominate(pod, NONE, now);
      return;
    }
    const room = cycle.makeRoom(podClass, pod, now);
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
    const { priority } = classes.pods[podClass];
    this.#wake(now, (hints) => {
      const helps = hints.podDeleted(podClass);
      return (other, rejectors) => classes.pods[other].priority <= priority && helps(other, rejectors);
    });
  }

  /** The profile that places a pod that is in the queue. */
  #profileOf(podClass: number): Profile {
    return this.#profiles.of(podClass) as Profile;
  }

  #changed(node: number): void {
    const { all } = this.#profiles;
    for (let i = 0; i < all.length; i++) all[i].cycle.changed(node);
  }

  /** Wakes the pods that an event may help, each by what its own profile says. Undefined where nobody listens. */
  #wake(now: number, helpsOf: (hints: Hints) => Helps | undefined): void {
    if (!this.#queue.listens) return;
    const { all } = this.#profiles;
    if (all.length === 1) {
      const helps = helpsOf(all[0].hints);
      if (helps !== undefined) this.#queue.wake(now, helps);
      return;
    }
    const byProfile = new Map(all.map((profile) => [profile, helpsOf(profile.hints)]));
    this.#queue.wake(now, (podClass, rejectors) => byProfile.get(this.#profileOf(podClass))?.(podClass, rejectors) === true);
  }

  /** A node that comes under the name of one that went is the one that pods waited for: names are all that they know. */
  #inherit(node: number): void {
    const names = this.#view.nodeNames;
    for (const before of [...this.#nominations.nodes]) {
      if (before === node || names[before] !== names[node]) continue;
      for (const pod of [...this.#nominations.on(before)]) this.#nominations.set(pod, node);
    }
  }

  /** Claims of a pod that waited for it are bound where it is, which may help others. */
  #bindClaims(pod: number, node: number, now: number): void {
    const podClass = this.#view.pods.class[pod];
    if (!this.#storage.concerns(podClass)) return;
    for (const claim of this.#storage.bind(podClass, this.#profiles.all[0].objects.nodeObject(node))) {
      this.#wake(now, (hints) => hints.claimBound(claim));
    }
  }

  /** Whether any pod on a node is less important. */
  #hasLower(priority: number): boolean {
    for (const other of this.#byPriority.keys()) if (other < priority) return true;
    return false;
  }

  #count(pod: number, by: 1 | -1): void {
    const podClass = this.#view.pods.class[pod];
    const before = this.#onNodes[podClass] ?? 0;
    this.#onNodes[podClass] = before + by;
    // Priorities come and go with the first and the last pod of a class.
    if (before > (by === 1 ? 0 : 1)) return;
    const { priority } = this.#view.classes.pods[podClass];
    const classes = (this.#byPriority.get(priority) ?? 0) + by;
    if (classes === 0) this.#byPriority.delete(priority);
    else this.#byPriority.set(priority, classes);
  }

  #countAll(): void {
    const view = this.#view;
    this.#onNodes = [];
    this.#byPriority.clear();
    for (let node = view.firstNode; node !== NONE; node = view.nodes.next[node]) {
      for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = view.pods.next[pod]) this.#count(pod, 1);
    }
  }

  #leave(pod: number): void {
    if (!this.#queue.has(pod)) return;
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
