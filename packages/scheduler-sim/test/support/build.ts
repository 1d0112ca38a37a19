import {
  Classes,
  Cluster,
  type ClusterView,
  EVICTION,
  Log,
  NODE,
  NONE,
  type NodeShape,
  type PodSpec,
  type Scheduler,
  viewOf,
} from '@plimsoll/core';

/** A pod spec with one container; `over` replaces any field. */
export function podSpec(requests: Record<string, number> = {}, over: Partial<PodSpec> = {}): PodSpec {
  return { namespace: 'default', labels: {}, annotations: {}, controller: 'ReplicaSet', containers: [{ requests }], ...over };
}

/** A node shape with 110 places for pods; `over` replaces any field. */
export function nodeShape(cpu: number, memory: number, over: Partial<NodeShape> = {}): NodeShape {
  const allocatable = { cpu, memory, pods: 110 };
  return { labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable, ...over };
}

/** A cluster with short ways to fill it. */
export class Bench {
  readonly classes = new Classes();
  readonly cluster = new Cluster(this.classes, new Log());
  readonly view: ClusterView = viewOf(this.cluster);

  /** A ready node, without a step of being not ready. */
  node(name: string, shape: NodeShape): number {
    const node = this.cluster.orderNode({ name, offering: 0, group: 0, decision: -1 });
    this.cluster.nodeRunning(node, 0);
    this.cluster.registerNode(node, this.classes.node(shape).id);
    this.cluster.readyNode(node, {});
    return node;
  }

  pending(spec: PodSpec): number {
    return this.cluster.createPod({ podClass: this.classes.pod(spec).id, owner: NONE, ordinal: 0, duration: Infinity });
  }

  bound(spec: PodSpec, node: number): number {
    const pod = this.pending(spec);
    this.cluster.bind(pod, node);
    return pod;
  }

  /** Connects a scheduler: it hears of every change from now on. */
  connect<T extends Scheduler>(scheduler: T): T {
    this.cluster.observe((kind, a, b, c) => scheduler.observe(kind, a, b, c));
    return scheduler;
  }

  /** Runs a scheduler until no pod is ready, as the engine does. Returns what it did, in order, by names of nodes. */
  drain(scheduler: Scheduler): [pod: number, node: string | undefined][] {
    const out: [number, string | undefined][] = [];
    for (;;) {
      const placement = scheduler.next(this.cluster.now);
      if (placement === undefined) return out;
      const { pod, node } = placement;
      if (node === NONE) this.cluster.markUnschedulable(pod);
      else this.cluster.bind(pod, node);
      for (const victim of placement.victims ?? []) this.cluster.evict(victim, EVICTION.preempted);
      out.push([pod, node === NONE ? undefined : this.cluster.nodeNames[node]]);
    }
  }

  /** Nodes that have a Node object. */
  get registered(): number[] {
    const out: number[] = [];
    for (let node = 0; node < this.cluster.nodeCount; node++) {
      const state = this.cluster.nodes.state[node];
      if (state === NODE.registered || state === NODE.ready) out.push(node);
    }
    return out;
  }
}
