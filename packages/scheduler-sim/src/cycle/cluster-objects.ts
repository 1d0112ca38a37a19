import { type ClusterView, LABEL, NONE, POD } from '@plimsoll/core';
import type { SchedulerConfig } from '../plain/config.ts';
import { NodeInfo } from '../plain/node-info.ts';
import type { NodeObject, PodObject } from '../plain/objects.ts';
import type { CycleContext } from '../plain/plugin.ts';
import { type PodInfo, podInfo } from '../plain/pod-info.ts';
import { simulatedObjects, simulatedPod } from '../plain/simulated-objects.ts';
import type { Nominations } from '../preemption/nominations.ts';
import type { LiveStorage } from '../storage/live-storage.ts';
import type { CycleParts } from './plain-cycle.ts';

/** Makes the objects that the plain scheduler works on out of a simulated cluster. A pod's name is its row. */
export class ClusterAsObjects {
  readonly #view: ClusterView;
  readonly #config: SchedulerConfig;
  readonly #nominations: Nominations;
  readonly #storage: LiveStorage;

  constructor({ view, config, nominations, storage }: Pick<CycleParts, 'view' | 'config' | 'nominations' | 'storage'>) {
    this.#view = view;
    this.#config = config;
    this.#nominations = nominations;
    this.#storage = storage;
  }

  /** One pod before some nodes, as a cycle sees them. */
  context(pod: number, podClass: number, nodes: readonly number[]): CycleContext {
    const nominated = new Map<string, PodInfo[]>();
    for (const node of this.#nominations.nodes) {
      nominated.set(
        this.#view.nodeNames[node],
        this.#nominations.on(node).map((other) => podInfo(this.#pod(other))),
      );
    }
    return {
      pod: podInfo(this.#waiting(pod, podClass)),
      snapshot: { nodes: nodes.map((node) => this.#node(node)), nominated },
      objects: simulatedObjects(
        this.#view.classes.pods.map(({ spec }) => spec),
        this.#storage.objects,
      ),
      config: this.#config,
    };
  }

  #waiting(pod: number, podClass: number): PodObject {
    const object = simulatedPod(this.#storage.specOf(podClass), String(pod));
    const node = this.#nominations.of(pod);
    return node === NONE ? object : { ...object, nominatedNodeName: this.#view.nodeNames[node] };
  }

  #pod(pod: number): PodObject {
    const { pods } = this.#view;
    const object = simulatedPod(this.#storage.specOf(pods.class[pod]), String(pod));
    const deleting = pods.state[pod] === POD.terminating;
    // The API keeps times in whole seconds.
    const startTime = Math.floor(pods.boundAt[pod] / 1000) * 1000;
    return {
      ...object,
      deleting,
      preempted: this.#nominations.victims.has(pod),
      ...(Number.isNaN(startTime) ? {} : { startTime }),
    };
  }

  #node(node: number): NodeInfo {
    const { nodes, pods } = this.#view;
    const info = new NodeInfo(this.nodeObject(node));
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) info.add(podInfo(this.#pod(pod)));
    return info;
  }

  nodeObject(node: number): NodeObject {
    const { nodes, nodeNames, classes } = this.#view;
    const { shape, allocatable } = classes.nodes[nodes.class[node]];
    const name = nodeNames[node];
    return {
      ...shape,
      name,
      labels: { ...shape.labels, [LABEL.hostname]: name },
      allocatable: classes.resources.list(allocatable),
    };
  }
}
