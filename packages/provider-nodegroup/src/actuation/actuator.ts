import {
  type Decision,
  type ExplainLevel,
  formatDuration,
  type JsonValue,
  NODE,
  NONE,
  type NodeChange,
  POD,
  type ProviderContext,
  type Reason,
  TAINT,
} from '@plimsoll/core';
import type { GroupOptions } from '../groups/group-options.ts';
import type { NodeGroups } from '../groups/node-groups.ts';
import type { DeletionResult } from '../loop/status.ts';
import type { Flags } from '../options/flags.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import type { RemovalBucket } from '../scale-down/budgets.ts';
import type { DrainRules } from '../scale-down/drain-rules.ts';
import type { GroupDelays } from '../scale-down/group-delays.ts';
import { RemainingBudgets } from '../scale-down/remaining-budgets.ts';
import { type EvictionGroup, EvictionOrder } from './eviction-groups.ts';

/** Between looks at whether a node's pods are gone, or the wishes of others to delay its end. Source: `core/scaledown/actuation/drain.go`, `delay.go`. */
const POLL = 5000;
/** Between attempts to evict. */
const RETRY = 10_000;
/** How much longer than the longest grace period a node's pods are waited for. */
const HEADROOM = 30_000;

const DELAY_DELETION = 'delay-deletion.cluster-autoscaler.kubernetes.io/';
const EVICT_DAEMON_SET = 'cluster-autoscaler.kubernetes.io/enable-ds-eviction';

const STAGE = { tainted: 0, evicting: 1, waiting: 2, delayed: 3, queued: 4, batched: 5 } as const;

/** One node on its way out. */
interface Deletion {
  readonly node: number;
  readonly group: number;
  readonly drain: boolean;
  readonly startedAt: number;
  /** How many nodes of the group must be ready to go before any goes. */
  readonly together: number;
  /** Whether something wished to delay the node's end when its removal began. */
  readonly delayed: boolean;
  stage: number;
  /** When the next step is due; steps count from it, however late they are taken. Infinity: it waits for other nodes. */
  due: number;
  /** When this stage began, for its time limit. */
  from: number;
  /** When evictions were asked for last; NaN before. */
  attemptAt: number;
  /** What is still to be evicted, the first of them now. */
  evictions: EvictionGroup[];
  over: boolean;
}

/** What the actuator works with. */
export interface ActuatorParts {
  readonly context: ProviderContext;
  readonly flags: Flags;
  readonly facts: PodFacts;
  readonly groups: NodeGroups;
  readonly groupOptions: readonly GroupOptions[];
  readonly delays: GroupDelays;
}

/**
 * Takes nodes out of service, step by step: taint and cordon, wait, evict, wait for the pods to go, end the machine. Source: Cluster Autoscaler
 * 1.37, `core/scaledown/actuation`.
 */
export class Actuator {
  /** When the last removal began; −Infinity before. */
  lastStart = -Infinity;
  readonly #parts: ActuatorParts;
  readonly #context: ProviderContext;
  readonly #flags: Flags;
  readonly #facts: PodFacts;
  readonly #groups: NodeGroups;
  readonly #explain: ExplainLevel;
  readonly #order: EvictionOrder;
  readonly #budgets: RemainingBudgets;
  #rules: DrainRules | undefined;
  #deletions: Deletion[] = [];
  readonly #deleting = new Set<number>();
  /** When each node was tainted, in whole seconds as the taint has it. */
  readonly #taintedAt = new Map<number, number>();
  /** By group: nodes that are ready to go and wait for others, and whether one of its nodes failed since removals were last started. */
  readonly #queue = new Map<number, Deletion[]>();
  readonly #failed = new Set<number>();
  /** By group: nodes that go with the next call, and when that is. */
  readonly #batches = new Map<number, { readonly due: number; readonly deletions: Deletion[] }>();
  #results = new Map<number, DeletionResult>();

  constructor(parts: ActuatorParts) {
    this.#parts = parts;
    const { context, flags, facts, groups } = parts;
    this.#context = context;
    this.#flags = flags;
    this.#facts = facts;
    this.#groups = groups;
    this.#explain = context.explain;
    this.#order = new EvictionOrder(context.view, flags);
    this.#budgets = new RemainingBudgets(context.view);
  }

  /** The rules that a node's pods are checked against again before they are evicted. */
  useRules(rules: DrainRules): void {
    this.#rules = rules;
  }

  get emptyInProgress(): number {
    return this.#deletions.reduce((sum, { drain }) => sum + (drain ? 0 : 1), 0);
  }

  get drainInProgress(): number {
    return this.#deletions.reduce((sum, { drain }) => sum + (drain ? 1 : 0), 0);
  }

  get active(): boolean {
    return this.#deletions.length > 0;
  }

  /** Removals of a group that have begun and whose machine was not ended yet. */
  inProgress(group: number): number {
    return this.#deletions.reduce((sum, deletion) => sum + (deletion.group === group ? 1 : 0), 0);
  }

  /** Whether a node's removal has begun and its machine was not ended yet. */
  isDeleting(node: number): boolean {
    return this.#deleting.has(node);
  }

  /** When a node was tainted as being deleted; undefined where it was not. */
  taintedAt(node: number): number | undefined {
    return this.#taintedAt.get(node);
  }

  /** Until when a group rests after it changed: see {@link GroupDelays}. */
  restsUntil(group: number): number {
    return this.#parts.delays.until(group);
  }

  /** When the next step is due; Infinity where there is none. */
  get due(): number {
    let due = Infinity;
    for (const deletion of this.#deletions) if (deletion.due < due) due = deletion.due;
    for (const batch of this.#batches.values()) if (batch.due < due) due = batch.due;
    return due;
  }

  /** Removals that came to an end since this was asked last. */
  takeResults(): ReadonlyMap<number, DeletionResult> {
    const results = this.#results;
    if (results.size > 0) this.#results = new Map();
    return results;
  }

  /** A new round of removals: earlier failures do not count for it. */
  beginRound(): void {
    this.#failed.clear();
  }

  /** Begins to remove nodes of one group. */
  start(bucket: RemovalBucket, drain: boolean, now: number, because: (node: number) => Reason, decisions: Decision[]): void {
    const { nodes } = this.#context.view;
    const { classes } = this.#context.view;
    for (const node of bucket.nodes) {
      const { shape } = classes.nodes[nodes.class[node]];
      const tainted = shape.taints.some(({ key }) => key === TAINT.toBeDeleted);
      const change: NodeChange = {
        addTaints: [{ key: TAINT.toBeDeleted, effect: 'NoSchedule' }],
        ...(this.#flags['cordon-node-before-terminating'] && { unschedulable: true }),
      };
      if (!tainted) {
        decisions.push({ kind: 'cordon', node, change, because: because(node) });
        this.#taintedAt.set(node, Math.floor(now / 1000) * 1000);
      }
      this.#deletions.push({
        node,
        group: bucket.group,
        drain,
        startedAt: now,
        together: bucket.together,
        delayed: Object.keys(shape.annotations ?? {}).some((key) => key.startsWith(DELAY_DELETION)),
        stage: STAGE.tainted,
        due: now + this.#flags['node-delete-delay-after-taint'],
        from: now,
        attemptAt: Number.NaN,
        evictions: [],
        over: false,
      });
      this.#deleting.add(node);
    }
    this.lastStart = now;
  }

  /** Takes every step that is due. What it decides must be done before it is asked again. */
  step(now: number, decisions: Decision[]): void {
    for (const deletion of this.#dueAt(now)) {
      if (deletion.over) continue;
      if (this.#isGone(deletion.node)) this.#finish(deletion, 'Ok');
      else if (deletion.stage === STAGE.tainted) this.#afterTaint(deletion, now, decisions);
      else this.#goOn(deletion, decisions);
    }
    for (const [group, { due, deletions }] of this.#batches) {
      if (due > now) continue;
      this.#batches.delete(group);
      this.#endMachines(deletions, decisions);
    }
    if (this.#deletions.some(({ over }) => over)) this.#deletions = this.#deletions.filter(({ over }) => !over);
  }

  /**
   * Removals whose next step is due. Of those that begin to evict at one instant the last comes first, as the routine started last runs first in the
   * real program.
   */
  #dueAt(now: number): readonly Deletion[] {
    const due = this.#deletions.filter((deletion) => deletion.due <= now);
    const last = due.at(-1);
    return due.length > 1 && last?.stage === STAGE.tainted ? [last, ...due.slice(0, -1)] : due;
  }

  /** Pods that drains are about to evict, by name of the node: scale-up looks for their next place already. */
  drainedPods(out: number[]): void {
    const { pods } = this.#context.view;
    const names = this.#context.view.nodeNames;
    const drained = this.#deletions.filter(({ drain }) => drain).sort((a, b) => (names[a.node] < names[b.node] ? -1 : 1));
    for (const { node } of drained) {
      for (const pod of this.#podsOf(node)) {
        const podClass = pods.class[pod];
        if (pods.state[pod] === POD.terminating || this.#facts.ignored[podClass]) continue;
        if (!this.#facts.daemonSet[podClass] && !this.#facts.mirror[podClass]) out.push(pod);
      }
    }
  }

  /** Those of some pods that a drain evicts and waits for. */
  evictable(pods: readonly number[]): number[] {
    const { class: classes } = this.#context.view.pods;
    return pods.filter((pod) => !this.#facts.mirror[classes[pod]] && !this.#facts.daemonSet[classes[pod]]);
  }

  snapshot(): JsonValue {
    return {
      lastStart: Number.isFinite(this.lastStart) ? this.lastStart : null,
      deletions: this.#deletions.map((d) => ({
        node: d.node,
        group: d.group,
        drain: d.drain,
        startedAt: d.startedAt,
        together: d.together,
        delayed: d.delayed,
        stage: d.stage,
        due: Number.isFinite(d.due) ? d.due : null,
        from: d.from,
        attemptAt: Number.isNaN(d.attemptAt) ? null : d.attemptAt,
        evictions: d.evictions.map((e) => [e.graceSeconds, [...e.full], [...e.bestEffort]]),
      })),
      taintedAt: [...this.#taintedAt],
      queue: [...this.#queue].map(([group, deletions]) => [group, deletions.map(({ node }) => node)]),
      failed: [...this.#failed],
      batches: [...this.#batches].map(([group, { due, deletions }]) => [group, due, deletions.map(({ node }) => node)]),
      results: [...this.#results],
    };
  }

  restore(value: JsonValue): void {
    const saved = value as {
      lastStart: number | null;
      deletions: (Omit<Deletion, 'due' | 'attemptAt' | 'evictions' | 'over'> & {
        due: number | null;
        attemptAt: number | null;
        evictions: [number, number[], number[]][];
      })[];
      taintedAt: [number, number][];
      queue: [number, number[]][];
      failed: number[];
      batches: [number, number, number[]][];
      results: [number, DeletionResult][];
    };
    this.lastStart = saved.lastStart ?? -Infinity;
    for (const d of saved.deletions) {
      this.#deletions.push({
        ...d,
        due: d.due ?? Infinity,
        attemptAt: d.attemptAt ?? Number.NaN,
        evictions: d.evictions.map(([graceSeconds, full, bestEffort]) => ({ graceSeconds, full, bestEffort })),
        over: false,
      });
      this.#deleting.add(d.node);
    }
    const of = (nodes: readonly number[]): Deletion[] => nodes.map((node) => this.#deletions.find((d) => d.node === node)!);
    for (const [node, at] of saved.taintedAt) this.#taintedAt.set(node, at);
    for (const [group, nodes] of saved.queue) this.#queue.set(group, of(nodes));
    for (const group of saved.failed) this.#failed.add(group);
    for (const [group, due, nodes] of saved.batches) this.#batches.set(group, { due, deletions: of(nodes) });
    this.#results = new Map(saved.results);
  }

  /** The wait after the taint is over: look at the node's pods once more, then end it or begin to evict. */
  #afterTaint(deletion: Deletion, now: number, decisions: Decision[]): void {
    const { drain, node } = deletion;
    const { class: classes } = this.#context.view.pods;
    const rules = this.#rules!;
    const moving: number[] = [];
    const pods = this.#podsOf(node).filter((pod) => !this.#facts.expendable[classes[pod]]);
    if (drain) this.#budgets.set(this.#context.facts?.budgets?.() ?? []);
    if (!rules.judge(pods, now, moving, drain ? this.#budgets : undefined)) {
      const { pod, reason } = rules.verdict;
      this.#abandon(deletion, 'Internal', `pod ${this.#podName(pod)} keeps it: ${reason}`, decisions);
      return;
    }
    if (!drain && moving.length > 0) {
      this.#abandon(deletion, 'Internal', `pod ${this.#podName(moving[0])} came while it was to be removed as empty`, decisions);
      return;
    }
    if (!drain && rules.verdict.waits) {
      this.#abandon(deletion, 'Internal', 'a pod that must end by itself came while it was to be removed as empty', decisions);
      return;
    }
    const flag = this.#flags[drain ? 'daemonset-eviction-for-occupied-nodes' : 'daemonset-eviction-for-empty-nodes'];
    const isDaemon = (pod: number): boolean => this.#facts.daemonSet[classes[pod]];
    const evictable = pods.filter((pod) => !this.#facts.mirror[classes[pod]]);
    const daemons = evictable.filter((pod) => isDaemon(pod) && this.#evictsDaemon(classes[pod], flag));
    const others = drain ? evictable.filter((pod) => !isDaemon(pod)) : [];
    deletion.evictions =
      drain && this.#order.fullDaemonSets ? this.#order.groups([...others, ...daemons], []) : this.#order.groups(others, daemons);
    this.#nextGroup(deletion, deletion.due, decisions);
  }

  #evictsDaemon(podClass: number, byDefault: boolean): boolean {
    const wish = this.#context.view.classes.pods[podClass].spec.annotations[EVICT_DAEMON_SET];
    return wish === undefined ? byDefault : wish === 'true';
  }

  /** Goes on with the next pods to be evicted, or behind the last of them. */
  #nextGroup(deletion: Deletion, at: number, decisions: Decision[]): void {
    deletion.from = at;
    deletion.due = at;
    if (deletion.evictions.length > 0) {
      deletion.stage = STAGE.evicting;
      deletion.attemptAt = Number.NaN;
      this.#attempt(deletion, [...deletion.evictions[0].full, ...deletion.evictions[0].bestEffort], decisions);
      return;
    }
    deletion.stage = STAGE.delayed;
    const timeout = this.#flags['node-deletion-delay-timeout'];
    if (deletion.delayed && timeout > 0) deletion.due = at + Math.min(POLL, timeout);
    else this.#ready(deletion, at, decisions);
  }

  #goOn(deletion: Deletion, decisions: Decision[]): void {
    if (deletion.stage === STAGE.evicting) this.#evict(deletion, decisions);
    else if (deletion.stage === STAGE.waiting) this.#await(deletion, decisions);
    else if (deletion.stage === STAGE.delayed) this.#delay(deletion, decisions);
  }

  /** Asks for evictions; what became of them is looked at right after. Pods of a later group may have ended by themselves: those are through. */
  #attempt(deletion: Deletion, wanted: readonly number[], decisions: Decision[]): void {
    const [{ graceSeconds }] = deletion.evictions;
    const { class: classes } = this.#context.view.pods;
    deletion.attemptAt = deletion.due;
    const pods = wanted.filter((pod) => this.#isThere(pod, deletion.node));
    if (pods.length === 0) return;
    decisions.push({
      kind: 'drain',
      node: deletion.node,
      pods,
      graceSeconds: pods.map((pod) => {
        const own = this.#facts.grace[classes[pod]] / 1000;
        return graceSeconds > 0 ? Math.min(own, graceSeconds) : own;
      }),
      because: this.#reason(
        'ScaleDown',
        () => `evicting ${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} before the node goes`,
      ),
    });
  }

  /** Attempts come every 10 s, for as long as evictions may take; all of them are waited for. */
  #evict(deletion: Deletion, decisions: Decision[]): void {
    const [{ full, bestEffort }] = deletion.evictions;
    const refused = (pod: number): boolean =>
      this.#isThere(pod, deletion.node) && this.#context.view.pods.state[pod] !== POD.terminating;
    const waiting = full.filter(refused);
    const left = [...waiting, ...bestEffort.filter(refused)];
    if (left.length > 0 && deletion.due === deletion.attemptAt) {
      deletion.due += RETRY;
      return;
    }
    const patience = this.#flags['max-pod-eviction-time'];
    if (left.length > 0 && deletion.due < deletion.from + patience) {
      this.#attempt(deletion, left, decisions);
      return;
    }
    if (waiting.length > 0) {
      const why = `${waiting.length} of its pods could not be evicted within ${formatDuration(patience)}`;
      this.#abandon(deletion, 'FailedToEvictPods', why, decisions);
      return;
    }
    deletion.stage = STAGE.waiting;
    deletion.from = deletion.due;
    this.#await(deletion, decisions);
  }

  /** Waits until the pods are gone. */
  #await(deletion: Deletion, decisions: Decision[]): void {
    const [{ full, graceSeconds }] = deletion.evictions;
    const isLate = deletion.due >= deletion.from + graceSeconds * 1000 + HEADROOM;
    const left = full.filter((pod) => this.#isThere(pod, deletion.node)).length;
    if (left > 0 && isLate) {
      this.#abandon(deletion, 'FailedToEvictPods', `${left} of its pods were still there after their grace period`, decisions);
    } else if (left > 0) deletion.due += POLL;
    else {
      deletion.evictions.shift();
      this.#nextGroup(deletion, deletion.due, decisions);
    }
  }

  /** Waits while something wishes to delay the node's end, but not for ever. */
  #delay(deletion: Deletion, decisions: Decision[]): void {
    const { nodes, classes } = this.#context.view;
    const { annotations = {} } = classes.nodes[nodes.class[deletion.node]].shape;
    const end = deletion.from + this.#flags['node-deletion-delay-timeout'];
    const wished = Object.keys(annotations).some((key) => key.startsWith(DELAY_DELETION));
    if (wished && deletion.due < end) deletion.due = Math.min(deletion.due + POLL, end);
    else this.#ready(deletion, deletion.due, decisions);
  }

  /** The node may go: at once, with others of its group, or with the next batch. */
  #ready(deletion: Deletion, at: number, decisions: Decision[]): void {
    const { group } = deletion;
    const queue = [...(this.#queue.get(group) ?? []), deletion];
    deletion.stage = STAGE.queued;
    deletion.due = Infinity;
    this.#queue.set(group, queue);
    if (this.#parts.groupOptions[group].zeroOrMax) {
      if (this.#failed.has(group)) {
        this.#queue.delete(group);
        this.#release(deletion, 'FailedToDelete', 'other nodes of its group could not go', decisions);
        return;
      }
      if (queue.length < deletion.together) return;
    }
    this.#queue.delete(group);
    const interval = this.#flags['node-deletion-batcher-interval'];
    if (interval === 0) {
      this.#endMachines(queue, decisions);
      return;
    }
    for (const queued of queue) queued.stage = STAGE.batched;
    const batch = this.#batches.get(group);
    if (batch === undefined) this.#batches.set(group, { due: at + interval, deletions: queue });
    else batch.deletions.push(...queue);
  }

  #endMachines(deletions: readonly Deletion[], decisions: Decision[]): void {
    const [{ node, group, drain, startedAt }] = deletions;
    const { view } = this.#context;
    const { target, min } = this.#groups;
    const because = this.#reason(
      drain ? 'ScaleDown' : 'ScaleDownEmpty',
      () =>
        `ending ${view.nodeNames[node]}${deletions.length > 1 ? ` and ${deletions.length - 1} more` : ''}, ${drain ? 'drained' : 'empty'}, ` +
        `${formatDuration(view.now - startedAt)} after it was tainted: ` +
        `${this.#groups.name(group)} ${target[group]}->${target[group] - deletions.length} (min: ${min[group]})`,
    );
    const nodes = deletions.map((deletion) => deletion.node);
    if (this.#groups.end(nodes, because)) {
      this.#parts.delays.shrank(group, view.now);
      for (const deletion of deletions) this.#finish(deletion, 'Ok');
      return;
    }
    this.#parts.delays.failed(group, view.now);
    const why = `${this.#groups.name(group)} is at its minimum of ${min[group]}`;
    for (const deletion of deletions) this.#release(deletion, 'FailedToDelete', why, decisions);
  }

  /** Gives up on a node, and on others of its group that wait to go with it. */
  #abandon(deletion: Deletion, result: DeletionResult, why: string, decisions: Decision[]): void {
    const { group } = deletion;
    this.#failed.add(group);
    this.#release(deletion, result, why, decisions);
    for (const other of this.#queue.get(group) ?? []) {
      this.#release(other, 'FailedToDelete', 'other nodes of its group could not go', decisions);
    }
    this.#queue.delete(group);
  }

  /** A node stays: the taint and the cordon are taken back. */
  #release(deletion: Deletion, result: DeletionResult, why: string, decisions: Decision[]): void {
    const change: NodeChange = {
      removeTaints: [{ key: TAINT.toBeDeleted }],
      ...(this.#flags['cordon-node-before-terminating'] && { unschedulable: false }),
    };
    decisions.push({ kind: 'cordon', node: deletion.node, change, because: this.#reason('ScaleDownFailed', () => why) });
    this.#taintedAt.delete(deletion.node);
    this.#finish(deletion, result);
  }

  #finish(deletion: Deletion, result: DeletionResult): void {
    deletion.over = true;
    this.#deleting.delete(deletion.node);
    this.#results.set(deletion.node, result);
  }

  #isGone(node: number): boolean {
    const { state, terminating } = this.#context.view.nodes;
    return state[node] === NODE.gone || terminating[node] === 1;
  }

  #isThere(pod: number, node: number): boolean {
    const { view, facts } = this.#context;
    return view.pods.node[pod] === node || facts?.lingers?.(pod) === true;
  }

  #reason(code: string, message: () => string): Reason {
    return { code, message: this.#explain === 'off' ? '' : message() };
  }

  /** Pods of a node in order of their creation. */
  #podsOf(node: number): number[] {
    const { nodes, pods } = this.#context.view;
    const out: number[] = [];
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) out.push(pod);
    return out.sort((a, b) => a - b);
  }

  #podName(pod: number): string {
    return this.#explain === 'off' ? '' : this.#context.workload.podName(pod);
  }
}
