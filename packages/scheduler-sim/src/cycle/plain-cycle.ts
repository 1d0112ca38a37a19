import type { ClusterView, KeyedStream } from '@plimsoll/core';
import { filterCode } from '../filters/plugins.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import type { CycleContext } from '../plain/plugin.ts';
import { runPostFilters } from '../plain/post-filter.ts';
import { chooseNode, findNodes, firstInPreorder, rejectorsOf, type Search } from '../plain/schedule-pod.ts';
import { CycleError } from '../plain/status.ts';
import type { Nominations } from '../preemption/nominations.ts';
import { roomOf } from '../preemption/room.ts';
import type { LiveStorage } from '../storage/live-storage.ts';
import { ClusterAsObjects } from './cluster-objects.ts';
import { type Cycle, FAILED, NO_FIT, NO_NODES, type Room } from './cycle.ts';
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
  readonly #objects: ClusterAsObjects;
  #last: { readonly context: CycleContext; readonly search: Search } | undefined;

  constructor(parts: CycleParts) {
    this.#parts = parts;
    this.#objects = new ClusterAsObjects(parts);
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
      this.#last = { context, search };
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

  makeRoom(_podClass: number, _pod: number, now: number): Room | undefined {
    const { context, search } = this.#last as { context: CycleContext; search: Search };
    const { preemption } = runPostFilters(context, search, now);
    return preemption === undefined ? undefined : roomOf(preemption, this.#parts.order);
  }

  /** The cluster as objects, for one pod. */
  context(podClass: number, pod: number): CycleContext {
    return this.#objects.context(pod, podClass, this.#parts.order.rows);
  }

  #pick(best: readonly number[], pod: number): number {
    const { tie, chance } = this.#parts;
    if (tie === 'random') return best[Math.floor((chance as KeyedStream).at(pod) * best.length)];
    return tie === 'first' ? best[0] : firstInPreorder(best);
  }
}

function maskOf(search: Search): number {
  return rejectorsOf(search).reduce((mask, name) => mask | (1 << filterCode(name)), 0);
}

/** What a cycle is made of. */
export interface CycleParts {
  readonly view: ClusterView;
  readonly order: NodeOrder;
  readonly config: SchedulerConfig;
  readonly nominations: Nominations;
  readonly storage: LiveStorage;
  readonly tie: TieRule;
  /** Needed for random ties. */
  readonly chance: KeyedStream | undefined;
}
