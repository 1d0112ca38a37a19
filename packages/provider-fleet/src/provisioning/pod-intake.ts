import { type ClusterFacts, type ClusterView, NONE, POD } from '@plimsoll/core';
import type { PodBudgets } from '../disruption/pod-budgets.ts';
import type { FleetNodes } from '../nodes/fleet-nodes.ts';
import type { PodKind, PodKinds } from '../pods/pod-kinds.ts';
import { ORIGIN } from './solver.ts';

/** Rows above this would not fit into the sort key beside the rank. */
const ROWS = 2 ** 31;

/** Pods in queue order, with where each comes from. */
export interface PodQueue {
  readonly pods: readonly number[];
  readonly origins: readonly number[];
}

/**
 * Which pods are planned for: those that the scheduler has reported unschedulable and that are still pending, and those that run
 * on nodes marked for deletion and would have to go elsewhere. In the queue: CPU descending, memory descending, creation, row.
 *
 * Source: Karpenter 1.14.1, `pkg/utils/pod/scheduling.go`, `pkg/controllers/provisioning/provisioner.go`.
 */
export class PodIntake {
  readonly #view: ClusterView;
  readonly #fleet: FleetNodes;
  readonly #kinds: PodKinds;
  readonly #budgets: PodBudgets;
  readonly #facts: ClusterFacts | undefined;

  constructor(view: ClusterView, fleet: FleetNodes, kinds: PodKinds, budgets: PodBudgets, facts?: ClusterFacts) {
    this.#facts = facts;
    this.#budgets = budgets;
    this.#view = view;
    this.#fleet = fleet;
    this.#kinds = kinds;
  }

  /** Whether a pod waits for capacity. */
  isProvisionable(pod: number): boolean {
    const { pods } = this.#view;
    if (pods.state[pod] !== POD.pending || pods.unschedulable[pod] !== 1) return false;
    return !this.#kinds.of(pods.class[pod]).daemon && !this.isPreempting(pod);
  }

  /** Whether the scheduler keeps a node for the pod, where others are on their way out for it. */
  isPreempting(pod: number): boolean {
    return (this.#facts?.nominatedNode?.(pod) ?? NONE) !== NONE;
  }

  /** Whether a pod on a node would be planned for elsewhere if the node went. */
  isReschedulable(pod: number): boolean {
    const { pods } = this.#view;
    const kind = this.#kinds.of(pods.class[pod]);
    if (kind.daemon) return false;
    if (pods.state[pod] === POD.terminating) return kind.stateful;
    return !this.isProtected(pod, kind) && !this.#budgets.neverAllow(pod);
  }

  /** Whether an annotation forbids to disrupt the pod now. */
  isProtected(pod: number, kind: PodKind): boolean {
    if (kind.protectedMs === 0) return false;
    const { startedAt, state } = this.#view.pods;
    if (state[pod] === POD.terminating) return false;
    return kind.protectedMs === Infinity || Number.isNaN(startedAt[pod]) || this.#view.now - startedAt[pod] < kind.protectedMs;
  }

  /** Whether there may be more to plan for later though nothing happens: a protection on a node that is going may run out. */
  mayGrow(): boolean {
    const { pods, nodes } = this.#view;
    for (const node of this.#fleet.going) {
      for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) {
        const kind = this.#kinds.of(pods.class[pod]);
        if (kind.protectedMs !== Infinity && this.isProtected(pod, kind)) return true;
      }
    }
    return false;
  }

  /** Everything to plan for now. */
  collect(): PodQueue {
    const rows: number[] = [];
    const origins = new Map<number, number>();
    const { pods, nodes } = this.#view;
    for (let pod = this.#view.firstPending; pod !== NONE; pod = pods.next[pod]) {
      if (pods.unschedulable[pod] !== 1 || this.#kinds.of(pods.class[pod]).invalid || this.isPreempting(pod)) continue;
      rows.push(pod);
    }
    for (const node of this.#fleet.going) {
      for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) {
        if (!this.isReschedulable(pod) || this.#kinds.of(pods.class[pod]).invalid) continue;
        rows.push(pod);
        origins.set(pod, ORIGIN.deleting);
      }
    }
    const sorted = this.sort(rows);
    return { pods: sorted, origins: sorted.map((pod) => origins.get(pod) ?? ORIGIN.pending) };
  }

  /** Pods of a node that would have to go elsewhere. */
  reschedulable(node: number): number[] {
    const { pods, nodes } = this.#view;
    const rows: number[] = [];
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) if (this.isReschedulable(pod)) rows.push(pod);
    return rows;
  }

  /** Pods in queue order. Rows grow with time of creation, so the row settles both. */
  sort(rows: readonly number[]): number[] {
    const podClass = this.#view.pods.class;
    const keys = new Float64Array(rows.length);
    // Ranks are settled once every class is known.
    for (let i = 0; i < rows.length; i++) this.#kinds.of(podClass[rows[i]]);
    for (let i = 0; i < rows.length; i++) keys[i] = this.#kinds.rank(podClass[rows[i]]) * ROWS + rows[i];
    keys.sort();
    const sorted: number[] = [];
    for (let i = 0; i < keys.length; i++) sorted.push(keys[i] % ROWS);
    return sorted;
  }

  /** Two queues as one. */
  merge(a: PodQueue, b: PodQueue): PodQueue {
    const podClass = this.#view.pods.class;
    const key = (pod: number): number => this.#kinds.rank(podClass[pod]) * ROWS + pod;
    const pods: number[] = [];
    const origins: number[] = [];
    let i = 0;
    let j = 0;
    while (i < a.pods.length || j < b.pods.length) {
      const first = j >= b.pods.length || (i < a.pods.length && key(a.pods[i]) < key(b.pods[j]));
      const [from, at] = first ? [a, i++] : [b, j++];
      pods.push(from.pods[at]);
      origins.push(from.origins[at]);
    }
    return { pods, origins };
  }
}
