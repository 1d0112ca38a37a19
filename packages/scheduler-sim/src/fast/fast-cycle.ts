import { type ClusterView, type KeyedStream, NONE, PODS } from '@plimsoll/core';
import { type Cycle, FAILED, NO_FIT, NO_NODES, type Room } from '../cycle/cycle.ts';
import type { NodeOrder } from '../cycle/node-order.ts';
import { type CycleParts, PlainCycle } from '../cycle/plain-cycle.ts';
import { beforeInPreorder, type TieRule } from '../cycle/tie.ts';
import type { FilterModel } from '../filters/filter-model.ts';
import { portsConflict } from '../filters/node-ports.ts';
import { FILTER } from '../filters/plugins.ts';
import { type PodFacts, PodTable } from '../filters/pod-table.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { readsNumbers } from '../plain/plugins/node-affinity.ts';
import { nodesToFind } from '../plain/schedule-pod.ts';
import { LivePreemption } from '../preemption/live-preemption.ts';
import type { Nominations } from '../preemption/nominations.ts';
import type { LiveStorage } from '../storage/live-storage.ts';
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
  readonly #nominations: Nominations;
  readonly #storage: LiveStorage;
  /** Node classes looked at so far, and whether nodes of one of them hold images. */
  #shapesSeen = 0;
  #holdsImages = false;
  readonly #preemption: LivePreemption;
  readonly #plain: PlainCycle;
  /** Whether the last search was made the plain way. */
  #plainly = false;
  /** By pod class: when no room could be made for it, as counts of touched nodes and of changes of nominations. */
  readonly #hopeless = new Map<number, readonly [touches: number, nominations: number]>();
  readonly #budget: number;
  /** By pod class. */
  #caches: (ClassScores | undefined)[] = [];
  #cached = 0;
  #bytes = 0;
  #uses = 0;
  /** How many nodes are enough, of how many there are. */
  #wanted = 0;
  #wantedOf = -1;
  /** Of the current decision: nodes that may take the pod by group, groups whose nodes may not, and nodes found in order. */
  #counts: number[] = [];
  #barred: number[] = [];
  #found = new Int32Array(64);
  /** Of the current decision: slots with room, but not beside the pods that wait for them, and the filter that says so. */
  readonly #excluded = new Map<number, number>();

  constructor(parts: CycleParts, filters: FilterModel, budget = BUDGET) {
    const { view, order, config, tie, chance } = parts;
    this.#view = view;
    this.#filters = filters;
    this.#order = order;
    this.#config = config;
    this.#pods = new PodTable(view.classes, filters.asked);
    this.#tie = tie;
    this.#chance = chance;
    this.#nominations = parts.nominations;
    this.#storage = parts.storage;
    this.#preemption = new LivePreemption(parts, filters);
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
    this.#caches = [];
    this.#cached = 0;
    this.#hopeless.clear();
    this.#bytes = 0;
    this.#rows = new NodeRows(this.#view, this.#order);
  }

  choose(podClass: number, pod: number): number {
    if (this.#order.rows.length === 0) return NO_NODES;
    this.#rows.sync();
    this.#filters.topology.sync();
    const facts = this.#pods.of(podClass);
    this.#plainly = false;
    if (this.#excluded.size > 0) this.#excluded.clear();
    if (this.#plainOnly(podClass, facts)) return this.#choosePlainly(podClass, pod);
    let refusedBy: number = NONE;
    if (this.#nominations.size > 0) {
      // What waiting pods mean for spread and affinity is not counted, so the plain way takes over where that matters.
      if (facts.named !== undefined || this.#filters.constraints.of(podClass).filters) return this.#choosePlainly(podClass, pod);
      const own = this.#nominations.of(pod);
      if (own !== NONE && this.#rows.slotOf(own) !== NONE) {
        const fits = this.#filters.fits(podClass, own) && this.#crowdedBy(own, podClass, pod) < 0;
        if (fits) return own;
        refusedBy = this.#rows.slotOf(own);
      }
    }
    if (facts.named !== undefined) return this.#chooseNamed(facts.named, podClass, pod);
    const count = this.#rows.listed.length;
    // As after a whole round, which every search makes but one that finds enough before.
    this.start %= count;
    if (count !== this.#wantedOf) {
      this.#wanted = nodesToFind(this.#config, count);
      this.#wantedOf = count;
    }
    const wanted = this.#wanted;
    const wholly = wanted >= count && this.start === 0 && this.#tie === 'first';
    const cache = this.#cache(podClass, wholly);
    const crowded = this.#nominations.size > 0 ? this.#exclude(cache, podClass, pod) : 0;
    const feasible = this.#judgeGroups(cache) - crowded;
    if (feasible === 0) {
      this.rejectors = cache.rejectors(this.#excluded.size - crowded);
      for (const code of this.#excluded.values()) this.rejectors |= 1 << code;
      for (const verdict of this.#barred) if (verdict !== VERDICT.accepted) this.rejectors |= 1 << filterOf(verdict);
      return NO_FIT;
    }
    if (feasible > 1 && !readsNumbers(facts.spec, this.#config)) return FAILED;
    const blocks = wholly && cache.blockwise && this.#excluded.size === 0;
    const slot = blocks ? this.#weighBlocks(cache) : this.#walk(cache, wanted, pod, refusedBy);
    return this.#rows.rowOf[slot];
  }

  /** Asks the filters about other pods, group by group. Returns how many nodes may take the pod. */
  #judgeGroups({ groups, groupCounts, constraints, roomy }: ClassScores): number {
    const barred = this.#barred;
    if (barred.length > 0) barred.length = 0;
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

  /**
   * Finds the nodes that have room, but not beside the pods that wait for them, and returns how many. Nodes that lack room anyway are
   * found too where a waiting pod's host port comes first.
   */
  #exclude({ cells, shift }: ClassScores, podClass: number, pod: number): number {
    let crowded = 0;
    for (const node of this.#nominations.nodes) {
      const slot = this.#rows.slotOf(node);
      if (slot === NONE || (cells[slot] < 0 && cells[slot] >> shift !== -1 - FILTER.NodeResourcesFit)) continue;
      const code = this.#crowdedBy(node, podClass, pod);
      if (code < 0 || (cells[slot] < 0 && code === FILTER.NodeResourcesFit)) continue;
      this.#excluded.set(slot, code);
      if (cells[slot] >= 0) crowded++;
    }
    return crowded;
  }

  /** The filter that rejects a pod on a node because of the pods that wait for it and matter no less, or -1. */
  #crowdedBy(node: number, podClass: number, pod: number): number {
    const { pods, nodes, classes, used, stride } = this.#view;
    const { priority } = classes.pods[podClass];
    const facts = this.#pods.of(podClass);
    const waiting = this.#nominations
      .on(node)
      .filter((other) => other !== pod && classes.pods[pods.class[other]].priority >= priority)
      .map((other) => classes.pods[pods.class[other]]);
    if (waiting.length === 0) return -1;
    if (waiting.some(({ id }) => portsConflict(facts.ports, this.#pods.of(id).ports))) return FILTER.NodePorts;
    const { allocatable } = classes.nodes[nodes.class[node]];
    const { requests } = classes.pods[podClass];
    for (let r = 0; r < requests.length; r++) {
      if (!(requests[r] > 0) || (r !== PODS && !facts.resources.includes(r))) continue;
      let wanted = requests[r] + (r < stride ? used[node * stride + r] : 0);
      for (const other of waiting) wanted += other.requests[r] ?? 0;
      if (wanted > (allocatable[r] ?? 0)) return FILTER.NodeResourcesFit;
    }
    return -1;
  }

  /** Weighs the best nodes of the groups against each other. */
  #weighBlocks(cache: ClassScores): number {
    const { groups, cells, shift, constraints } = cache;
    if (groups.count === 1) return cache.bestOf(0);
    const { key } = this.#rows;
    const totals = groupTotals(groups, this.#counts, this.#config, constraints);
    let best: number = NONE;
    let bestTotal = -1;
    for (let group = 0; group < groups.count; group++) {
      if (!this.#counts[group]) continue;
      const slot = cache.bestOf(group);
      const total = (cells[slot] >> shift) + totals[group];
      if (total > bestTotal || (total === bestTotal && key[slot] < key[best])) {
        best = slot;
        bestTotal = total;
      }
    }
    return best;
  }

  /** Goes through the nodes in order until enough are found that may take the pod, and weighs those. */
  #walk({ groups, cells, shift, groupMask, constraints }: ClassScores, wanted: number, pod: number, refusedBy: number): number {
    const { listed } = this.#rows;
    if (this.#found.length < wanted) this.#found = new Int32Array(wanted * 2);
    const found = this.#found;
    const barred = constraints.filters ? this.#barred : undefined;
    const counts: number[] = new Array(groups.count).fill(0);
    let n = 0;
    let examined = 0;
    const excluded = this.#excluded.size > 0 ? this.#excluded : undefined;
    // The node that the pod waited for was examined before, and counts once.
    let early = refusedBy === NONE ? 0 : 1;
    let at = this.start;
    for (; examined < listed.length; examined++) {
      const slot = listed[at];
      if (++at === listed.length) at = 0;
      const cell = cells[slot];
      if (slot === refusedBy) early = 0;
      if (excluded?.has(slot) === true) continue;
      if (cell < 0 || (barred !== undefined && barred[cell & groupMask] !== VERDICT.accepted)) continue;
      if (n === wanted) break;
      found[n++] = slot;
      counts[cell & groupMask]++;
    }
    this.start = (this.start + examined + early) % listed.length;
    const totals = groupTotals(groups, counts, this.#config, constraints);
    let most = -1;
    let first = 0;
    for (let i = 0; i < n; i++) {
      const cell = cells[found[i]];
      const total = (cell >> shift) + totals[cell & groupMask];
      if (total <= most) continue;
      most = total;
      first = i;
    }
    if (this.#tie === 'first') return found[first];
    return found[this.#pick(n, pod, (i) => (cells[found[i]] >> shift) + totals[cells[found[i]] & groupMask] === most)];
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

  makeRoom(podClass: number, pod: number, now: number): Room | undefined {
    if (this.#plainly) return this.#plain.makeRoom(podClass, pod, now);
    const { version } = this.#nominations;
    // Of a pod that waits for a node already, nothing follows for others of its class.
    const alike = this.#nominations.of(pod) === NONE;
    const hopeless = this.#hopeless.get(podClass);
    if (alike && hopeless?.[0] === this.#rows.end && hopeless[1] === version) return undefined;
    const room = this.#preemption.find(podClass, pod, now, this.#pods.of(podClass).named);
    if (alike && (room === undefined || room.node < 0)) this.#hopeless.set(podClass, [this.#rows.end, version]);
    return room;
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

  /** Whether volumes, or images that nodes hold, have a say: exact the plain way, and slower. */
  #plainOnly(podClass: number, { spec }: PodFacts): boolean {
    const { nodes } = this.#view.classes;
    for (; this.#shapesSeen < nodes.length; this.#shapesSeen++) {
      if ((nodes[this.#shapesSeen].shape.images ?? []).length > 0) this.#holdsImages = true;
    }
    if (this.#storage.concerns(podClass)) return true;
    if (!this.#holdsImages || !this.#config.scoreWeights.ImageLocality) return false;
    return [...(spec.initContainers ?? []), ...spec.containers].some(({ image }) => image !== undefined);
  }

  #choosePlainly(podClass: number, pod: number): number {
    this.#plainly = true;
    this.#plain.start = this.start;
    const node = this.#plain.choose(podClass, pod);
    this.start = this.#plain.start;
    this.rejectors = this.#plain.rejectors;
    return node;
  }

  /** The up-to-date scores of a class. */
  #cache(podClass: number, withBlocks: boolean): ClassScores {
    let cache = this.#caches[podClass];
    if (cache === undefined) {
      cache = new ClassScores(this.#view, this.#filters, this.#pods.of(podClass), this.#rows, this.#config);
      this.#caches[podClass] = cache;
      this.#cached++;
    }
    const before = cache.bytes;
    cache.catchUp(this.#order.reorders, withBlocks);
    cache.usedAt = ++this.#uses;
    if (cache.bytes !== before) {
      this.#bytes += cache.bytes - before;
      while (this.#bytes > this.#budget && this.#cached > 1) this.#dropOldest();
    }
    return cache;
  }

  #dropOldest(): void {
    let oldest = -1;
    let usedAt = Number.POSITIVE_INFINITY;
    this.#caches.forEach((cache, podClass) => {
      if (cache === undefined || cache.usedAt >= usedAt) return;
      oldest = podClass;
      usedAt = cache.usedAt;
    });
    this.#bytes -= this.#caches[oldest]?.bytes ?? 0;
    this.#caches[oldest] = undefined;
    this.#cached--;
  }
}
