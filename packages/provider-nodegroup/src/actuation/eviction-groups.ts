import type { ClusterView } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';

/** Pods of a node that are evicted together. */
export interface EvictionGroup {
  /** Most seconds that a pod is given to stop; 0 for no limit. */
  readonly graceSeconds: number;
  /** Pods that must be gone before the node goes on. */
  readonly full: readonly number[];
  /** Pods that are asked to go, and not waited for. */
  readonly bestEffort: readonly number[];
}

/** Pods up to a priority, and how long they are given. */
interface PriorityRule {
  readonly priority: number;
  readonly graceSeconds: number;
}

/** How a drain goes: by priority from low to high, or all at once. Source: Cluster Autoscaler 1.37, `core/scaledown/actuation/priority.go`. */
export class EvictionOrder {
  /** Whether DaemonSet pods are waited for as well. */
  readonly fullDaemonSets: boolean;
  readonly #rules: readonly PriorityRule[];
  readonly #view: ClusterView;

  constructor(view: ClusterView, flags: Flags) {
    this.#view = view;
    const config = flags['drain-priority-config'];
    this.fullDaemonSets = config.length > 0;
    this.#rules = this.fullDaemonSets
      ? config
          .map((pair) => pair.split(':').map(Number))
          .map(([priority, graceSeconds]) => ({ priority, graceSeconds }))
          .sort((a, b) => a.priority - b.priority)
      : [{ priority: Infinity, graceSeconds: flags['max-graceful-termination-sec'] }];
  }

  /** The groups in which pods are evicted; none is without pods. */
  groups(full: readonly number[], bestEffort: readonly number[]): EvictionGroup[] {
    const { class: classes } = this.#view.pods;
    const of = (pods: readonly number[], index: number): number[] =>
      pods.filter((pod) => this.#indexOf(this.#view.classes.pods[classes[pod]].priority) === index);
    return this.#rules
      .map(({ graceSeconds }, index) => ({ graceSeconds, full: of(full, index), bestEffort: of(bestEffort, index) }))
      .filter((group) => group.full.length + group.bestEffort.length > 0);
  }

  /** The last rule whose priority is not passed from below: pods above all go with the highest, pods below all with the lowest. */
  #indexOf(priority: number): number {
    const at = this.#rules.findIndex((rule) => rule.priority >= priority);
    if (at < 0) return this.#rules.length - 1;
    return at > 0 && this.#rules[at].priority > priority ? at - 1 : at;
  }
}
