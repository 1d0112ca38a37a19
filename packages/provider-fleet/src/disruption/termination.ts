import { type ClusterView, type Decision, MINUTE, NODE, NONE, POD, type Reason, SECOND, type WorkloadView } from '@plimsoll/core';
import { DISRUPTED, type PodKinds } from '../pods/pod-kinds.ts';
import type { PodIntake } from '../provisioning/pod-intake.ts';

/** How often a drain is looked after, and how long it takes at least. Source: Karpenter 1.14.1, `pkg/controllers/node/termination`. */
const POLL = SECOND;
const DRAIN_MIN = 5 * SECOND;
/** Pods that outlive their deletion by this much are no longer waited for. */
const STUCK = MINUTE;
/** Grace period of a pod that names none, seconds. */
const GRACE_SECONDS = 30;

/** A node that is being deleted. */
interface Going {
  readonly node: number;
  readonly since: number;
  /** When its last pod is to be gone; null for never. */
  readonly deadline: number | null;
  nextAt: number;
  readonly because: Reason;
}

/**
 * Deletes nodes: taints, drains group by group (ordinary pods, ordinary daemons, critical pods, critical daemons), and ends the
 * machine once nothing is left to wait for and 5 s have passed. A machine without a Node ends at once.
 *
 * Where there is a deadline each pod is deleted so long before it as the pod may take to stop, whatever protects the pod and whichever
 * group's turn it is.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/node/termination/controller.go`, `terminator/terminator.go`.
 */
export class Terminations {
  readonly #view: ClusterView;
  readonly #kinds: PodKinds;
  readonly #intake: PodIntake;
  readonly #workload: WorkloadView;
  readonly #going = new Map<number, Going>();

  constructor(view: ClusterView, kinds: PodKinds, intake: PodIntake, workload: WorkloadView) {
    this.#view = view;
    this.#kinds = kinds;
    this.#intake = intake;
    this.#workload = workload;
  }

  /** When the next drain is to be looked after. */
  get nextAt(): number {
    let next = Infinity;
    for (const going of this.#going.values()) next = Math.min(next, going.nextAt);
    return next;
  }

  has(node: number): boolean {
    return this.#going.has(node);
  }

  /** Starts to delete a node; its first steps are taken by {@link step}. */
  begin(node: number, now: number, graceMs: number | undefined, because: Reason): void {
    if (this.#going.has(node)) return;
    this.#going.set(node, { node, since: now, deadline: graceMs === undefined ? null : now + graceMs, nextAt: now, because });
  }

  /** Takes every step that is due. */
  step(now: number, out: Decision[]): void {
    for (const going of this.#going.values()) if (going.nextAt <= now) this.#advance(going, now, out);
  }

  snapshot(): readonly Going[] {
    return [...this.#going.values()].map((going) => ({ ...going }));
  }

  restore(saved: readonly Going[]): void {
    for (const going of saved) this.#going.set(going.node, { ...going });
  }

  #advance(going: Going, now: number, out: Decision[]): void {
    const { node, because } = going;
    const { nodes } = this.#view;
    const state = nodes.state[node];
    if (state === NODE.gone || nodes.terminating[node] === 1) {
      this.#going.delete(node);
      return;
    }
    if (state === NODE.ordered || state === NODE.running) {
      this.#end(going, out);
      return;
    }
    if (!this.#isTainted(node)) out.push({ kind: 'cordon', node, change: { addTaints: [DISRUPTED] }, because });
    const waiting = this.#waiting(node, now);
    if (waiting.length === 0) {
      if (now >= going.since + DRAIN_MIN) this.#end(going, out);
      else going.nextAt = going.since + DRAIN_MIN;
      return;
    }
    const late = this.#late(going, waiting, now);
    if (late.length > 0) {
      const seconds = Math.max(1, Math.floor(((going.deadline ?? now) - now) / SECOND));
      out.push({ kind: 'drain', node, pods: late, graceSeconds: late.map(() => seconds), force: true, because });
    }
    const { state: podState, class: podClass } = this.#view.pods;
    const evictable = this.#firstGroup(waiting).filter((pod) => {
      if (podState[pod] === POD.terminating || late.includes(pod)) return false;
      return !this.#intake.isProtected(pod, this.#kinds.of(podClass[pod])) && !this.#workload.evictionBlocked(pod);
    });
    if (evictable.length > 0) out.push({ kind: 'drain', node, pods: evictable, because });
    going.nextAt = now + POLL;
  }

  #end({ node, because }: Going, out: Decision[]): void {
    out.push({ kind: 'terminate', node, because });
    this.#going.delete(node);
  }

  /** Pods that the node cannot go before. */
  #waiting(node: number, now: number): number[] {
    const { class: podClass, next, deletedAt, state } = this.#view.pods;
    const pods: number[] = [];
    for (let pod = this.#view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
      if (this.#kinds.of(podClass[pod]).toleratesDisruption) continue;
      if (state[pod] === POD.terminating && now > deletedAt[pod] + this.#graceOf(pod) + STUCK) continue;
      pods.push(pod);
    }
    return pods;
  }

  /** Those that must be deleted now to have all of their time to stop before the deadline. */
  #late({ deadline }: Going, waiting: readonly number[], now: number): number[] {
    if (deadline === null) return [];
    const { state } = this.#view.pods;
    return waiting.filter((pod) => state[pod] !== POD.terminating && now > deadline - this.#graceOf(pod));
  }

  /** Pods of the first group that still has any. */
  #firstGroup(waiting: readonly number[]): number[] {
    const groupOf = (pod: number): number => this.#kinds.of(this.#view.pods.class[pod]).drainGroup;
    const first = Math.min(...waiting.map(groupOf));
    return waiting.filter((pod) => groupOf(pod) === first);
  }

  /** How long a pod may take to stop, milliseconds. */
  #graceOf(pod: number): number {
    const { spec } = this.#view.classes.pods[this.#view.pods.class[pod]];
    return (spec.gracePeriodSeconds ?? GRACE_SECONDS) * SECOND;
  }

  #isTainted(node: number): boolean {
    const { taints } = this.#view.classes.nodes[this.#view.nodes.class[node]].shape;
    return taints.some((taint) => taint.key === DISRUPTED.key);
  }
}
