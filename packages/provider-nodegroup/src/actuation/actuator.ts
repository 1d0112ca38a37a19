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
import type { NodeGroups } from '../groups/node-groups.ts';
import type { Flags } from '../options/flags.ts';
import { DRAIN, type PodFacts } from '../pods/pod-facts.ts';
import type { DrainRules } from '../scale-down/drain-rules.ts';

/** Between looks at whether a node's pods are gone, and between attempts to evict. Source: `core/scaledown/actuation/drain.go`. */
const POLL = 5000;
const RETRY = 10_000;
/** How much longer than the longest grace period a node's pods are waited for. Same source. */
const HEADROOM = 30_000;

const STAGE = { tainted: 0, evicting: 1, waiting: 2 } as const;

/** One node on its way out. */
interface Deletion {
  readonly node: number;
  readonly group: number;
  readonly drain: boolean;
  readonly startedAt: number;
  stage: number;
  /** When the next step is due. */
  due: number;
  /** When eviction began; NaN before. */
  evictingFrom: number;
  /** When the last of its pods was on its way; NaN before. */
  evictedAt: number;
}

/**
 * Takes nodes out of service, step by step: taint and cordon, wait, evict, wait for the pods to go, end the machine. Source: Cluster Autoscaler
 * 1.37, `core/scaledown/actuation`.
 */
export class Actuator {
  /** When the last removal began; −Infinity before. */
  lastStart = -Infinity;
  readonly #context: ProviderContext;
  readonly #flags: Flags;
  readonly #facts: PodFacts;
  readonly #groups: NodeGroups;
  readonly #explain: ExplainLevel;
  #rules: DrainRules | undefined;
  #deletions: Deletion[] = [];
  readonly #deleting = new Set<number>();

  constructor(context: ProviderContext, flags: Flags, facts: PodFacts, groups: NodeGroups) {
    this.#context = context;
    this.#flags = flags;
    this.#facts = facts;
    this.#groups = groups;
    this.#explain = context.explain;
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

  /** Whether a node is on its way out, its machine's end included. */
  isDeleting(node: number): boolean {
    return this.#deleting.has(node) || this.#context.view.nodes.terminating[node] === 1;
  }

  /** When the next step is due; Infinity where there is none. */
  get due(): number {
    let due = Infinity;
    for (const deletion of this.#deletions) if (deletion.due < due) due = deletion.due;
    return due;
  }

  /** Begins to remove a node. */
  start(node: number, group: number, drain: boolean, now: number, because: Reason, decisions: Decision[]): void {
    const change: NodeChange = {
      addTaints: [{ key: TAINT.toBeDeleted, effect: 'NoSchedule' }],
      ...(this.#flags['cordon-node-before-terminating'] && { unschedulable: true }),
    };
    decisions.push({ kind: 'cordon', node, change, because });
    this.#deletions.push({
      node,
      group,
      drain,
      startedAt: now,
      stage: STAGE.tainted,
      due: now + this.#flags['node-delete-delay-after-taint'],
      evictingFrom: Number.NaN,
      evictedAt: Number.NaN,
    });
    this.#deleting.add(node);
    this.lastStart = now;
  }

  /** Takes every step that is due. */
  step(now: number, decisions: Decision[]): void {
    for (const deletion of this.#deletions) {
      if (deletion.due > now) continue;
      if (
        this.#context.view.nodes.state[deletion.node] === NODE.gone ||
        this.#context.view.nodes.terminating[deletion.node] === 1
      ) {
        deletion.due = Infinity;
      } else if (deletion.stage === STAGE.tainted) this.#afterTaint(deletion, now, decisions);
      else if (deletion.stage === STAGE.evicting) this.#evict(deletion, now, decisions);
      else this.#await(deletion, now, decisions);
    }
    this.#deletions = this.#deletions.filter((deletion) => {
      if (deletion.due !== Infinity) return true;
      this.#deleting.delete(deletion.node);
      return false;
    });
  }

  /** Pods that a drain is about to evict: scale-up looks for their next place already. */
  drainedPods(out: number[]): void {
    const { pods } = this.#context.view;
    for (const { node, drain } of this.#deletions) {
      if (!drain) continue;
      for (const pod of this.#podsOf(node)) {
        const podClass = pods.class[pod];
        if (pods.state[pod] !== POD.terminating && this.#facts.controlled[podClass] && !this.#facts.daemonSet[podClass])
          out.push(pod);
      }
    }
  }

  snapshot(): JsonValue {
    return {
      lastStart: Number.isFinite(this.lastStart) ? this.lastStart : null,
      deletions: this.#deletions.map((d) => [
        d.node,
        d.group,
        d.drain,
        d.startedAt,
        d.stage,
        d.due,
        Number.isNaN(d.evictingFrom) ? null : d.evictingFrom,
        Number.isNaN(d.evictedAt) ? null : d.evictedAt,
      ]),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as {
      lastStart: number | null;
      deletions: [number, number, boolean, number, number, number, number | null, number | null][];
    };
    this.lastStart = saved.lastStart ?? -Infinity;
    for (const [node, group, drain, startedAt, stage, due, evictingFrom, evictedAt] of saved.deletions) {
      this.#deletions.push({
        node,
        group,
        drain,
        startedAt,
        stage,
        due,
        evictingFrom: evictingFrom ?? Number.NaN,
        evictedAt: evictedAt ?? Number.NaN,
      });
      this.#deleting.add(node);
    }
  }

  /** The wait after the taint is over: look at the node's pods once more, then end it or begin to evict. */
  #afterTaint(deletion: Deletion, now: number, decisions: Decision[]): void {
    const moving: number[] = [];
    const rules = this.#rules!;
    const free = rules.judge(this.#podsOf(deletion.node), now, moving);
    if (!free) this.#abandon(deletion, `pod ${this.#podName(rules.verdict.pod)} keeps it: ${rules.verdict.reason}`, decisions);
    else if (!deletion.drain && moving.length > 0) {
      this.#abandon(deletion, `pod ${this.#podName(moving[0])} came while it was to be removed as empty`, decisions);
    } else if (!deletion.drain) this.#end(deletion, decisions);
    else {
      deletion.stage = STAGE.evicting;
      deletion.evictingFrom = now;
      this.#evict(deletion, now, decisions);
    }
  }

  /** Asks for the eviction of every pod that is not on its way yet. Attempts come every 10 s, for as long as evictions may take. */
  #evict(deletion: Deletion, now: number, decisions: Decision[]): void {
    const { pods } = this.#context.view;
    const waiting: number[] = [];
    const extra: number[] = [];
    for (const pod of this.#podsOf(deletion.node)) {
      if (pods.state[pod] === POD.terminating) continue;
      const rule = this.#facts.drain[pods.class[pod]];
      if (rule === DRAIN.skip) continue;
      if (rule !== DRAIN.daemonSet) waiting.push(pod);
      else if (deletion.evictingFrom === now && this.#flags['daemonset-eviction-for-occupied-nodes']) extra.push(pod);
    }
    const attempt = (now - deletion.evictingFrom) % RETRY === 0;
    if (waiting.length === 0 && extra.length === 0) {
      // All are on their way: whether they are gone is looked at once now and then every 5 s.
      deletion.stage = STAGE.waiting;
      deletion.evictedAt = deletion.evictingFrom === now ? now : now - POLL;
      this.#await(deletion, now, decisions);
      return;
    }
    if (attempt && now >= deletion.evictingFrom + this.#flags['max-pod-eviction-time']) {
      this.#abandon(
        deletion,
        `${waiting.length} of its pods could not be evicted within ${formatDuration(this.#flags['max-pod-eviction-time'])}`,
        decisions,
      );
      return;
    }
    if (attempt) {
      decisions.push({
        kind: 'drain',
        node: deletion.node,
        pods: [...waiting, ...extra],
        because: this.#reason(
          'ScaleDown',
          () => `evicting ${waiting.length} ${waiting.length === 1 ? 'pod' : 'pods'} before the node goes`,
        ),
      });
    }
    deletion.due = now + POLL;
  }

  /** Ends the machine once the node's pods are gone. */
  #await(deletion: Deletion, now: number, decisions: Decision[]): void {
    const { pods } = this.#context.view;
    const left = this.#podsOf(deletion.node).filter((pod) => this.#facts.drain[pods.class[pod]] > DRAIN.daemonSet).length;
    if (left === 0) {
      this.#end(deletion, decisions);
      return;
    }
    if (now >= deletion.evictedAt + this.#flags['max-graceful-termination-sec'] * 1000 + HEADROOM) {
      this.#abandon(deletion, `${left} of its pods were still there after their grace period`, decisions);
      return;
    }
    deletion.due = now + POLL;
  }

  #end(deletion: Deletion, decisions: Decision[]): void {
    const { node, group, drain, startedAt } = deletion;
    const { view } = this.#context;
    const because = this.#reason(
      drain ? 'ScaleDown' : 'ScaleDownEmpty',
      () =>
        `ending ${view.nodeNames[node]}, ${drain ? 'drained' : 'empty'}, ${formatDuration(view.now - startedAt)} after it was tainted: ` +
        `${this.#groups.name(group)} ${this.#groups.target[group]}->${this.#groups.target[group] - 1} (min: ${this.#groups.min[group]})`,
    );
    if (this.#groups.end(node, because)) deletion.due = Infinity;
    else this.#abandon(deletion, `${this.#groups.name(group)} is at its minimum of ${this.#groups.min[group]}`, decisions);
  }

  /** Gives up on a node: the taint and the cordon are taken back. */
  #abandon(deletion: Deletion, why: string, decisions: Decision[]): void {
    deletion.due = Infinity;
    const change: NodeChange = {
      removeTaints: [{ key: TAINT.toBeDeleted }],
      ...(this.#flags['cordon-node-before-terminating'] && { unschedulable: false }),
    };
    decisions.push({ kind: 'cordon', node: deletion.node, change, because: this.#reason('ScaleDownFailed', () => why) });
  }

  #reason(code: string, message: () => string): Reason {
    return { code, message: this.#explain === 'off' ? '' : message() };
  }

  #podsOf(node: number): number[] {
    const { nodes, pods } = this.#context.view;
    const out: number[] = [];
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) out.push(pod);
    return out;
  }

  #podName(pod: number): string {
    return this.#explain === 'off' ? '' : this.#context.workload.podName(pod);
  }
}
