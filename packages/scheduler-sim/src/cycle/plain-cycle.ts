import { type ClusterView, type KeyedStream, NONE, POD } from '@plimsoll/core';
import { FILTER_PLUGINS } from '../filters/plugins.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { NodeInfo, type Snapshot } from '../plain/node-info.ts';
import type { NodeObject } from '../plain/objects.ts';
import type { CycleContext } from '../plain/plugin.ts';
import { type PodInfo, podInfo } from '../plain/pod-info.ts';
import { chooseNode, findNodes, firstInPreorder, rejectorsOf, type Search } from '../plain/schedule-pod.ts';
import { simulatedObjects, simulatedPod } from '../plain/simulated-objects.ts';
import { CycleError } from '../plain/status.ts';
import { type Cycle, FAILED, NO_FIT, NO_NODES } from './cycle.ts';
import type { NodeOrder } from './node-order.ts';
import type { TieRule } from './tie.ts';

/**
 * A scheduling cycle as the real program goes about it, over a cluster made into objects for each attempt: filter every node, score those
 * that are left, normalise, add up, take the highest. Slow and obvious: what the fast cycle is measured against.
 */
export class PlainCycle implements Cycle {
  rejectors = 0;
  start = 0;
  readonly #parts: CycleParts;

  constructor(parts: CycleParts) {
    this.#parts = parts;
  }

  // It remembers nothing of the cluster.
  added(): void {}
  changed(): void {}
  removed(): void {}
  restart(): void {}

  choose(podClass: number, pod: number): number {
    const { view, order } = this.#parts;
    if (order.rows.length === 0) return NO_NODES;
    const context = this.context(podClass, pod);
    try {
      const search = findNodes(context, this.start);
      this.start = search.nextStart;
      if (search.feasible.length === 0) {
        this.rejectors = maskOf(search);
        return NO_FIT;
      }
      const { best } = chooseNode(context, search.feasible);
      const name = search.feasible[this.#pick(best, pod)].name;
      return order.rows.find((node) => view.nodeNames[node] === name) as number;
    } catch (error) {
      if (error instanceof CycleError) return FAILED;
      throw error;
    }
  }

  /** The cluster as objects, for one pod. */
  context(podClass: number, pod: number): CycleContext {
    const { view, order, config } = this.#parts;
    const specs = view.classes.pods.map(({ spec }) => spec);
    const infos = new Map<number, PodInfo>();
    const infoOf = (row: number): PodInfo => {
      let info = infos.get(row);
      if (info === undefined) {
        const object = simulatedPod(specs[view.pods.class[row]], String(row));
        info = podInfo({ ...object, deleting: view.pods.state[row] === POD.terminating, startTime: view.pods.boundAt[row] });
        infos.set(row, info);
      }
      return info;
    };
    const nodes = order.rows.map((node) => {
      const info = new NodeInfo(nodeObject(view, node));
      for (let other = view.nodes.firstPod[node]; other !== NONE; other = view.pods.next[other]) info.add(infoOf(other));
      return info;
    });
    const snapshot: Snapshot = { nodes, nominated: new Map() };
    return { pod: podInfo(simulatedPod(specs[podClass], String(pod))), snapshot, objects: simulatedObjects(specs), config };
  }

  #pick(best: readonly number[], pod: number): number {
    const { tie, chance } = this.#parts;
    if (tie === 'random') return best[Math.floor((chance as KeyedStream).at(pod) * best.length)];
    return tie === 'first' ? best[0] : firstInPreorder(best);
  }
}

function nodeObject({ nodes, nodeNames, classes }: ClusterView, node: number): NodeObject {
  const { shape, allocatable } = classes.nodes[nodes.class[node]];
  const name = nodeNames[node];
  return {
    name,
    labels: { ...shape.labels, 'kubernetes.io/hostname': name },
    taints: shape.taints,
    unschedulable: shape.unschedulable,
    allocatable: classes.resources.list(allocatable),
  };
}

function maskOf(search: Search): number {
  return rejectorsOf(search).reduce((mask, name) => mask | (1 << FILTER_PLUGINS.indexOf(name as 'NodeName')), 0);
}

/** What a cycle is made of. */
export interface CycleParts {
  readonly view: ClusterView;
  readonly order: NodeOrder;
  readonly config: SchedulerConfig;
  readonly tie: TieRule;
  /** Needed for random ties. */
  readonly chance: KeyedStream | undefined;
}
