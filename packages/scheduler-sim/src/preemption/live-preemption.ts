import { type ClusterView, NONE } from '@plimsoll/core';
import { ClusterAsObjects } from '../cycle/cluster-objects.ts';
import type { Room } from '../cycle/cycle.ts';
import type { CycleParts } from '../cycle/plain-cycle.ts';
import type { FilterModel } from '../filters/filter-model.ts';
import { preempt } from '../plain/preemption.ts';
import { prepareFilters } from '../plain/prepared-filters.ts';
import type { Status } from '../plain/status.ts';
import { roomOf } from './room.ts';

/**
 * Preemption over a live cluster. The dry run itself is the plain one; only the nodes that it can help are made into objects: those where
 * something less important runs, and where its going could help.
 */
export class LivePreemption {
  readonly #view: ClusterView;
  readonly #parts: CycleParts;
  readonly #filters: FilterModel;
  readonly #objects: ClusterAsObjects;

  constructor(parts: CycleParts, filters: FilterModel) {
    this.#view = parts.view;
    this.#parts = parts;
    this.#filters = filters;
    this.#objects = new ClusterAsObjects(parts);
  }

  /** What {@link preempt} finds. `named` are the only nodes that the pod may go to, where it says so. */
  find(podClass: number, pod: number, now: number, named: ReadonlySet<string> | undefined): Room | undefined {
    const { config, nominations, order } = this.#parts;
    const { priority, spec } = this.#view.classes.pods[podClass];
    const eligible = spec.preemptionPolicy !== 'Never';
    const waitsFor = nominations.of(pod);
    // The nodes in question, and how many of them an eviction could help.
    const nodes: number[] = [];
    const statuses = new Map<string, Status>();
    let resolvable = 0;
    for (const node of eligible ? order.rows : []) {
      const name = this.#view.nodeNames[node];
      if (named !== undefined && !named.has(name)) continue;
      const rejection = this.#filters.reject(podClass, node);
      const unresolvable = rejection?.unresolvable === true;
      if (unresolvable && node !== waitsFor) continue;
      if (!unresolvable) resolvable++;
      if (node !== waitsFor && !this.#hasLower(node, priority)) continue;
      nodes.push(node);
      // A node that has room, but not beside the pods that wait for it, is rejected for its room.
      statuses.set(name, {
        code: unresolvable ? 'UU' : 'U',
        plugin: rejection?.plugin ?? 'NodeResourcesFit',
        reasons: rejection?.reasons ?? [],
      });
    }
    const { preemption } = config;
    const enough = Math.max(preemption.minCandidateAbsolute, Math.trunc((resolvable * preemption.minCandidatePercentage) / 100));
    // What other pods mean to it reaches beyond the nodes in question, so then all are needed.
    const all = this.#filters.constraints.of(podClass).filters;
    const context = this.#objects.context(pod, podClass, all ? order.rows : nodes);
    const limited = {
      ...context,
      config: { ...config, preemption: { minCandidatePercentage: 0, minCandidateAbsolute: enough } },
    };
    const prepared = prepareFilters(limited);
    if (prepared.is === 'refused') return undefined;
    const search = {
      feasible: [],
      rejected: statuses,
      restricting: prepared.restricting,
      nextStart: 0,
      tookNominated: false,
      filters: prepared.filters,
    };
    return roomOf(preempt(limited, search, now), order);
  }

  #hasLower(node: number, priority: number): boolean {
    const { nodes, pods, classes } = this.#view;
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) {
      if (classes.pods[pods.class[pod]].priority < priority) return true;
    }
    return false;
  }
}
