import type { NodeObject } from './objects.ts';
import type { PodInfo } from './pod-info.ts';

/**
 * A node with the pods on it and their sums.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/types.go` (NodeInfo).
 */
export class NodeInfo {
  readonly node: NodeObject;
  readonly pods: PodInfo[] = [];
  readonly requested: Record<string, number> = {};
  countedCpu = 0;
  countedMemory = 0;

  constructor(node: NodeObject) {
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }

  add(pod: PodInfo): void {
    this.pods.push(pod);
    this.#count(pod, 1);
  }

  remove(pod: PodInfo): void {
    const at = this.pods.findIndex(({ key }) => key === pod.key);
    if (at < 0) throw new Error(`pod ${pod.key} is not on node ${this.name}`);
    this.#count(this.pods[at], -1);
    this.pods.splice(at, 1);
  }

  clone(): NodeInfo {
    const copy = new NodeInfo(this.node);
    for (const pod of this.pods) copy.add(pod);
    return copy;
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    for (const name of Object.keys(pod.onNode)) this.requested[name] = (this.requested[name] ?? 0) + sign * pod.onNode[name];
    this.countedCpu += sign * pod.counted.cpu;
    this.countedMemory += sign * pod.counted.memory;
  }
}

/** The cluster as one cycle sees it. */
export interface Snapshot {
  /** In the order in which they are examined. */
  readonly nodes: readonly NodeInfo[];
  /** Pods that wait for a node, by its name. */
  readonly nominated: ReadonlyMap<string, readonly PodInfo[]>;
}
