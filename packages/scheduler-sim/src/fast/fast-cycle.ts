import { type ClusterView, type KeyedStream, NONE } from '@plimsoll/core';
import { type Cycle, FAILED, NO_FIT, NO_NODES } from '../cycle/cycle.ts';
import type { NodeOrder } from '../cycle/node-order.ts';
import { type CycleParts, PlainCycle } from '../cycle/plain-cycle.ts';
import { beforeInPreorder, type TieRule } from '../cycle/tie.ts';
import type { FilterModel } from '../filters/filter-model.ts';
import { FILTER } from '../filters/plugins.ts';
import { PodTable } from '../filters/pod-table.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { readsNumbers } from '../plain/plugins/node-affinity.ts';
import { nodesToFind } from '../plain/schedule-pod.ts';
import { filterOf, VERDICT, verdictOn } from '../topology/verdict.ts';
import { ClassScores } from './class-scores.ts';
import { groupTotals } from './group-totals.ts';
import { NodeRows } from './node-rows.ts';

/** Bytes of class caches that are kept before the least recently used goes. */
const BUDGET = 64 * 2 ** 20;

/**
 * The choice of {@link PlainCycle}, from scores remembered per pod class. What a decision costs depends on how much changed since the
 * class was last asked about, not on how many nodes there are; a class that fits nowhere is known to until something changes.
 */
export class FastCycle implements Cycle {
  rejectors = 0;
  start = 0;
  #rows: NodeRows;
  readonly #view: ClusterView;
  readonly #filters: FilterModel;
  readonly #order: NodeOrder;
  readonly #config: SchedulerConfig;
  readonly #pods: PodTable;
  readonly #tie: TieRule;
  readonly #chance: KeyedStream | undefined;
  readonly #plain: PlainCycle;
  readonly #budget: number;
  readonly #caches = new Map<number, ClassScores>();
  #bytes = 0;
  #uses = 0;
  /** Of the current decision: nodes that may take the pod by group, groups whose nodes may not, and nodes found in order. */
  #counts: number[] = [];
  #barred: number[] = [];
  #found = new Int32Array(64);

  constructor(parts: CycleParts, filters: FilterModel, budget = BUDGET) {
    const { view, order, config, tie, chance } = parts;
    this.#view = view;
    this.#filters = filters;
    this.#order = order;
    this.#config = config;
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
    this.#filters.topology.sync();
    const facts = this.#pods.of(podClass);
    if (facts.named !== undefined) return this.#chooseNamed(facts.named, podClass, pod);
    const count = this.#rows.listed.length;
    // As after a whole round, which every search makes but one that finds enough before.
    this.start %= count;
    const wanted = nodesToFind(this.#config, count);
    const wholly = wanted >= count && this.start === 0 && this.#tie === 'first';
    const cache = this.#cache(podClass, wholly);
    const feasible = this.#judgeGroups(cache);
    if (feasible === 0) {
      this.rejectors = cache.rejectors;
      for (const verdict of this.#barred) if (verdict !== VERDICT.accepted) this.rejectors |= 1 << filterOf(verdict);
      return NO_FIT;
    }
    if (feasible > 1 && !readsNumbers(facts.spec, this.#config)) return FAILED;
    const slot = wholly && cache.blockwise ? this.#weighBlocks(cache) : this.#walk(cache, wanted, pod);
    return this.#rows.rowOf[slot];
  }

  /** Asks the filters about other pods, group by group. Returns how many nodes may take the pod. */
  #judgeGroups({ groups, groupCounts, constraints, roomy }: ClassScores): number {
    const barred = this.#barred;
    barred.length = 0;
    if (roomy === 0 || !constraints.filters) {
      this.#counts = groupCounts;
      return roomy;
    }
    this.#counts = [];
    let feasible = 0;
    for (let group = 0; group < groups.count; group++) {
      const count = groupCounts[group] ?? 0;
      groups.at = group;
      const verdict = count === 0 ? VERDICT.accepted : verdictOn(constraints, groups);
      barred.push(verdict);
      this.#counts.push(verdict === VERDICT.accepted ? count : 0);
      if (verdict === VERDICT.accepted) feasible += count;
    }
    return feasible;
  }

  /** Weighs the best nodes of the groups against each other. */
  #weighBlocks(cache: ClassScores): number {
    const { groups, cells, constraints } = cache;
    if (groups.count === 1) return cache.bestOf(0);
    const { key } = this.#rows;
    const totals = groupTotals(groups, this.#counts, this.#config, constraints);
    let best: number = NONE;
    let bestTotal = -1;
    for (let group = 0; group < groups.count; group++) {
      if (!this.#counts[group]) continue;
      const slot = cache.bestOf(group);
      const total = (cells[slot] >> 16) + totals[group];
      if (total > bestTotal || (total === bestTotal && key[slot] < key[best])) {
        best = slot;
        bestTotal = total;
      }
    }
    return best;
  }

  /** Goes through the nodes in order until enough are found that may take the pod, and weighs those. */
  #walk({ groups, cells, constraints }: ClassScores, wanted: number, pod: number): number {
    const { listed } = this.#rows;
    if (this.#found.length < wanted) this.#found = new Int32Array(wanted * 2);
    const found = this.#found;
    const barred = constraints.filters ? this.#barred : undefined;
    const counts: number[] = new Array(groups.count).fill(0);
    let n = 0;
    let examined = 0;
    let at = this.start;
    for (; examined < listed.length; examined++) {
      const slot = listed[at];
      if (++at === listed.length) at = 0;
      const cell = cells[slot];
      if (cell < 0 || (barred !== undefined && barred[cell & 0xffff] !== VERDICT.accepted)) continue;
      if (n === wanted) break;
      found[n++] = slot;
      counts[cell & 0xffff]++;
    }
    this.start = (this.start + examined) % listed.length;
    const totals = groupTotals(groups, counts, this.#config, constraints);
    let most = -1;
    let first = 0;
    for (let i = 0; i < n; i++) {
      const cell = cells[found[i]];
      const total = (cell >> 16) + totals[cell & 0xffff];
      if (total <= most) continue;
      most = total;
      first = i;
    }
    if (this.#tie === 'first') return found[first];
    return found[this.#pick(n, pod, (i) => (cells[found[i]] >> 16) + totals[cells[found[i]] & 0xffff] === most)];
  }

  /** One of the best by the rule, for rules that ask about all of them. */
  #pick(n: number, pod: number, isBest: (i: number) => boolean): number {
    if (this.#tie === 'random') {
      let best = 0;
      for (let i = 0; i < n; i++) if (isBest(i)) best++;
      let left = Math.floor((this.#chance as KeyedStream).at(pod) * best);
      for (let i = 0; i < n; i++) if (isBest(i) && left-- === 0) return i;
    }
    let first = -1;
    for (let i = 0; i < n; i++) {
      if (isBest(i) && (first < 0 || beforeInPreorder(i, first))) first = i;
    }
    return first;
  }

  /** A pod that names the nodes that it may go to: only those are looked at. */
  #chooseNamed(names: ReadonlySet<string>, podClass: number, pod: number): number {
    this.rejectors = 1 << FILTER.NodeAffinity;
    if (names.size === 0) return NO_FIT;
    let feasible: number = NONE;
    let examined = 0;
    for (const name of names) {
      const node = this.#order.find(name);
      if (node === NONE) continue;
      const code = this.#filters.rejector(podClass, node);
      if (code >= 0) this.rejectors |= 1 << code;
      else if (feasible !== NONE) return this.#choosePlainly(podClass, pod);
      else feasible = node;
      examined++;
    }
    this.start = (this.start + examined) % this.#rows.listed.length;
    return feasible === NONE ? NO_FIT : feasible;
  }

  #choosePlainly(podClass: number, pod: number): number {
    this.#plain.start = this.start;
    const node = this.#plain.choose(podClass, pod);
    this.start = this.#plain.start;
    this.rejectors = this.#plain.rejectors;
    return node;
  }

  /** The up-to-date scores of a class. */
  #cache(podClass: number, withBlocks: boolean): ClassScores {
    let cache = this.#caches.get(podClass);
    if (cache === undefined) {
      cache = new ClassScores(this.#view, this.#filters, this.#pods.of(podClass), this.#rows, this.#config);
      this.#caches.set(podClass, cache);
    }
    const before = cache.bytes;
    cache.catchUp(this.#order.reorders, withBlocks);
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
}
