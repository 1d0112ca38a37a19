import type { ClusterView } from '@plimsoll/core';
import { CPU, LABEL, MEMORY, matchesSelector, NONE } from '@plimsoll/core';
import type { Template } from '../groups/templates.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import { AMONG, type ClusterSnapshot, NODE_KIND } from '../snapshot/cluster-snapshot.ts';
import type { EquivalenceGroups } from './equivalence-groups.ts';

/** What an estimation came to. */
export interface Estimate {
  /** Nodes that received a pod. */
  readonly nodes: number;
  readonly pods: number;
  /** By equivalence group: how many of its pods found a place; always its first ones. */
  readonly packed: readonly number[];
  /** Equivalence groups in the order in which they were placed. */
  readonly order: readonly number[];
}

/** What is estimated. */
export interface EstimateRequest {
  readonly template: Template;
  readonly group: number;
  readonly pods: EquivalenceGroups;
  /** Equivalence groups to place, in their order. */
  readonly schedulable: readonly number[];
  /** How many nodes may be added. */
  readonly maxNodes: number;
  /** Counts the nodes for one equivalence group instead of filling them. */
  readonly fastPath?: boolean;
}

/**
 * How many nodes of a template the pods need: largest first, each on a node added before or else on the last one, or else on a new one.
 *
 * Source: Cluster Autoscaler 1.37, `estimator/binpacking_estimator.go`, `decreasing_pod_orderer.go`. Works on a fork of the snapshot, which is
 * taken back; the cursor of searches stays where it came to.
 */
export class Estimator {
  readonly #view: ClusterView;
  readonly #facts: PodFacts;
  readonly #snapshot: ClusterSnapshot;
  /** By pod class: slots before this one are known to be full for the class. Holds while space only shrinks. */
  #fullBefore = new Int32Array(64);

  constructor(view: ClusterView, facts: PodFacts, snapshot: ClusterSnapshot) {
    this.#view = view;
    this.#facts = facts;
    this.#snapshot = snapshot;
  }

  estimate({ template, group, pods, schedulable, maxNodes, fastPath = false }: EstimateRequest): Estimate {
    const snapshot = this.#snapshot;
    const facts = this.#facts;
    const packed: number[] = new Array(pods.count).fill(0);
    let placed = 0;
    const mark = snapshot.mark();
    snapshot.beginEstimation();
    const addedFrom = snapshot.count;
    // Only without constraints does a node that refused a class refuse it for good.
    const plain = !facts.anyConstrained;
    if (this.#fullBefore.length < this.#view.classes.pods.length)
      this.#fullBefore = new Int32Array(this.#view.classes.pods.length * 2);
    else this.#fullBefore.fill(0);
    let added = 0;
    let refused = false;
    let elsewhere: Set<number> | undefined;
    let counted = 0;
    let order = this.#decreasing(pods, schedulable, template);
    const fast = fastPath ? this.#worthCounting(pods, order, template) : NONE;
    if (fast !== NONE) order = [...order.filter((g) => g !== fast), fast];
    const add = (): number => {
      added++;
      return snapshot.addImagined({
        nodeClass: template.nodeClass,
        used: template.used,
        group,
        kind: NODE_KIND.added,
        name: `template-node-for-estimation-${group}-${added - 1}`,
      });
    };
    for (const g of order) {
      const podClass = pods.podClass[g];
      const end = pods.start[g + 1];
      let next = pods.start[g];
      // Nodes added before, until the first failure: the group's pods are interchangeable.
      if (added > 0) {
        for (; next < end; next++) {
          const slot = snapshot.find(podClass, AMONG.added, this.#fullBefore[podClass]);
          if (slot === NONE) {
            if (plain) this.#fullBefore[podClass] = snapshot.order[snapshot.count - 1] + 1;
            break;
          }
          snapshot.place(pods.pods[next], podClass, slot);
        }
      }
      if (g === fast && next < end && !refused) {
        const first = next;
        if (added >= maxNodes) refused = true;
        else {
          const slot = add();
          while (next < end && snapshot.fits(podClass, slot)) snapshot.place(pods.pods[next++], podClass, slot);
          const perNode = next - first;
          while (perNode > 0 && next < end && added + counted < maxNodes) {
            counted++;
            next = Math.min(end, next + perNode);
          }
        }
        refused = true;
      }
      // New nodes, one after another. Once the limit has refused one, no later group asks again.
      while (next < end && !refused) {
        const last = added > 0 ? snapshot.order[snapshot.count - 1] : NONE;
        if (last !== NONE) {
          if (snapshot.fits(podClass, last)) {
            snapshot.place(pods.pods[next++], podClass, last);
            continue;
          }
          if (facts.hostSpread[podClass] && this.#spreadRefused(podClass, last)) {
            const slot = snapshot.find(podClass, AMONG.allButLast);
            if (slot !== NONE) {
              snapshot.place(pods.pods[next++], podClass, slot);
              if (snapshot.kind[slot] !== NODE_KIND.added) (elsewhere ??= new Set()).add(slot);
              continue;
            }
          }
          if (plain) this.#fullBefore[podClass] = last + 1;
          // A fresh node would be the same as this one.
          if (!snapshot.received(last)) break;
        }
        if (added >= maxNodes) {
          refused = true;
          break;
        }
        const slot = add();
        if (!snapshot.fits(podClass, slot)) break;
        snapshot.place(pods.pods[next++], podClass, slot);
      }
      packed[g] = next - pods.start[g];
      placed += packed[g];
    }
    let nodes = (elsewhere?.size ?? 0) + counted;
    for (let i = addedFrom; i < snapshot.count; i++) if (snapshot.received(snapshot.order[i])) nodes++;
    snapshot.revertTo(mark);
    return { nodes, pods: placed, packed, order };
  }

  /** Largest first: by the sum of the shares of a node's CPU and memory that a pod takes; equal ones keep their order. */
  #decreasing(pods: EquivalenceGroups, schedulable: readonly number[], template: Template): readonly number[] {
    const { allocatable } = this.#view.classes.nodes[template.nodeClass];
    const facts = this.#facts;
    const score = new Float64Array(pods.count);
    for (const g of schedulable) {
      const podClass = pods.podClass[g];
      let sum = 0;
      if (allocatable[CPU] > 0) sum += facts.cpu[podClass] / allocatable[CPU];
      if (allocatable[MEMORY] > 0) sum += facts.memory[podClass] / allocatable[MEMORY];
      score[g] = sum;
    }
    return [...schedulable].sort((a, b) => score[b] - score[a]);
  }

  /**
   * The equivalence group of which counting spares most trials, the last of equals; NONE where none may be counted. Only the first container's
   * requests are looked at, against capacity.
   */
  #worthCounting(pods: EquivalenceGroups, order: readonly number[], template: Template): number {
    const { capacity } = this.#view.classes.nodes[template.nodeClass];
    let best: number = NONE;
    let most = 0;
    for (const g of order) {
      const { spec } = this.#view.classes.pods[pods.podClass[g]];
      const count = pods.size(g);
      const apart = spec.podAntiAffinity?.required ?? [];
      const [first] = spec.containers;
      const nodes = Math.max(
        apart.some(
          (t) =>
            t.topologyKey === LABEL.hostname && t.labelSelector !== undefined && matchesSelector(spec.labels, t.labelSelector),
        )
          ? count
          : 0,
        Math.ceil((count * (first?.requests.cpu ?? 0)) / capacity[CPU]),
        Math.ceil((count * (first?.requests.memory ?? 0)) / capacity[MEMORY]),
      );
      const spared = nodes > 0 ? count - Math.floor(count / nodes) : 0;
      const mayCount = spec.topologySpread === undefined && apart.every((t) => t.topologyKey === LABEL.hostname);
      if (spared >= most && mayCount) {
        best = g;
        most = spared;
      }
    }
    return best;
  }

  #spreadRefused(podClass: number, slot: number): boolean {
    return this.#snapshot.rejection(podClass, slot)?.plugin === 'PodTopologySpread';
  }
}
