import type { Classes, NodeChange } from '../model/classes.ts';
import type { Cluster } from './cluster.ts';
import type { ReadonlyColumn } from './columns.ts';
import type { Journal } from './journal.ts';

/** Names of columns, all readable and none writable. */
export type ReadonlyColumns<T> = { readonly [K in keyof T]: ReadonlyColumn };

/**
 * The cluster as brains see it: everything readable, nothing writable. Fetch columns anew after anything may have been added.
 */
export interface ClusterView {
  readonly classes: Classes;
  readonly journal: Pick<Journal, 'start' | 'end' | 'at'>;
  readonly now: number;
  readonly pods: ReadonlyColumns<Cluster['pods']>;
  readonly nodes: ReadonlyColumns<Cluster['nodes']>;
  readonly nodeNames: readonly string[];
  /** Use of resource r on node n at `n * stride + r`. */
  readonly used: ReadonlyColumn;
  readonly stride: number;
  readonly podCount: number;
  readonly nodeCount: number;
  /** Head of the list of pending pods, linked by `pods.next`. */
  readonly firstPending: number;
  readonly pendingCount: number;
  /** Head of the list of nodes that have a Node object, linked by `nodes.next`. */
  readonly firstNode: number;
  readonly registeredCount: number;
  /** Runs a what-if on the live state and takes everything back. Nothing of it is logged. */
  speculate<T>(body: (whatIf: WhatIf) => T): T;
}

/** What may be tried inside a what-if. */
export interface WhatIf {
  /** Puts a pending pod on a node. Throws where it exceeds what is allocatable. */
  bind(pod: number, node: number): void;
  /** Takes a pod off its node and makes it pending, at the end of the pending list. */
  unbind(pod: number): void;
  /** Adds a ready node that does not exist; returns its row. */
  imagineNode(nodeClass: number, name: string, offering?: number, group?: number): number;
  /** Takes a node off the list of registered nodes; its pods stay on it until they are unbound. */
  hideNode(node: number): void;
  /** Changes a node's taints, labels or cordon. */
  changeNode(node: number, change: NodeChange): void;
  /** A point to {@link WhatIf.revertTo}. */
  mark(): number;
  revertTo(mark: number): void;
}

/** A view of a cluster that has no way to write to it. */
export function viewOf(cluster: Cluster): ClusterView {
  // A brain may keep this object beyond its what-if; by then it must be good for nothing.
  const assertOpen = (): void => {
    if (!cluster.speculating) throw new Error('the what-if is over');
  };
  const whatIf: WhatIf = {
    bind: (pod, node) => {
      assertOpen();
      cluster.bind(pod, node);
    },
    unbind: (pod) => cluster.unbind(pod),
    imagineNode: (nodeClass, name, offering = -1, group = -1) => cluster.imagineNode(nodeClass, name, offering, group),
    hideNode: (node) => cluster.hideNode(node),
    changeNode: (node, change) => {
      assertOpen();
      cluster.changeNode(node, change);
    },
    mark: () => cluster.mark(),
    revertTo: (mark) => cluster.revertTo(mark),
  };
  return {
    classes: cluster.classes,
    journal: cluster.journal,
    get now() {
      return cluster.now;
    },
    get pods() {
      return cluster.pods;
    },
    get nodes() {
      return cluster.nodes;
    },
    nodeNames: cluster.nodeNames,
    get used() {
      return cluster.used;
    },
    get stride() {
      return cluster.stride;
    },
    get podCount() {
      return cluster.podCount;
    },
    get nodeCount() {
      return cluster.nodeCount;
    },
    get firstPending() {
      return cluster.firstPending;
    },
    get pendingCount() {
      return cluster.pendingCount;
    },
    get firstNode() {
      return cluster.firstNode;
    },
    get registeredCount() {
      return cluster.registeredCount;
    },
    speculate: (body) => cluster.speculate(() => body(whatIf)),
  };
}
