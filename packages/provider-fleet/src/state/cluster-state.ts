import { compareText, LABEL } from '@plimsoll/core';
import type { ClusterObjects, NodeObject, PodObject } from './objects.ts';
import { isTerminal } from './pod-state.ts';
import { StateNode } from './state-node.ts';

/**
 * The machines of a cluster, put together from Nodes, NodeClaims and pods.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/state/cluster.go`.
 */
export class ClusterState {
  readonly objects: ClusterObjects;
  /** In order of name. */
  readonly nodes: readonly StateNode[];
  readonly #byNodeName = new Map<string, StateNode>();
  readonly #nodeObjects: ReadonlyMap<string, NodeObject>;

  constructor(objects: ClusterObjects) {
    this.objects = objects;
    this.#nodeObjects = new Map(objects.nodes.map((node) => [node.name, node]));
    const byProvider = new Map<string, StateNode>();
    const at = (providerId: string): StateNode => {
      let node = byProvider.get(providerId);
      if (node === undefined) byProvider.set(providerId, (node = new StateNode()));
      return node;
    };
    for (const claim of objects.nodeClaims) if (claim.providerId !== '') at(claim.providerId).nodeClaim = claim;
    const csiNodes = new Map(objects.csiNodes.map((csi) => [csi.name, csi]));
    for (const node of objects.nodes) {
      const providerId = placeOf(node);
      if (providerId === undefined) continue;
      const stateNode = at(providerId);
      stateNode.node = node;
      this.#byNodeName.set(node.name, stateNode);
      for (const { name, count } of csiNodes.get(node.name)?.drivers ?? []) {
        if (count !== undefined) stateNode.volumeLimits.set(name, count);
      }
    }
    for (const pod of objects.pods) {
      if (pod.nodeName !== undefined && !isTerminal(pod)) this.#byNodeName.get(pod.nodeName)?.pods.push(pod);
    }
    this.nodes = [...byProvider.values()].sort((a, b) => compareText(a.name, b.name));
  }

  /** The machine whose Node has a name. */
  nodeNamed(name: string): StateNode | undefined {
    return this.#byNodeName.get(name);
  }

  /** A Node by name, also one that no machine stands for. */
  nodeObject(name: string): NodeObject | undefined {
    return this.#nodeObjects.get(name);
  }

  /** All pods bound to a Node, also those that have ended. */
  podsOn(name: string): readonly PodObject[] {
    return this.objects.pods.filter((pod) => pod.nodeName === name);
  }
}

/**
 * Under which provider id a Node is kept; undefined where it is not: a managed one without an id, or one that waits for the label of
 * its instance type.
 */
function placeOf({ labels, name, providerId }: NodeObject): string | undefined {
  const managed = (labels[LABEL.nodePool] ?? '') !== '';
  if (providerId === '') return managed ? undefined : name;
  const waits = managed && (labels[LABEL.instanceType] ?? '') === '' && (labels['karpenter.sh/initialized'] ?? '') === '';
  return waits ? undefined : providerId;
}
