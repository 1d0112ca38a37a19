import {
  Classes,
  Cluster,
  type ClusterView,
  LABEL,
  Log,
  NONE,
  type NodeShape,
  type PodSpec,
  type SchedulingModel,
  viewOf,
  type WhatIf,
} from '@plimsoll/core';
import { defaultFlags } from '../src/options/options.ts';
import { PodFacts } from '../src/pods/pod-facts.ts';
import { DrainRules } from '../src/scale-down/drain-rules.ts';
import { EquivalenceGroups } from '../src/scale-up/equivalence-groups.ts';
import { type Estimate, Estimator } from '../src/scale-up/estimator.ts';
import { ClusterSnapshot } from '../src/snapshot/cluster-snapshot.ts';
import { SlowModel } from './slow-model.ts';

/** Pods of one owner. */
export interface PodsOfOwner {
  readonly spec: PodSpec;
  readonly count: number;
}

/** A node shape with so many millicores, bytes and places for pods, in a zone. */
export function nodeOf(cpu: number, memory: number, pods: number, zone: string, over: Partial<NodeShape> = {}): NodeShape {
  const allocatable = { cpu, memory, pods };
  return { labels: { [LABEL.zone]: zone }, taints: [], unschedulable: false, capacity: allocatable, allocatable, ...over };
}

/** A cluster with real nodes and pending pods, as one estimation sees it. */
export class SnapshotBench {
  readonly classes = new Classes();
  readonly cluster = new Cluster(this.classes, new Log());
  readonly view: ClusterView = viewOf(this.cluster);
  readonly facts = new PodFacts(this.classes, defaultFlags());
  readonly model: SchedulingModel = new SlowModel(this.view);
  readonly snapshot = new ClusterSnapshot(this.view, this.model, this.facts);
  readonly rules = new DrainRules(
    {
      view: this.view,
      workload: { podName: String, ownerName: String, evictionBlocked: () => false },
    },
    this.facts,
    defaultFlags(),
  );
  readonly estimator = new Estimator(this.view, this.facts, this.snapshot);
  #owners = 0;

  node(name: string, shape: NodeShape): number {
    const node = this.cluster.orderNode({ name, offering: 0, group: NONE, decision: -1 });
    this.cluster.nodeRunning(node, 0);
    this.cluster.registerNode(node, this.classes.node(shape).id);
    this.cluster.readyNode(node, {});
    return node;
  }

  pending(owners: readonly PodsOfOwner[]): Int32Array {
    const out: number[] = [];
    for (const { spec, count } of owners) {
      const owner = this.#owners++;
      for (let ordinal = 0; ordinal < count; ordinal++) {
        out.push(this.cluster.createPod({ podClass: this.classes.pod(spec).id, owner, ordinal, duration: Infinity }));
      }
    }
    return Int32Array.from(out);
  }

  /** Runs `body` on a snapshot of the real nodes, in a what-if where pods are constrained. */
  inLoop<T>(body: () => T): T {
    this.facts.update();
    const begin = (whatIf: WhatIf | undefined): T => {
      this.snapshot.begin(whatIf);
      for (let node = this.cluster.firstNode; node !== NONE; node = this.cluster.nodes.next[node]) this.snapshot.addReal(node);
      return body();
    };
    return this.facts.anyConstrained ? this.view.speculate(begin) : begin(undefined);
  }

  /** How many nodes of a shape the pods need. Every equivalence group counts as schedulable. */
  estimate(shape: NodeShape, pods: Int32Array, maxNodes = Infinity): Estimate & { readonly groups: number } {
    const groups = new EquivalenceGroups(this.view, this.facts);
    return this.inLoop(() => {
      groups.build(pods, pods.length);
      const schedulable = Array.from({ length: groups.count }, (_, index) => index);
      const template = { nodeClass: this.classes.node(shape).id, used: [], real: false };
      return { ...this.estimator.estimate({ template, group: 0, pods: groups, schedulable, maxNodes }), groups: groups.count };
    });
  }
}
