import { compareText, effectiveRequests, type NodeShape, type PodSpec, type ResourceList } from '@plimsoll/core';
import { isTerminal, type PodPhase } from '../pods/pod-state.ts';

/** What the descheduler reads of a container's status. */
export interface ContainerState {
  readonly restarts: number;
  readonly waitingReason?: string;
  readonly terminatedReason?: string;
  readonly exitCode?: number;
}

/** A pod, as the descheduler reads it. Times are milliseconds. */
export interface DeschedulerPod {
  readonly name: string;
  readonly nodeName: string;
  readonly spec: PodSpec;
  readonly phase: PodPhase;
  /** `status.reason`. */
  readonly reason?: string;
  readonly qosClass: 'BestEffort' | 'Burstable' | 'Guaranteed';
  readonly deleting: boolean;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly owners: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  readonly containers: readonly ContainerState[];
  readonly initContainers: readonly ContainerState[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly changedAt?: number;
  }[];
}

/** A node, as the descheduler reads it. */
export interface DeschedulerNode {
  readonly name: string;
  readonly shape: NodeShape;
  readonly ready: boolean;
}

/** Labels of a disruption budget's pods. */
export interface CoveringBudget {
  readonly namespace: string;
  covers(pod: DeschedulerPod): boolean;
}

/**
 * The cluster during one cycle. An evicted pod is seen as going from then on, by whoever lists pods anew.
 *
 * The real program takes nodes and pods in the order of a map; here nodes go by name and a node's pods by namespace and name.
 */
export class DeschedulerCluster {
  readonly nodes: readonly DeschedulerNode[];
  readonly budgets: readonly CoveringBudget[];
  readonly now: number;
  readonly #byNode = new Map<string, DeschedulerPod[]>();
  readonly #replicas = new Map<string, number>();
  readonly #requests = new WeakMap<PodSpec, ResourceList>();

  constructor(
    nodes: readonly DeschedulerNode[],
    pods: readonly DeschedulerPod[],
    { budgets = [], now }: { readonly budgets?: readonly CoveringBudget[]; readonly now: number },
  ) {
    this.nodes = [...nodes].sort((a, b) => compareText(a.name, b.name));
    this.budgets = budgets;
    this.now = now;
    for (const pod of [...pods].sort((a, b) => compareText(podKey(a), podKey(b)))) {
      const list = this.#byNode.get(pod.nodeName);
      if (list === undefined) this.#byNode.set(pod.nodeName, [pod]);
      else list.push(pod);
      for (const { uid } of pod.owners) this.#replicas.set(uid, (this.#replicas.get(uid) ?? 0) + 1);
    }
  }

  /** Nodes that are ready, cordoned or not. */
  get readyNodes(): readonly DeschedulerNode[] {
    return this.nodes.filter(({ ready }) => ready);
  }

  /** All pods of a node, finished ones too. */
  allPodsOn(node: string): readonly DeschedulerPod[] {
    return this.#byNode.get(node) ?? [];
  }

  /** The pods of a node that take room: neither succeeded nor failed. */
  podsOn(node: string): DeschedulerPod[] {
    return this.allPodsOn(node).filter((pod) => !isTerminal(pod));
  }

  /** How many pods name this owner. */
  replicasOf(uid: string): number {
    return this.#replicas.get(uid) ?? 0;
  }

  requests(pod: DeschedulerPod): ResourceList {
    let requests = this.#requests.get(pod.spec);
    if (requests === undefined) this.#requests.set(pod.spec, (requests = effectiveRequests(pod.spec)));
    return requests;
  }

  /** The pod's eviction was accepted. */
  markEvicted(pod: DeschedulerPod): void {
    const list = this.#byNode.get(pod.nodeName) ?? [];
    const index = list.findIndex((other) => podKey(other) === podKey(pod));
    if (index >= 0) list[index] = { ...list[index], deleting: true };
  }
}

function podKey({ name, spec }: DeschedulerPod): string {
  return `${spec.namespace}/${name}`;
}
