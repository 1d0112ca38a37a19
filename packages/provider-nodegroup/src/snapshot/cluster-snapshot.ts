import { type ClusterView, CPU, MEMORY, NONE, PODS, type Rejection, type SchedulingModel, type WhatIf } from '@plimsoll/core';
import type { PodFacts } from '../pods/pod-facts.ts';
import type { ClusterQuota } from '../scale-up/quota.ts';

/** What a node of the snapshot is. */
export const NODE_KIND = {
  /** Has a Node object. */
  real: 0,
  /** Was asked for and is not there yet; stands in as a copy of its group's template. */
  upcoming: 1,
  /** Added by the estimation under way. */
  added: 2,
} as const;

/** Which nodes a search may use. */
export const AMONG = { all: 0, destinations: 1, added: 2, allButLast: 3 } as const;

/** What a template puts on a node that does not exist. */
export interface ImaginedNode {
  readonly nodeClass: number;
  /** Use of the pods that every such node has, by resource. */
  readonly used: readonly number[];
  readonly group: number;
  readonly kind: number;
  readonly name: string;
  /** What hints call the node; see {@link hintKey}. */
  readonly hint?: number;
}

/** What hints call a node to come: below {@link NONE}, so that no row is meant. */
export function hintKey(group: number, index: number): number {
  return -2 - (group * 65_536 + index);
}

/** A point to go back to: {@link ClusterSnapshot.revertTo}. */
export interface SnapshotMark {
  readonly placed: number;
  readonly slots: number;
  readonly count: number;
  readonly whatIf: number;
}

/**
 * The cluster as one loop of the autoscaler imagines it: real nodes, copies of templates for nodes to come, and pods placed on them.
 *
 * Free resources are the loop's own columns, so that placing a pod touches neither the cluster nor the scheduler's caches. Only where
 * some class of the run has affinity between pods, spread, ports or volumes is every step also done in the engine's what-if, and the
 * scheduling model asked.
 *
 * A search visits the list from one past the place of the last success, round and round, and takes the first node that fits: Cluster
 * Autoscaler 1.37, `simulator/clustersnapshot/scheduling_opts.go`. That place survives loops.
 */
export class ClusterSnapshot {
  /** Position of the last success of a search in the list. */
  cursor = 0;
  /** How many nodes the list has. */
  count = 0;
  /** The list: slots in order. */
  order = new Int32Array(256);
  /** Columns by slot. The row is the cluster's, or NONE for a node imagined outside a what-if. */
  row = new Int32Array(256);
  nodeClass = new Int32Array(256);
  group = new Int32Array(256);
  kind = new Uint8Array(256);
  /** 1 where pods of removed nodes may go. */
  destination = new Uint8Array(256);
  /** What the planner made of a real node's use; 0 where the node was read anew since. */
  judged = new Uint8Array(256);
  /** What hints call the node of a slot: its row, or the key of a node to come; NONE for others. */
  hint = new Int32Array(256);
  /** Free resources at `slot * stride + resource`. */
  free = new Float64Array(256 * 4);
  stride = 4;
  readonly #view: ClusterView;
  readonly #model: SchedulingModel;
  readonly #facts: PodFacts;
  #whatIf: WhatIf | undefined;
  #slots = 0;
  /** Slot by row of a real node of this loop. */
  #slotOf = new Int32Array(256).fill(NONE);
  /** Pods that this loop placed, in order, chained by slot. */
  #placed = 0;
  #placedPod = new Int32Array(1024);
  #placedSlot = new Int32Array(1024);
  #placedPrev = new Int32Array(1024);
  #placedNext = new Int32Array(1024);
  #firstPlaced = new Int32Array(256);
  #lastPlaced = new Int32Array(256);
  /** How many slots, from the first on, are real nodes that the next loop may keep; the journal was read up to there for them. */
  #kept = 0;
  #readTo = -1;
  /** Kept slots that this loop placed a pod on, and whether it took a node off the list. */
  #used: number[] = [];
  #removed = false;
  /** Groups of which hints to nodes to come are good in this loop. */
  readonly #remembered = new Set<number>();
  /** Position from which on nodes were added by an estimation. */
  #addedFrom = 0;
  /** By pod class, then node class: 0 not asked yet, 1 fits, 2 does not. */
  readonly #fitsClass: (Uint8Array | undefined)[] = [];

  constructor(view: ClusterView, model: SchedulingModel, facts: PodFacts) {
    this.#view = view;
    this.#model = model;
    this.#facts = facts;
  }

  /** Starts a loop with an empty list. `whatIf` is given where the scheduling model must see what is placed. */
  begin(whatIf: WhatIf | undefined): void {
    this.#whatIf = whatIf;
    this.#remembered.clear();
    this.count = 0;
    this.#slots = 0;
    this.#placed = 0;
    this.#addedFrom = 0;
    this.#kept = 0;
    this.#used.length = 0;
    this.#removed = false;
    this.#readTo = this.#view.journal.end;
    this.stride = Math.max(this.#view.stride, this.#view.classes.resources.count);
    if (this.#slotOf.length < this.#view.nodeCount) this.#slotOf = new Int32Array(this.#view.nodeCount * 2);
    this.#slotOf.fill(NONE);
  }

  /** Says that all real nodes are there: the next loop may begin with them. Where expendable pods were left out, it may not. */
  keepReal(): void {
    this.#kept = this.#facts.anyIgnored ? 0 : this.#slots;
  }

  /**
   * Starts a loop with the real nodes of the last one, as they are now: those that the journal names or the last loop changed are read anew. Returns
   * false where nothing was kept; then all must be added again. The caller answers for the list of nodes being the same.
   */
  beginAgain(whatIf: WhatIf | undefined): boolean {
    const { journal, classes, stride } = this.#view;
    const kept = this.#kept;
    if (kept === 0 || this.#facts.anyIgnored) return false;
    if (this.stride !== Math.max(stride, classes.resources.count)) return false;
    const { end } = journal;
    if (this.#readTo < journal.start || end - this.#readTo > kept) return false;
    this.#whatIf = whatIf;
    this.#remembered.clear();
    for (const slot of this.#used) {
      this.#firstPlaced[slot] = NONE;
      this.#lastPlaced[slot] = NONE;
      this.#read(slot);
    }
    this.#used.length = 0;
    for (let position = this.#readTo; position < end; position++) {
      const slot = this.slotOf(journal.at(position));
      if (slot !== NONE) this.#read(slot);
    }
    this.#readTo = end;
    if (this.#removed) for (let slot = 0; slot < kept; slot++) this.order[slot] = slot;
    this.#removed = false;
    this.destination.fill(0, 0, kept);
    this.count = kept;
    this.#slots = kept;
    this.#placed = 0;
    this.#addedFrom = 0;
    return true;
  }

  /** Appends a node that has a Node object. */
  addReal(row: number): number {
    const { class: classes, group } = this.#view.nodes;
    const slot = this.#append(row, classes[row], group[row], NODE_KIND.real);
    this.#read(slot);
    this.#slotOf[row] = slot;
    this.hint[slot] = row;
    if (this.#facts.anyIgnored) this.#freeIgnored(row, slot);
    return slot;
  }

  /** Appends a node that does not exist. */
  addImagined({ nodeClass, used, group, kind, name, hint = NONE }: ImaginedNode): number {
    const row = this.#whatIf === undefined ? NONE : this.#whatIf.imagineNode(nodeClass, name, -1, group);
    const slot = this.#append(row, nodeClass, group, kind);
    this.hint[slot] = hint;
    const { allocatable } = this.#view.classes.nodes[nodeClass];
    const to = slot * this.stride;
    for (let r = 0; r < this.stride; r++) this.free[to + r] = (allocatable[r] ?? 0) - (used[r] ?? 0);
    return slot;
  }

  /** Slot of a real node, or NONE where this loop's list does not have it. */
  slotOf(row: number): number {
    return row < this.#slotOf.length ? this.#slotOf[row] : NONE;
  }

  /** Says that copies of a template have the names that they had in the last loop: hints to them are good. */
  rememberNames(group: number): void {
    this.#remembered.add(group);
  }

  /** Slot of what a hint calls so, or NONE. */
  slotOfHint(hint: number): number {
    if (hint >= 0) return this.slotOf(hint);
    if (this.#remembered.size === 0) return NONE;
    for (let position = 0; position < this.count; position++) {
      const slot = this.order[position];
      if (this.hint[slot] === hint && this.#remembered.has(this.group[slot])) return slot;
    }
    return NONE;
  }

  /** Whether a pod of a class passes every filter on a node. */
  fits(podClass: number, slot: number): boolean {
    const facts = this.#facts;
    const base = slot * this.stride;
    const { free } = this;
    const cpu = facts.cpu[podClass];
    const memory = facts.memory[podClass];
    if (free[base + PODS] < 1 || (cpu > 0 && free[base + CPU] < cpu) || (memory > 0 && free[base + MEMORY] < memory))
      return false;
    const others = facts.others[podClass];
    if (others !== undefined) {
      for (let i = 0; i < others.length; i += 2) if (free[base + others[i]] < others[i + 1]) return false;
    }
    if (!this.#allowed(podClass, slot)) return false;
    if (this.#whatIf === undefined || !(facts.constrained[podClass] || facts.anyRepelling)) return true;
    return this.#model.fits(podClass, this.row[slot]);
  }

  /** Why a pod of a class does not fit on a node that exists in the engine's what-if; undefined where it does, or there is no what-if. */
  rejection(podClass: number, slot: number): Rejection | undefined {
    return this.row[slot] === NONE ? undefined : this.#model.reject(podClass, this.row[slot]);
  }

  /**
   * The first fitting node in visiting order, which becomes the cursor; NONE where there is none. `firstSlot` promises that nodes added before
   * it do not fit, and is only an aid.
   */
  find(podClass: number, among: number, firstSlot = 0): number {
    const n = this.count;
    if (n === 0) return NONE;
    const start = (this.cursor + 1) % n;
    const from = among === AMONG.added ? this.#addedFrom : 0;
    let position = this.#search(podClass, among, Math.max(start, from), n, firstSlot);
    if (position === NONE) position = this.#search(podClass, among, from, Math.max(start, from), firstSlot);
    if (position === NONE) return NONE;
    this.cursor = position;
    return this.order[position];
  }

  /** Puts a pod on a node of the snapshot. Does not check. */
  place(pod: number, podClass: number, slot: number): void {
    this.#take(podClass, slot, 1);
    if (slot < this.#kept && this.#firstPlaced[slot] === NONE) this.#used.push(slot);
    const entry = this.#placed++;
    if (entry === this.#placedPod.length) this.#growPlaced();
    this.#placedPod[entry] = pod;
    this.#placedSlot[entry] = slot;
    const last = this.#lastPlaced[slot];
    this.#placedPrev[entry] = last;
    this.#placedNext[entry] = NONE;
    if (last === NONE) this.#firstPlaced[slot] = entry;
    else this.#placedNext[last] = entry;
    this.#lastPlaced[slot] = entry;
    this.#whatIf?.bind(pod, this.row[slot]);
  }

  /** Puts a pod on the node that the scheduler keeps for it, whether or not it has room: the pods that must go for it are still there. */
  placeNominated(pod: number, slot: number): void {
    const podClass = this.#view.pods.class[pod];
    if (this.#whatIf === undefined || this.fits(podClass, slot)) this.place(pod, podClass, slot);
    else {
      this.#take(podClass, slot, 1);
      if (slot < this.#kept) this.#used.push(slot);
    }
  }

  /**
   * Pods of a real node in order of their creation, those placed by this loop last, of which only the ones placed before a mark where one is given.
   * Expendable pods do not count.
   */
  podsOn(slot: number, out: number[], before?: SnapshotMark): void {
    const { pods, nodes } = this.#view;
    const facts = this.#facts;
    const node = this.row[slot];
    // With a what-if open, the cluster's own list ends with the pods placed by this loop.
    let left = nodes.pods[node];
    if (this.#whatIf !== undefined) left -= this.#placedOn(slot);
    const from = out.length;
    for (let pod = nodes.firstPod[node]; left > 0; pod = pods.next[pod], left--) {
      if (facts.anyIgnored && facts.ignored[pods.class[pod]]) continue;
      let at = out.length;
      for (; at > from && out[at - 1] > pod; at--) out[at] = out[at - 1];
      out[at] = pod;
    }
    const end = before?.placed ?? Infinity;
    for (let entry = this.#firstPlaced[slot]; entry !== NONE && entry < end; entry = this.#placedNext[entry]) {
      out.push(this.#placedPod[entry]);
    }
  }

  /** Whether this loop placed a pod on a node. */
  received(slot: number): boolean {
    return this.#firstPlaced[slot] !== NONE;
  }

  /** Empties a node for the time of a what-if and taints it, so that its domain stays visible while its pods look for other places. */
  ghost(slot: number, pods: readonly number[]): void {
    this.destination[slot] = 0;
    if (this.#whatIf === undefined) return;
    for (const pod of pods) this.#whatIf.unbind(pod);
    this.#whatIf.changeNode(this.row[slot], GHOST);
  }

  /** Takes a node off the list for the rest of the loop. */
  remove(slot: number): void {
    const position = this.order.indexOf(slot);
    this.order.copyWithin(position, position + 1, this.count);
    this.count--;
    this.#removed = true;
    this.#whatIf?.hideNode(this.row[slot]);
  }

  mark(): SnapshotMark {
    return { placed: this.#placed, slots: this.#slots, count: this.count, whatIf: this.#whatIf?.mark() ?? 0 };
  }

  /** Takes back what was placed and added since a mark. The cursor stays where it is. */
  revertTo({ placed, slots, count, whatIf }: SnapshotMark): void {
    while (this.#placed > placed) {
      const entry = --this.#placed;
      const slot = this.#placedSlot[entry];
      const prev = this.#placedPrev[entry];
      this.#lastPlaced[slot] = prev;
      if (prev === NONE) this.#firstPlaced[slot] = NONE;
      else this.#placedNext[prev] = NONE;
      if (slot < slots) this.#take(this.#view.pods.class[this.#placedPod[entry]], slot, -1);
    }
    this.#slots = slots;
    this.count = count;
    this.#whatIf?.revertTo(whatIf);
  }

  /** From here on, added nodes are those of a new estimation. */
  beginEstimation(): void {
    this.#addedFrom = this.count;
  }

  /** What all nodes together take of each resource that has a limit. */
  usage(quota: ClusterQuota): number[] {
    const used = quota.resources.map(() => 0);
    for (let i = 0; i < this.count; i++) {
      const slot = this.order[i];
      if (quota.isVirtual(this.nodeClass[slot])) continue;
      const amounts = quota.of(this.nodeClass[slot], this.group[slot]);
      for (let r = 0; r < used.length; r++) used[r] += amounts[r];
    }
    return used;
  }

  /** How many nodes that exist a group has in the list. */
  registered(group: number): number {
    let found = 0;
    for (let i = 0; i < this.count; i++) {
      const slot = this.order[i];
      if (this.group[slot] === group && this.kind[slot] === NODE_KIND.real) found++;
    }
    return found;
  }

  /** How many pods this loop has placed on a node. */
  #placedOn(slot: number): number {
    let count = 0;
    for (let entry = this.#firstPlaced[slot]; entry !== NONE; entry = this.#placedNext[entry]) count++;
    return count;
  }

  #search(podClass: number, among: number, from: number, to: number, firstSlot: number): number {
    const { order, free, stride, kind, destination } = this;
    const facts = this.#facts;
    const cpu = facts.cpu[podClass];
    const memory = facts.memory[podClass];
    const last = among === AMONG.allButLast ? this.order[this.count - 1] : NONE;
    for (let position = from; position < to; position++) {
      const slot = order[position];
      const base = slot * stride;
      // The same checks as in fits(), written out: this loop is where the time goes.
      if (free[base] < cpu || free[base + MEMORY] < memory) {
        if ((cpu > 0 && free[base] < cpu) || (memory > 0 && free[base + MEMORY] < memory)) continue;
      }
      if (slot < firstSlot || slot === last) continue;
      if (among === AMONG.destinations ? destination[slot] === 0 : among === AMONG.added && kind[slot] !== NODE_KIND.added)
        continue;
      // A search passes cordoned nodes by, even where the pod would tolerate the cordon.
      if (this.fits(podClass, slot) && !this.#isCordoned(slot)) return position;
    }
    return NONE;
  }

  #isCordoned(slot: number): boolean {
    return this.#view.classes.nodes[this.nodeClass[slot]].shape.unschedulable;
  }

  #allowed(podClass: number, slot: number): boolean {
    const facts = this.#facts;
    const nodeClass = this.nodeClass[slot];
    if (facts.named[podClass]) return this.#model.fitsClass(podClass, nodeClass, this.#name(slot));
    let known = this.#fitsClass[podClass];
    if (known === undefined || nodeClass >= known.length) {
      const wider = new Uint8Array(Math.max(64, this.#view.classes.nodes.length * 2));
      if (known !== undefined) wider.set(known);
      this.#fitsClass[podClass] = known = wider;
    }
    let answer = known[nodeClass];
    if (answer === 0) {
      answer = this.#model.fitsClass(podClass, nodeClass, '') ? 1 : 2;
      known[nodeClass] = answer;
    }
    return answer === 1;
  }

  #name(slot: number): string {
    const row = this.row[slot];
    return row === NONE ? `template-node-${slot}` : this.#view.nodeNames[row];
  }

  #take(podClass: number, slot: number, sign: 1 | -1): void {
    const facts = this.#facts;
    const base = slot * this.stride;
    const { free } = this;
    free[base + CPU] -= sign * facts.cpu[podClass];
    free[base + MEMORY] -= sign * facts.memory[podClass];
    free[base + PODS] -= sign;
    const others = facts.others[podClass];
    if (others !== undefined) for (let i = 0; i < others.length; i += 2) free[base + others[i]] -= sign * others[i + 1];
  }

  /** Reads a real node's free resources. */
  #read(slot: number): void {
    const { classes, used, stride: width } = this.#view;
    const { allocatable } = classes.nodes[this.nodeClass[slot]];
    const { free, stride } = this;
    const from = this.row[slot] * width;
    const to = slot * stride;
    const known = allocatable.length;
    for (let r = 0; r < stride; r++) free[to + r] = (r < known ? allocatable[r] : 0) - (r < width ? used[from + r] : 0);
    this.judged[slot] = 0;
  }

  #freeIgnored(row: number, slot: number): void {
    const { pods, nodes } = this.#view;
    for (let pod = nodes.firstPod[row]; pod !== NONE; ) {
      const { [pod]: next } = pods.next;
      if (this.#facts.ignored[pods.class[pod]]) {
        this.#take(pods.class[pod], slot, -1);
        this.#whatIf?.unbind(pod);
      }
      pod = next;
    }
  }

  #append(row: number, nodeClass: number, group: number, kind: number): number {
    const slot = this.#slots++;
    if (slot === this.row.length) this.#growSlots();
    if ((slot + 1) * this.stride > this.free.length) {
      const wider = new Float64Array(this.row.length * this.stride);
      wider.set(this.free);
      this.free = wider;
    }
    this.order[this.count++] = slot;
    this.row[slot] = row;
    this.nodeClass[slot] = nodeClass;
    this.group[slot] = group;
    this.kind[slot] = kind;
    this.destination[slot] = 0;
    this.#firstPlaced[slot] = NONE;
    this.#lastPlaced[slot] = NONE;
    return slot;
  }

  #growSlots(): void {
    const length = this.row.length * 2;
    this.order = widened(this.order, length);
    this.row = widened(this.row, length);
    this.nodeClass = widened(this.nodeClass, length);
    this.group = widened(this.group, length);
    this.hint = widened(this.hint, length);
    this.#firstPlaced = widened(this.#firstPlaced, length);
    this.#lastPlaced = widened(this.#lastPlaced, length);
    const kind = new Uint8Array(length);
    kind.set(this.kind);
    this.kind = kind;
    const destination = new Uint8Array(length);
    destination.set(this.destination);
    this.destination = destination;
    const judged = new Uint8Array(length);
    judged.set(this.judged);
    this.judged = judged;
  }

  #growPlaced(): void {
    const length = this.#placedPod.length * 2;
    this.#placedPod = widened(this.#placedPod, length);
    this.#placedSlot = widened(this.#placedSlot, length);
    this.#placedPrev = widened(this.#placedPrev, length);
    this.#placedNext = widened(this.#placedNext, length);
  }
}

const GHOST = { addTaints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' as const }] };

function widened(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(column);
  return wider;
}
