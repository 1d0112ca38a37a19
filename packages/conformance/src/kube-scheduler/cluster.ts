import {
  type ClusterObjects,
  type CycleContext,
  NodeInfo,
  type NodeObject,
  NodeOrder,
  type PodInfo,
  type PodObject,
  podInfo,
  type SchedulerConfig,
  type Snapshot,
  zoneKey,
} from '@plimsoll/scheduler-sim';
import { configFrom } from './config.ts';
import type { Json } from './json.ts';
import { clusterObjects, nodeObject, podObject } from './objects.ts';

/** The cluster of a golden case, which changes as the case goes on. */
export class GoldenCluster {
  readonly config: SchedulerConfig;
  readonly objects: ClusterObjects;
  /** Nodes by name, and pods that are bound to a node or wait for one, by key. */
  readonly nodes = new Map<string, NodeInfo>();
  readonly pods = new Map<string, PodInfo>();
  readonly #rows = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #order = new NodeOrder({
    nameOf: (row) => this.#names[row],
    zoneOf: (row) => zoneKey((this.nodes.get(this.#names[row]) as NodeInfo).node.labels),
  });

  constructor(input: Json) {
    this.config = configFrom(input);
    this.objects = clusterObjects(input);
    for (const raw of input.at('nodes').items) this.addNode(nodeObject(raw));
    for (const raw of input.at('pods').items) this.addPod(podObject(raw));
  }

  addNode(node: NodeObject): void {
    const info = new NodeInfo(node);
    this.nodes.set(node.name, info);
    for (const pod of this.pods.values()) if (pod.pod.nodeName === node.name) info.add(pod);
    const row = this.#names.push(node.name) - 1;
    this.#rows.set(node.name, row);
    this.#order.add(row);
  }

  updateNode(node: NodeObject): void {
    const info = new NodeInfo(node);
    for (const pod of (this.nodes.get(node.name) as NodeInfo).pods) info.add(pod);
    this.nodes.set(node.name, info);
    this.#order.update(this.#rows.get(node.name) as number);
  }

  removeNode(name: string): void {
    this.#order.remove(this.#rows.get(name) as number);
    this.nodes.delete(name);
    this.#rows.delete(name);
  }

  addPod(pod: PodObject): PodInfo {
    const info = podInfo(pod);
    this.removePod(info.key);
    this.pods.set(info.key, info);
    if (pod.nodeName !== undefined) this.nodes.get(pod.nodeName)?.add(info);
    return info;
  }

  removePod(key: string): void {
    const info = this.pods.get(key);
    if (info === undefined) return;
    this.pods.delete(key);
    if (info.pod.nodeName !== undefined) this.nodes.get(info.pod.nodeName)?.remove(info);
  }

  /** The cluster as a cycle sees it that begins now. */
  snapshot(): Snapshot {
    this.#order.refresh();
    const nominated = new Map<string, PodInfo[]>();
    for (const info of this.pods.values()) {
      const { nodeName, nominatedNodeName } = info.pod;
      if (nodeName !== undefined || nominatedNodeName === undefined) continue;
      nominated.set(nominatedNodeName, [...(nominated.get(nominatedNodeName) ?? []), info]);
    }
    return { nodes: this.#order.rows.map((row) => this.nodes.get(this.#names[row]) as NodeInfo), nominated };
  }

  context(pod: PodInfo): CycleContext {
    return { pod, snapshot: this.snapshot(), objects: this.objects, config: this.config };
  }
}
