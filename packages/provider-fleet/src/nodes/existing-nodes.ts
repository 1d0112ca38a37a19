import { type ClusterView, type HostPort, NONE } from '@plimsoll/core';
import type { PodKind, PodVariant } from '../pods/pod-kinds.ts';
import { portsConflict } from '../scheduling/host-ports.ts';
import { hostPorts } from '../scheduling/pod-shape.ts';
import type { FleetNodes } from './fleet-nodes.ts';
import { isInitialized, type NodeKind, type NodeKinds } from './node-kinds.ts';
import { RoomChanges } from './room-changes.ts';

/** Bits of what a capture saw of a node beside its kind and room. */
const INITIALIZED = 1;
const CLOSED = 2;

/** Nodes that admit a variant in the state of the moment, found so far, in order; and up to where was looked. */
interface FitList {
  moment: number;
  readonly fits: number[];
  frontier: number;
}

/**
 * The nodes on which pods may be planned at one moment, in Karpenter's order (initialized before others, by name), with the room
 * that is left. Any number of plans may be tried on it: each starts from the room of the moment.
 *
 * A plan only fills nodes. So a node that does not fit at the moment never does in any plan, and one that once refused a variant
 * goes on refusing it: each variant walks the list of nodes that fit at the moment once, forwards. Host ports and user labels keep
 * to that rule. Pod affinity and spread do not, and are planned by the whole model.
 */
export class ExistingNodes {
  count = 0;
  rows = new Int32Array(0);
  initialized = new Uint8Array(0);
  /** Nodes that take no pods from consolidation: their own consolidateAfter window is open. */
  closed = new Uint8Array(0);
  /** What changed from one moment to the next. */
  readonly changes: RoomChanges;
  readonly #view: ClusterView;
  readonly #fleet: FleetNodes;
  readonly #kinds: NodeKinds;
  readonly #nodeKinds: NodeKind[] = [];
  readonly #lists: FitList[] = [];
  #overfull = new Uint8Array(0);
  #free = new Float64Array(0);
  #base = new Float64Array(0);
  #stride = 0;
  #moment = 0;
  #run = 0;
  #cursor = new Int32Array(0);
  #cursorRun = new Int32Array(0);
  readonly #touched: number[] = [];
  readonly #ports = new Map<number, HostPort[]>();
  /** Ports taken at the moment, by index, as far as asked. */
  readonly #portsTaken = new Map<number, HostPort[]>();
  /** Which nodes stand, as the fleet numbers that. */
  #standing = -1;
  /** How many times all nodes were looked at, and at which of them a node was there, by its row. */
  #whole = 0;
  #seenAt = new Int32Array(0);
  #indexOf = new Int32Array(0);
  /** What the moment before saw, by row of the node. */
  #seenPods = new Int32Array(0);
  #seenClass = new Int32Array(0);
  #seenFlags = new Uint8Array(0);
  #seenFree = new Float64Array(0);
  readonly #seenKind: NodeKind[] = [];
  #seenRows = new Int32Array(0);
  #seenCount = 0;
  #seenStride = -1;

  constructor(view: ClusterView, fleet: FleetNodes, kinds: NodeKinds) {
    this.#view = view;
    this.#fleet = fleet;
    this.#kinds = kinds;
    this.changes = new RoomChanges(kinds);
  }

  /** Number of the moment: of how many it is. */
  get moment(): number {
    return this.#moment;
  }

  /**
   * Takes the cluster as it is now. Where the same nodes stand as before only those are looked at whose pods, labels or taints have changed.
   *
   * @param isClosed which nodes take no pods from consolidation; absent where all do
   */
  capture(isClosed: ((node: number) => boolean) | undefined): void {
    const view = this.#view;
    const { byName, standing } = this.#fleet;
    const touched = this.#fleet.takeTouched();
    this.#moment++;
    this.#portsTaken.clear();
    if (this.#standing === standing && this.#stride === view.classes.resources.count) {
      this.#refresh(touched, isClosed);
      return;
    }
    this.#standing = standing;
    this.#whole++;
    this.#stride = view.classes.resources.count;
    this.#grow(byName.length);
    this.count = 0;
    for (const ready of [true, false]) {
      for (const node of byName) {
        if (isInitialized(view, node) === ready && !this.#fleet.isMarked(node))
          this.#append(node, ready, isClosed?.(node) === true);
      }
    }
    this.#base.set(this.#free.subarray(0, this.count * this.#stride));
    this.#touched.length = 0;
    this.#ports.clear();
    this.#compare();
  }

  /** Starts another plan from the room of the moment. `variants` is how many there are. */
  begin(variants: number): void {
    this.#restoreTouched();
    this.#run++;
    if (this.#cursor.length < variants * 2) {
      this.#cursor = new Int32Array(variants * 4);
      this.#cursorRun = new Int32Array(variants * 4);
    }
  }

  /**
   * The first node that takes a pod, or -1.
   *
   * @param moved whether a consolidation moves the pod: it may not go where consolidateAfter is running
   * @param excluded nodes that the plan does without, by index
   */
  firstFit(kind: PodKind, variant: PodVariant, moved: boolean, excluded: Uint8Array | undefined): number {
    const list = this.#listOf(variant);
    const { fits } = list;
    const slot = variant.id * 2 + (moved ? 1 : 0);
    let position = this.#cursorRun[slot] === this.#run ? this.#cursor[slot] : 0;
    let found = -1;
    for (;;) {
      if (position === fits.length && !this.#extend(list, kind, variant)) break;
      const index = fits[position];
      if (excluded?.[index] !== 1 && !(moved && this.closed[index] === 1) && this.#holds(index, kind)) {
        found = index;
        break;
      }
      position++;
    }
    this.#cursor[slot] = position;
    this.#cursorRun[slot] = this.#run;
    return found;
  }

  /** Plans a pod on a node. */
  place(index: number, kind: PodKind): void {
    const base = index * this.#stride;
    const { resources, amounts } = kind;
    for (let k = 0; k < resources.length; k++) this.#free[base + resources[k]] -= amounts[k];
    this.#touched.push(index);
    if (kind.ports.length > 0) this.#ports.set(index, [...(this.#ports.get(index) ?? []), ...kind.ports]);
  }

  /** Room left on a node, by resource, in the current plan. */
  freeOf(index: number, resource: number): number {
    return resource < this.#stride ? this.#free[index * this.#stride + resource] : 0;
  }

  /** Gives back what the last plan took. */
  #restoreTouched(): void {
    const stride = this.#stride;
    for (const index of this.#touched) {
      const from = index * stride;
      for (let r = from; r < from + stride; r++) this.#free[r] = this.#base[r];
    }
    this.#touched.length = 0;
    this.#ports.clear();
  }

  /** What a node is. */
  kindOf(index: number): NodeKind {
    return this.#nodeKinds[index];
  }

  /** How many nodes admit a pod at the moment, counted up to `enough`, leaving out one index. */
  countFits(kind: PodKind, variant: PodVariant, enough: number, without: number): number {
    const list = this.#listOf(variant);
    let count = 0;
    for (let position = 0; count < enough; position++) {
      if (position === list.fits.length && !this.#extend(list, kind, variant)) break;
      const index = list.fits[position];
      if (index !== without && this.initialized[index] === 1 && this.closed[index] === 0) count++;
    }
    return count;
  }

  #holds(index: number, { resources, amounts, ports }: PodKind): boolean {
    const base = index * this.#stride;
    for (let k = 0; k < resources.length; k++) if (amounts[k] > this.#free[base + resources[k]]) return false;
    return ports.length === 0 || !portsConflict(this.#ports.get(index) ?? [], ports);
  }

  #listOf(variant: PodVariant): FitList {
    let list = this.#lists[variant.id];
    if (list === undefined) {
      list = { moment: this.#moment, fits: [], frontier: 0 };
      this.#lists[variant.id] = list;
    } else if (list.moment !== this.#moment) {
      list.moment = this.#moment;
      list.fits.length = 0;
      list.frontier = 0;
    }
    return list;
  }

  /** Finds one more node that fits at the moment. */
  #extend(list: FitList, kind: PodKind, variant: PodVariant): boolean {
    for (; list.frontier < this.count; list.frontier++) {
      if (!this.#fitsAtMoment(list.frontier, kind, variant)) continue;
      list.fits.push(list.frontier++);
      return true;
    }
    return false;
  }

  #fitsAtMoment(index: number, kind: PodKind, variant: PodVariant): boolean {
    if (this.#overfull[index] === 1) return false;
    const { resources, amounts } = kind;
    const base = index * this.#stride;
    for (let k = 0; k < resources.length; k++) {
      if (resources[k] >= this.#stride || amounts[k] > this.#base[base + resources[k]]) return false;
    }
    if (!this.#kinds.admits(this.#nodeKinds[index], variant)) return false;
    return kind.ports.length === 0 || !portsConflict(this.#portsAt(index), kind.ports);
  }

  /** Host ports that pods on a node have taken. */
  #portsAt(index: number): readonly HostPort[] {
    let ports = this.#portsTaken.get(index);
    if (ports === undefined) {
      const { classes, nodes, pods } = this.#view;
      ports = [];
      for (let pod = nodes.firstPod[this.rows[index]]; pod !== NONE; pod = pods.next[pod]) {
        ports.push(...hostPorts(classes.pods[pods.class[pod]].spec));
      }
      this.#portsTaken.set(index, ports);
    }
    return ports;
  }

  /** Takes up what has changed of the nodes that stand as before. */
  #refresh(touched: readonly number[], isClosed: ((node: number) => boolean) | undefined): void {
    const stride = this.#stride;
    this.#restoreTouched();
    const { class: nodeClass } = this.#view.nodes;
    for (const node of touched) {
      if (node >= this.#seenAt.length || this.#seenAt[node] !== this.#whole) continue;
      const index = this.#indexOf[node];
      this.#takeRoom(index, this.#kinds.of(node));
      this.#base.set(this.#free.subarray(index * stride, (index + 1) * stride), index * stride);
      this.#seenPods[node] = this.#fleet.podsVersion(node);
      this.#seenClass[node] = nodeClass[node];
      this.#noteChange(index, true);
    }
    if (isClosed === undefined) return;
    for (let index = 0; index < this.count; index++) {
      const closed = isClosed(this.rows[index]) ? 1 : 0;
      if (this.closed[index] === closed) continue;
      this.closed[index] = closed;
      this.#noteChange(index, true);
    }
  }

  /** Notes a node that is not as it was the moment before; `known` tells whether it was there. */
  #noteChange(index: number, known: boolean): void {
    const stride = this.#stride;
    const node = this.rows[index];
    const kind = this.#nodeKinds[index];
    const flags = (this.initialized[index] === 1 ? INITIALIZED : 0) | (this.closed[index] === 1 ? CLOSED : 0);
    const base = this.#base;
    const free = this.#seenFree;
    const from = index * stride;
    const to = node * stride;
    if (known) {
      let same = this.#seenFlags[node] === flags && this.#seenKind[node] === kind;
      for (let r = 0; same && r < stride; r++) same = free[to + r] === base[from + r];
      if (same) return;
      this.changes.add(this.#moment, this.#seenKind[node], free, to, stride);
    }
    this.changes.add(this.#moment, kind, base, from, stride);
    this.#seenFlags[node] = flags;
    this.#seenKind[node] = kind;
    for (let r = 0; r < stride; r++) free[to + r] = base[from + r];
  }

  #append(node: number, ready: boolean, isClosed: boolean): void {
    const index = this.count++;
    this.rows[index] = node;
    this.initialized[index] = ready ? 1 : 0;
    this.closed[index] = isClosed ? 1 : 0;
    const stride = this.#stride;
    const base = index * stride;
    if (!this.#isAsSeen(node, ready)) {
      this.#takeRoom(index, this.#kinds.of(node));
      return;
    }
    let overfull = 0;
    this.#nodeKinds[index] = this.#seenKind[node];
    const from = node * stride;
    for (let r = 0; r < stride; r++) {
      const left = this.#seenFree[from + r];
      this.#free[base + r] = left;
      if (left < 0) overfull = 1;
    }
    this.#overfull[index] = overfull;
  }

  /** What a node is and has left. */
  #takeRoom(index: number, kind: NodeKind): void {
    const node = this.rows[index];
    const stride = this.#stride;
    const base = index * stride;
    const { used, stride: width } = this.#view;
    let overfull = 0;
    this.#nodeKinds[index] = kind;
    for (let r = 0; r < stride; r++) {
      const left = (kind.allocatable[r] ?? 0) - (r < width ? used[node * width + r] : 0);
      this.#free[base + r] = left;
      if (left < 0) overfull = 1;
    }
    this.#overfull[index] = overfull;
  }

  /** Whether nothing that kind and room of a ready node depend on has changed since the moment before. */
  #isAsSeen(node: number, ready: boolean): boolean {
    if (!ready || this.#seenStride !== this.#stride || node >= this.#seenAt.length) return false;
    return (
      this.#seenAt[node] === this.#whole - 1 &&
      (this.#seenFlags[node] & INITIALIZED) !== 0 &&
      this.#seenPods[node] === this.#fleet.podsVersion(node) &&
      this.#seenClass[node] === this.#view.nodes.class[node]
    );
  }

  /** Notes what is not as it was the moment before. */
  #compare(): void {
    const stride = this.#stride;
    const moment = this.#moment;
    const { nodeCount } = this.#view;
    if (this.#seenAt.length < nodeCount || this.#seenStride !== stride) {
      const room = nodeCount * 2;
      const widened = this.#seenStride === stride;
      const at = this.#seenAt;
      const pods = this.#seenPods;
      const nodeClass = this.#seenClass;
      const flags = this.#seenFlags;
      const free = this.#seenFree;
      this.#seenAt = new Int32Array(room);
      this.#indexOf = new Int32Array(room);
      this.#seenPods = new Int32Array(room);
      this.#seenClass = new Int32Array(room);
      this.#seenFlags = new Uint8Array(room);
      this.#seenFree = new Float64Array(room * stride);
      if (widened) {
        this.#seenAt.set(at);
        this.#seenPods.set(pods);
        this.#seenClass.set(nodeClass);
        this.#seenFlags.set(flags);
        this.#seenFree.set(free);
      } else {
        this.#seenCount = 0;
        this.changes.forget(moment, stride);
      }
      this.#seenStride = stride;
    }
    const { class: nodeClass } = this.#view.nodes;
    let kept = 0;
    for (let index = 0; index < this.count; index++) {
      const node = this.rows[index];
      const known = this.#whole > 1 && this.#seenAt[node] === this.#whole - 1;
      this.#seenAt[node] = this.#whole;
      this.#indexOf[node] = index;
      this.#seenPods[node] = this.#fleet.podsVersion(node);
      this.#seenClass[node] = nodeClass[node];
      if (known) kept++;
      this.#noteChange(index, known);
    }
    if (kept < this.#seenCount) {
      for (let i = 0; i < this.#seenCount; i++) {
        const node = this.#seenRows[i];
        if (this.#seenAt[node] !== this.#whole) {
          this.changes.add(moment, this.#seenKind[node], this.#seenFree, node * stride, stride);
        }
      }
    }
    if (this.#seenRows.length < this.count) this.#seenRows = new Int32Array(this.count * 2);
    this.#seenRows.set(this.rows.subarray(0, this.count));
    this.#seenCount = this.count;
  }

  #grow(nodes: number): void {
    if (this.rows.length >= nodes && this.#free.length >= nodes * this.#stride) return;
    const room = nodes * 2;
    this.rows = new Int32Array(room);
    this.initialized = new Uint8Array(room);
    this.closed = new Uint8Array(room);
    this.#overfull = new Uint8Array(room);
    this.#free = new Float64Array(room * this.#stride);
    this.#base = new Float64Array(room * this.#stride);
  }
}
