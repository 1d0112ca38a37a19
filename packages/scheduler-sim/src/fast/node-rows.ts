import { type ClusterView, CPU, MEMORY, NONE, PODS } from '@plimsoll/core';
import type { NodeOrder } from '../cycle/node-order.ts';
import { balance } from '../scores/resources.ts';

/** Slots are scanned in blocks of this many. */
export const BLOCK = 64;

/** CPU and memory that nodes have, by node class. */
export interface Capacities {
  cpu: Float64Array;
  memory: Float64Array;
}

/** Where the numbers of a slot stand, from `slot * WIDTH`: one cache line. */
export const WIDTH = 8;
export const AT = { nodeClass: 0, places: 1, cpuUsed: 2, memoryUsed: 3, cpuCounted: 4, memoryCounted: 5, balance: 6 } as const;

const MIN_SLOTS = BLOCK;

/**
 * The nodes of the snapshot in dense slots, with the numbers that scores read side by side, and a ring of the slots touched.
 *
 * A slot belongs to a node while it is there, and then to another, so caches by slot stay as small as the cluster however many
 * nodes a run sees. It is fed by records and not by the cluster's journal: what-ifs come and go between two decisions and leave no trace here.
 */
export class NodeRows {
  /** Row of the node in each slot, or NONE. */
  rowOf = new Int32Array(MIN_SLOTS).fill(NONE);
  data = new Float64Array(MIN_SLOTS * WIDTH);
  /** Place in the order of nodes: the less the earlier. */
  key = new Int32Array(MIN_SLOTS);
  /** Slots that are or were in use; a multiple of {@link BLOCK} is reserved. */
  slots = 0;
  /** Nodes now. */
  count = 0;
  readonly capacities: Capacities = { cpu: new Float64Array(0), memory: new Float64Array(0) };
  /** Slots in the order of the list of nodes. */
  listed = new Int32Array(0);
  ring = new Int32Array(2 * MIN_SLOTS);
  /** How many touches there have been. */
  end = 0;
  /** How often a slot went to another node. */
  moves = 0;
  readonly #view: ClusterView;
  readonly #order: NodeOrder;
  #slotOf = new Int32Array(64).fill(NONE);
  readonly #free: number[] = [];
  #epoch = -1;
  #classes = 0;

  constructor(view: ClusterView, order: NodeOrder) {
    this.#view = view;
    this.#order = order;
    for (let node = view.firstNode; node !== NONE; node = view.nodes.next[node]) this.add(node);
  }

  /** Slots that caches reserve. */
  get capacity(): number {
    return this.rowOf.length;
  }

  slotOf(node: number): number {
    return node < this.#slotOf.length ? this.#slotOf[node] : NONE;
  }

  add(node: number): void {
    const slot = this.#free.pop() ?? this.slots++;
    if (slot >= this.rowOf.length) this.#grow();
    if (node >= this.#slotOf.length) {
      const wider = new Int32Array(Math.max(node + 1, this.#slotOf.length * 2)).fill(NONE);
      wider.set(this.#slotOf);
      this.#slotOf = wider;
    }
    this.#slotOf[node] = slot;
    this.rowOf[slot] = node;
    this.moves++;
    this.count++;
    this.#copy(slot, node);
  }

  remove(node: number): void {
    const slot = this.slotOf(node);
    if (slot === NONE) return;
    this.#slotOf[node] = NONE;
    this.rowOf[slot] = NONE;
    this.data[slot * WIDTH + AT.nodeClass] = NONE;
    this.count--;
    this.#free.push(slot);
    this.#push(slot);
  }

  /** A node changed, or what runs on it. */
  touch(node: number): void {
    const slot = this.slotOf(node);
    if (slot !== NONE) this.#copy(slot, node);
  }

  /** Takes over the order of nodes where it changed. */
  sync(): void {
    const order = this.#order;
    if (order.epoch === this.#epoch) return;
    this.#epoch = order.epoch;
    const { rows, keys } = order;
    if (this.listed.length !== rows.length) this.listed = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const slot = this.#slotOf[rows[i]];
      this.listed[i] = slot;
      this.key[slot] = keys[i];
    }
  }

  #copy(slot: number, node: number): void {
    const { nodes, used, stride, classes } = this.#view;
    const nodeClass = nodes.class[node];
    const { allocatable } = classes.nodes[nodeClass];
    const at = slot * WIDTH;
    if (nodeClass >= this.#classes) this.#learn();
    const data = this.data;
    const use = node * stride;
    data[at + AT.nodeClass] = nodeClass;
    data[at + AT.cpuUsed] = used[use + CPU];
    data[at + AT.memoryUsed] = used[use + MEMORY];
    data[at + AT.cpuCounted] = nodes.nonZeroCpu[node];
    data[at + AT.memoryCounted] = nodes.nonZeroMemory[node];
    data[at + AT.places] = allocatable[PODS] - used[use + PODS];
    data[at + AT.balance] = balance(used[use + CPU], allocatable[CPU], used[use + MEMORY], allocatable[MEMORY]);
    this.#push(slot);
  }

  #learn(): void {
    const { nodes } = this.#view.classes;
    this.capacities.cpu = Float64Array.from(nodes, ({ allocatable }) => allocatable[CPU]);
    this.capacities.memory = Float64Array.from(nodes, ({ allocatable }) => allocatable[MEMORY]);
    this.#classes = nodes.length;
  }

  #push(slot: number): void {
    this.ring[this.end & (this.ring.length - 1)] = slot;
    this.end++;
  }

  #grow(): void {
    const length = this.rowOf.length * 2;
    const rowOf = new Int32Array(length).fill(NONE);
    rowOf.set(this.rowOf);
    this.rowOf = rowOf;
    this.key = widened(this.key, new Int32Array(length));
    this.data = widened(this.data, new Float64Array(length * WIDTH));
    // Caches were sized for fewer slots, so all of them start afresh: what the old ring held is not needed.
    this.ring = new Int32Array(length * 2);
  }
}

function widened<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
