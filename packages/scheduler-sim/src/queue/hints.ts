import type { ClusterView } from '@plimsoll/core';
import type { FilterModel } from '../filters/filter-model.ts';
import { FILTER } from '../filters/plugins.ts';

const bit = (code: number): number => 1 << code;

/** Filters that listen for new nodes but not for taints: any change of taints wakes the pods that they rejected, unasked. */
const DEAF_TO_TAINTS = bit(FILTER.NodeResourcesFit) | bit(FILTER.NodeAffinity) | bit(FILTER.NodePorts) | bit(FILTER.NodeName);

/**
 * Which events may help a rejected pod. Each answer is for a pod class and the filters that rejected it, as a mask; one filter that
 * sees a chance is enough.
 *
 * Source: kube-scheduler v1.36.2, EventsToRegister and the hints of each plug-in under `pkg/scheduler/framework/plugins`.
 */
export class Hints {
  readonly #view: ClusterView;
  readonly #filters: FilterModel;

  constructor(view: ClusterView, filters: FilterModel) {
    this.#view = view;
    this.#filters = filters;
  }

  /** A pod of a class left its node. */
  podLeft(left: number): (podClass: number, rejectors: number) => boolean {
    return (podClass, rejectors) =>
      (rejectors & bit(FILTER.NodeResourcesFit)) !== 0 ||
      ((rejectors & bit(FILTER.NodePorts)) !== 0 && this.#filters.portsMeet(podClass, left));
  }

  /** A node of a class came. */
  nodeAdded(nodeClass: number, nodeName: string): (podClass: number, rejectors: number) => boolean {
    const { shape } = this.#view.classes.nodes[nodeClass];
    return (podClass, rejectors) => {
      const filters = this.#filters;
      if (rejectors & (bit(FILTER.NodeName) | bit(FILTER.NodePorts))) return true;
      if (rejectors & bit(FILTER.NodeUnschedulable) && !shape.unschedulable) return true;
      if (rejectors & bit(FILTER.TaintToleration) && filters.toleratesTaints(podClass, nodeClass)) return true;
      if (rejectors & bit(FILTER.NodeAffinity) && filters.selects(podClass, nodeClass, nodeName)) return true;
      return (rejectors & bit(FILTER.NodeResourcesFit)) !== 0 && filters.fitsEmpty(podClass, nodeClass);
    };
  }

  /** A node's class changed: its taints, labels or cordon. Undefined where no filter listens to what changed. */
  nodeChanged(before: number, after: number, nodeName: string): ((podClass: number, rejectors: number) => boolean) | undefined {
    const [from, to] = [this.#view.classes.nodes[before].shape, this.#view.classes.nodes[after].shape];
    const uncordoned = from.unschedulable && !to.unschedulable;
    const taints = JSON.stringify(from.taints) !== JSON.stringify(to.taints) || uncordoned;
    const labels = JSON.stringify(from.labels) !== JSON.stringify(to.labels);
    if (!taints && !labels) return undefined;
    return (podClass, rejectors) => {
      const filters = this.#filters;
      if (taints) {
        if (rejectors & DEAF_TO_TAINTS) return true;
        if (rejectors & bit(FILTER.NodeUnschedulable) && uncordoned) return true;
        if (rejectors & bit(FILTER.TaintToleration)) {
          if (!filters.toleratesTaints(podClass, before) && filters.toleratesTaints(podClass, after)) return true;
        }
      }
      return (
        labels &&
        (rejectors & bit(FILTER.NodeAffinity)) !== 0 &&
        filters.selects(podClass, after, nodeName) &&
        !filters.selects(podClass, before, nodeName)
      );
    };
  }
}
