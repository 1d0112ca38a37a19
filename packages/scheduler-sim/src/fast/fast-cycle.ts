import { type ClusterView, type KeyedStream, NONE } from '@plimsoll/core';
import { type Cycle, NO_FIT, NO_NODES } from '../cycle/cycle.ts';
import type { NodeOrder } from '../cycle/node-order.ts';
import { type CycleParts, PlainCycle } from '../cycle/plain-cycle.ts';
import { beforeInPreorder, type TieRule } from '../cycle/tie.ts';
import type { FilterModel } from '../filters/filter-model.ts';
import { PodTable } from '../filters/pod-table.ts';
import { ClassScores } from './class-scores.ts';
import { NodeRows } from './node-rows.ts';

/** More groups than this, and a pod class is scheduled the plain way. */
const GROUPS_MAX = 128;

/** Bytes of class caches that are kept before the least recently used goes. */
const BUDGET = 64 * 2 ** 20;

/**
 * The choice of {@link PlainCycle}, from scores remembered per pod class. What a decision costs depends on how much changed since the
 * class was last asked about, not on how many nodes there are; a class that fits nowhere is known to until something changes.
 */
export class FastCycle implements Cycle {
  rejectors = 0;
  readonly #view: ClusterView;
  #rows: NodeRows;
  readonly #filters: FilterModel;
  readonly #order: NodeOrder;
  readonly #pods: PodTable;
  readonly #tie: TieRule;
  readonly #chance: KeyedStream | undefined;
  readonly #plain: PlainCycle;
  readonly #budget: number;
  readonly #caches = new Map<number, ClassScores>();
  #bytes = 0;
  #uses = 0;

  constructor(parts: CycleParts, budget = BUDGET) {
    const { view, filters, order, tie, chance } = parts;
    this.#view = view;
    this.#filters = filters;
    this.#order = order;
    this.#pods = new PodTable(view.classes);
    this.#tie = tie;
    this.#chance = chance;
    this.#plain = new PlainCycle(parts);
    this.#budget = budget;
    this.#rows = new NodeRows(view, order);
  }

  added(node: number): void {
    this.#rows.add(node);
  }

  changed(node: number): void {
    this.#rows.touch(node);
  }

  removed(node: number): void {
    this.#rows.remove(node);
  }

  restart(): void {
    this.#caches.clear();
    this.#bytes = 0;
    this.#rows = new NodeRows(this.#view, this.#order);
  }

  choose(podClass: number, pod: number): number {
    if (this.#order.rows.length === 0) return NO_NODES;
    this.#rows.sync();
    const cache = this.#cache(podClass);
    if (cache === undefined) return this.#choosePlainly(podClass, pod);
    if (cache.feasible === 0) {
      this.rejectors = cache.rejectors;
      return NO_FIT;
    }
    if (cache.groups.count > GROUPS_MAX) return this.#choosePlainly(podClass, pod);
    const slot = cache.groups.count === 1 && this.#tie === 'first' ? cache.bestOf(0) : this.#weigh(cache, pod);
    return this.#rows.rowOf[slot];
  }

  /** Weighs the best nodes of the groups against each other. */
  #weigh(cache: ClassScores, pod: number): number {
    const { groups, scores } = cache;
    const { key } = this.#rows;
    const bests: number[] = [];
    let mostTaints = 0;
    let mostAffinity = 0;
    for (let group = 0; group < groups.count; group++) {
      const slot = cache.bestOf(group);
      bests.push(slot);
      if (slot === NONE) continue;
      mostTaints = Math.max(mostTaints, groups.taints[group]);
      mostAffinity = Math.max(mostAffinity, groups.affinity[group]);
    }
    let best: number = NONE;
    let bestTotal = -1;
    for (let group = 0; group < bests.length; group++) {
      const slot = bests[group];
      if (slot === NONE) continue;
      const total = scores[slot] + groups.total(group, mostTaints, mostAffinity);
      if (total > bestTotal || (total === bestTotal && key[slot] < key[best])) {
        best = slot;
        bestTotal = total;
      }
    }
    if (this.#tie === 'first') return best;
    // Other rules ask for all that tie: the score that each group would need for it.
    const needed = bests.map((slot, group) => (slot === NONE ? -1 : bestTotal - groups.total(group, mostTaints, mostAffinity)));
    return this.#tie === 'random' ? this.#draw(cache, needed, pod) : this.#firstInPreorder(cache, needed);
  }

  #draw({ scores, groupOf }: ClassScores, needed: readonly number[], pod: number): number {
    const tied = this.#rows.listed.filter((slot) => scores[slot] >= 0 && scores[slot] === needed[groupOf[slot]]);
    return tied[Math.floor((this.#chance as KeyedStream).at(pod) * tied.length)];
  }

  #firstInPreorder({ scores, groupOf }: ClassScores, needed: readonly number[]): number {
    const { listed } = this.#rows;
    let best: number = NONE;
    let bestIndex = 0;
    let index = -1;
    for (let i = 0; i < listed.length; i++) {
      const slot = listed[i];
      if (scores[slot] < 0) continue;
      index++;
      if (scores[slot] !== needed[groupOf[slot]] || (best !== NONE && !beforeInPreorder(index, bestIndex))) continue;
      best = slot;
      bestIndex = index;
    }
    return best;
  }

  /** The up-to-date scores of a class; undefined for one that asks for few nodes by name, which are looked at one by one. */
  #cache(podClass: number): ClassScores | undefined {
    let cache = this.#caches.get(podClass);
    if (cache === undefined) {
      cache = new ClassScores(this.#view, this.#filters, this.#pods.of(podClass), this.#rows);
      this.#caches.set(podClass, cache);
    }
    const before = cache.bytes;
    cache.catchUp(this.#order.reorders);
    cache.usedAt = ++this.#uses;
    if (cache.bytes !== before) {
      this.#bytes += cache.bytes - before;
      while (this.#bytes > this.#budget && this.#caches.size > 1) this.#dropOldest();
    }
    return cache;
  }

  #dropOldest(): void {
    let oldest = -1;
    let usedAt = Number.POSITIVE_INFINITY;
    for (const [podClass, cache] of this.#caches) {
      if (cache.usedAt >= usedAt) continue;
      oldest = podClass;
      usedAt = cache.usedAt;
    }
    this.#bytes -= this.#caches.get(oldest)?.bytes ?? 0;
    this.#caches.delete(oldest);
  }

  #choosePlainly(podClass: number, pod: number): number {
    const node = this.#plain.choose(podClass, pod);
    this.rejectors = this.#plain.rejectors;
    return node;
  }
}
