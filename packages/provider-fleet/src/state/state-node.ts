import { addLists, effectiveRequests, LABEL, type Labels, type ResourceList, TAINT, type Taint } from '@plimsoll/core';
import type { Condition, NodeClaimObject, NodeObject, PodObject } from './objects.ts';
import { isOwnedByDaemonSet } from './pod-state.ts';

const REGISTERED = 'karpenter.sh/registered';
const INITIALIZED = 'karpenter.sh/initialized';

/** What a pod asks for, itself counted as one pod. */
function podRequests(pod: PodObject): ResourceList {
  return { ...effectiveRequests(pod.spec), pods: 1 };
}

/**
 * A machine as Karpenter's cluster state holds it: its Node, its NodeClaim, or both, and the pods bound to it. Until a Node is
 * registered its NodeClaim speaks for it.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/state/statenode.go`.
 */
export class StateNode {
  node: NodeObject | undefined;
  nodeClaim: NodeClaimObject | undefined;
  /** Bound pods that have not ended. */
  readonly pods: PodObject[] = [];
  /** Marked by Karpenter itself, beside what the objects say. */
  marked = false;
  /** Milliseconds; 0 where it never was. */
  nominatedUntil = 0;
  /** How many volumes of a driver fit on it. */
  readonly volumeLimits = new Map<string, number>();

  get managed(): boolean {
    return this.nodeClaim !== undefined;
  }

  get registered(): boolean {
    return !this.managed || this.node?.labels[REGISTERED] === 'true';
  }

  get initialized(): boolean {
    return !this.managed || this.node?.labels[INITIALIZED] === 'true';
  }

  /** The Node's name once it is registered, else the NodeClaim's. */
  get name(): string {
    return this.#speaks.name;
  }

  get providerId(): string {
    return (this.node ?? (this.nodeClaim as NodeClaimObject)).providerId;
  }

  get labels(): Labels {
    return this.#speaks.labels;
  }

  get annotations(): Labels {
    return this.#speaks.annotations;
  }

  get hostName(): string {
    return this.labels[LABEL.hostname] || this.name;
  }

  get markedForDeletion(): boolean {
    const { node, nodeClaim } = this;
    if (this.marked) return true;
    if (nodeClaim === undefined) return node?.deletedAt !== undefined;
    return nodeClaim.deletedAt !== undefined || isTrue(nodeClaim.conditions, 'InstanceTerminating');
  }

  /** Taints that count: while a managed node starts, those that will go away by themselves do not. */
  get taints(): readonly Taint[] {
    const { node, nodeClaim } = this;
    const taints = nodeClaim !== undefined && (node === undefined || !this.registered) ? nodeClaim.taints : (node?.taints ?? []);
    if (this.initialized || nodeClaim === undefined) return taints;
    const startup = nodeClaim.startupTaints;
    return taints.filter(
      (taint) => !isEphemeral(taint) && !startup.some((s) => s.key === taint.key && s.effect === taint.effect),
    );
  }

  get allocatable(): ResourceList {
    return this.#amounts('allocatable');
  }

  /** Every machine has a capacity of one node. */
  get capacity(): ResourceList {
    return { ...this.#amounts('capacity'), nodes: 1 };
  }

  /** What its pods ask for. */
  get requests(): ResourceList {
    return addLists(...this.pods.map(podRequests));
  }

  /** What those of its pods ask for that DaemonSets own. */
  get daemonRequests(): ResourceList {
    return addLists(...this.pods.filter(isOwnedByDaemonSet).map(podRequests));
  }

  get #speaks(): NodeObject | NodeClaimObject {
    const { node, nodeClaim } = this;
    if (nodeClaim === undefined) return node as NodeObject;
    return node === undefined || !this.registered ? nodeClaim : node;
  }

  /** What the Node reports; while it starts, the claim fills in what is zero or missing. */
  #amounts(which: 'allocatable' | 'capacity'): ResourceList {
    const { node, nodeClaim } = this;
    if (node === undefined) return (nodeClaim as NodeClaimObject)[which];
    if (this.initialized || nodeClaim === undefined) return node[which];
    const out: Record<string, number> = { ...node[which] };
    for (const name of Object.keys(nodeClaim[which])) out[name] ||= nodeClaim[which][name];
    return out;
  }
}

/** Whether a condition is True. */
export function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** Taints that go away by themselves while a node starts. Source: Karpenter 1.14.1, `pkg/scheduling/taints.go`. */
function isEphemeral({ key, effect }: Taint): boolean {
  if (key === TAINT.notReady) return effect !== 'PreferNoSchedule';
  if (key === TAINT.unreachable) return effect === 'NoSchedule';
  if (key === TAINT.unregistered) return effect === 'NoExecute';
  if (key === 'node.cloudprovider.kubernetes.io/uninitialized') return effect === 'NoSchedule';
  return key.startsWith('readiness.k8s.io/');
}
