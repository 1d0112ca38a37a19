import { type ClusterView, NODE, NONE, POD } from '@plimsoll/core';
import { type CountedNodes, DomainSums, NO_DOMAIN, TopologyKey } from './domain-sums.ts';
import { type PodKind, Tally } from './tally.ts';

/**
 * Pods counted by node and by domain, kept fresh from a cluster's journal, what-ifs included: a node that was touched is counted anew.
 * Costs nothing while nobody counts anything.
 */
export class Topology {
  readonly #view: ClusterView;
  readonly #keys = new Map<string, TopologyKey>();
  readonly #tallies: Tally[] = [];
  readonly #byId = new Map<string, Tally>();
  /** By pod class: index and weight of each tally that its pods count for. */
  #weights: (readonly number[])[] = [];
  #cursor = 0;
  /** Slots of the nodes that are there: rows are never used again, slots are. */
  #slotOf = new Int32Array(64).fill(NONE);
  #classOf = new Int32Array(64).fill(NONE);
  readonly #nameOf: string[] = [];
  /** Counts of a slot side by side, one per tally. */
  #onSlot = new Int32Array(64 * 8);
  #stride = 8;
  readonly #free: number[] = [];
  #slots = 0;
  /** Rows that were met in the current sync. */
  #met = new Int32Array(64);
  #syncs = 0;
  /** One node's counts by tally, all 0 between nodes. */
  readonly #counts: number[] = [];

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** The slot of a node that is there. */
  slotOf(node: number): number {
    return this.#slotOf[node];
  }

  /** How many pods of a tally are on the node of a slot. */
  onSlot(slot: number, { index }: Tally): number {
    return this.#onSlot[slot * this.#stride + index];
  }

  /** The domain of a node class for a key; for the host name, the slot. */
  key(key: string): TopologyKey {
    let known = this.#keys.get(key);
    if (known === undefined) {
      const { classes } = this.#view;
      known = new TopologyKey(key, (nodeClass, name) => classes.nodes[nodeClass].shape.labels[name]);
      this.#keys.set(key, known);
    }
    return known;
  }

  /** The tally of a kind. Counts everything when a kind is asked for first; hold on to it. */
  tally(kind: PodKind): Tally {
    const known = this.#byId.get(kind.id);
    if (known !== undefined) return known;
    if (this.#tallies.length === 0) this.#cursor = this.#view.journal.end;
    else this.sync();
    const tally = new Tally(kind, this.#tallies.length);
    if (tally.index >= this.#stride) this.#layOut(this.#classOf.length, this.#stride * 2);
    this.#byId.set(kind.id, tally);
    this.#tallies.push(tally);
    this.#weights = [];
    this.#counts.push(0);
    for (let node = 0; node < this.#view.nodeCount; node++) this.#count(node);
    return tally;
  }

  /** What a tally comes to in the domains of a key. `withLeast` where the least of them will be asked for. */
  sums(tally: Tally, key: string, nodes: CountedNodes, withLeast = false): DomainSums {
    let sums = tally.find(key, nodes);
    if (sums !== undefined) return sums;
    sums = new DomainSums(this.key(key), nodes, withLeast, tally);
    tally.add(sums);
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#classOf[slot] !== NONE) this.#join(sums, slot, this.onSlot(slot, tally));
    }
    return sums;
  }

  /** Brings everything up to date. */
  sync(): void {
    const { journal } = this.#view;
    if (this.#cursor === journal.end) return;
    if (this.#tallies.length > 0) {
      if (this.#cursor < journal.start) {
        const rows = Math.max(this.#slotOf.length, this.#view.nodeCount);
        for (let node = 0; node < rows; node++) this.#count(node);
      } else {
        this.#syncs++;
        for (let at = this.#cursor; at < journal.end; at++) {
          const node = journal.at(at);
          if (node < this.#met.length && this.#met[node] === this.#syncs) continue;
          this.#count(node);
          this.#met[node] = this.#syncs;
        }
      }
    }
    this.#cursor = journal.end;
  }

  #count(node: number): void {
    const { nodes, nodeCount, nodeNames } = this.#view;
    if (node >= this.#slotOf.length) this.#reserveRows(node);
    // A row beyond the end belonged to a node that a what-if had imagined.
    const there = node < nodeCount && (nodes.state[node] === NODE.registered || nodes.state[node] === NODE.ready);
    let slot = this.#slotOf[node];
    const nodeClass = there ? nodes.class[node] : NONE;
    const name = there ? nodeNames[node] : '';
    if (slot !== NONE && (this.#classOf[slot] !== nodeClass || this.#nameOf[slot] !== name)) {
      this.#drop(slot);
      this.#slotOf[node] = slot = NONE;
    }
    if (!there) return;
    if (slot === NONE) {
      slot = this.#free.pop() ?? this.#slots++;
      if (slot >= this.#classOf.length) this.#reserveSlots();
      this.#slotOf[node] = slot;
      this.#classOf[slot] = nodeClass;
      this.#nameOf[slot] = name;
      this.#onSlot.fill(0, slot * this.#stride, (slot + 1) * this.#stride);
      for (const tally of this.#tallies) for (const sums of tally.sums) this.#join(sums, slot, 0);
    }
    this.#recount(node, slot);
  }

  #recount(node: number, slot: number): void {
    const { class: classOf, next, state } = this.#view.pods;
    const counts = this.#counts;
    for (let pod = this.#view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
      const weights = this.#weights[classOf[pod]] ?? this.#learn(classOf[pod]);
      const lives = state[pod] !== POD.terminating;
      for (let i = 0; i < weights.length; i += 2) {
        const tally = weights[i];
        if (!lives && !this.#tallies[tally].kind.withTerminating) continue;
        counts[tally] += weights[i + 1];
      }
    }
    const onSlot = this.#onSlot;
    const base = slot * this.#stride;
    for (let i = 0; i < counts.length; i++) {
      const by = counts[i] - onSlot[base + i];
      counts[i] = 0;
      if (by === 0) continue;
      onSlot[base + i] += by;
      for (const sums of this.#tallies[i].sums) {
        const domain = this.#domain(sums, slot);
        if (domain !== NO_DOMAIN) sums.change(domain, by);
      }
    }
  }

  #drop(slot: number): void {
    for (const tally of this.#tallies) {
      for (const sums of tally.sums) {
        const domain = this.#domain(sums, slot);
        if (domain !== NO_DOMAIN) sums.leave(domain, this.onSlot(slot, tally));
      }
    }
    this.#classOf[slot] = NONE;
    this.#free.push(slot);
  }

  #join(sums: DomainSums, slot: number, count: number): void {
    const domain = this.#domain(sums, slot);
    if (domain !== NO_DOMAIN) sums.join(domain, count);
  }

  /** The domain of a slot where its pods count, else NO_DOMAIN. */
  #domain(sums: DomainSums, slot: number): number {
    const nodeClass = this.#classOf[slot];
    const domain = sums.key.domainOf(nodeClass, slot);
    return domain !== NO_DOMAIN && sums.includes(nodeClass, this.#nameOf[slot]) ? domain : NO_DOMAIN;
  }

  #learn(podClass: number): readonly number[] {
    const weights: number[] = [];
    this.#tallies.forEach(({ kind }, i) => {
      const weight = kind.weight(podClass);
      if (weight !== 0) weights.push(i, weight);
    });
    this.#weights[podClass] = weights;
    return weights;
  }

  #reserveRows(node: number): void {
    const length = Math.max(node + 1, this.#slotOf.length * 2);
    const slotOf = new Int32Array(length).fill(NONE);
    slotOf.set(this.#slotOf);
    this.#slotOf = slotOf;
    const met = new Int32Array(length);
    met.set(this.#met);
    this.#met = met;
  }

  #reserveSlots(): void {
    const classOf = new Int32Array(this.#classOf.length * 2).fill(NONE);
    classOf.set(this.#classOf);
    this.#classOf = classOf;
    this.#layOut(classOf.length, this.#stride);
  }

  #layOut(slots: number, stride: number): void {
    const wider = new Int32Array(slots * stride);
    for (let slot = 0; slot < this.#slots; slot++) {
      wider.set(this.#onSlot.subarray(slot * this.#stride, (slot + 1) * this.#stride), slot * stride);
    }
    this.#onSlot = wider;
    this.#stride = stride;
  }
}
