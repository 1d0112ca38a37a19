import type { Log } from '../log/log.ts';
import { RECORD } from '../log/records.ts';
import type { Classes, NodeChange } from '../model/classes.ts';
import { Columns } from './columns.ts';
import { Journal } from './journal.ts';
import { NODE, NONE, POD } from './states.ts';
import { UNDO, UndoLog } from './undo-log.ts';

const POD_COLUMNS = {
  /** Pod class. */
  class: Int32Array,
  /** Owner, or NONE. */
  owner: Int32Array,
  /** Which pod of its owner, from 0: its name is the owner's name and this. */
  ordinal: Int32Array,
  /** Node row, or NONE. */
  node: Int32Array,
  /** One of {@link POD}. */
  state: Uint8Array,
  /** 1 once the scheduler has reported it unschedulable and it has not been bound since. */
  unschedulable: Uint8Array,
  /** Neighbours in the list of its node, or of pending pods. */
  next: Int32Array,
  prev: Int32Array,
  createdAt: Float64Array,
  /** When it was bound, started, or reported unschedulable last; NaN before. */
  boundAt: Float64Array,
  startedAt: Float64Array,
  unschedulableAt: Float64Array,
  /** When deletion was asked for; NaN before. */
  deletedAt: Float64Array,
  /** Milliseconds that it runs once started; Infinity for a service. */
  duration: Float64Array,
} as const;

const NODE_COLUMNS = {
  class: Int32Array,
  /** One of {@link NODE}. */
  state: Uint8Array,
  /** 1 once its end was asked for. */
  terminating: Uint8Array,
  /** Row in the cloud's table of offerings. */
  offering: Int32Array,
  /** The autoscaler's own grouping: row of its node group or pool. */
  group: Int32Array,
  pods: Int32Array,
  firstPod: Int32Array,
  lastPod: Int32Array,
  /** Neighbours in the list of nodes that have a Node object, in order of registration. */
  next: Int32Array,
  prev: Int32Array,
  /** CPU and memory as scores count them. */
  nonZeroCpu: Float64Array,
  nonZeroMemory: Float64Array,
  orderedAt: Float64Array,
  runningAt: Float64Array,
  registeredAt: Float64Array,
  readyAt: Float64Array,
  goneAt: Float64Array,
} as const;

/** Hears of every change, as the record that the log holds of it. Not of changes inside a what-if. */
export type ClusterObserver = (kind: number, a: number, b: number, c: number) => void;

/** What a new pod is. */
export interface NewPod {
  readonly podClass: number;
  /** Row of its owner, or NONE. */
  readonly owner: number;
  readonly ordinal: number;
  /** Milliseconds, or Infinity. */
  readonly duration: number;
}

/** What a new machine is. */
export interface NewNode {
  readonly name: string;
  readonly offering: number;
  readonly group: number;
  /** Decision that asked for it, or -1. */
  readonly decision: number;
}

/**
 * The state of the cluster, and the only code that changes it. Each change is one log record, told to observers in the order in
 * which they subscribed.
 *
 * Pods and nodes are rows that are never reused. A node's use is kept as integers per resource, so taking a pod away restores the
 * very state from before. Pods of a node, pending pods and registered nodes are linked lists in order of arrival.
 */
export class Cluster {
  readonly classes: Classes;
  /** Resources that the scheduler was told not to look at, so that pods on a node may ask for more than it has. Default: none. */
  unchecked: (resource: string) => boolean = () => false;
  readonly journal = new Journal();
  readonly nodeNames: string[] = [];
  readonly #log: Log;
  readonly #pods = new Columns(POD_COLUMNS, 1024);
  readonly #nodes = new Columns(NODE_COLUMNS, 64);
  readonly #observers: ClusterObserver[] = [];
  readonly #undo = new UndoLog();
  /** Where the steps of the innermost what-if begin. */
  #base = 0;
  #used = new Float64Array(64 * 8);
  #stride = 8;
  #podCount = 0;
  #nodeCount = 0;
  #now = 0;
  #firstPending: number = NONE;
  #lastPending: number = NONE;
  #pendingCount = 0;
  #firstNode: number = NONE;
  #lastNode: number = NONE;
  #registeredCount = 0;

  constructor(classes: Classes, log: Log) {
    this.classes = classes;
    this.#log = log;
  }

  /** Columns of pods; fetch anew after pods were created. */
  get pods(): Columns<typeof POD_COLUMNS>['of'] {
    return this.#pods.of;
  }

  /** Columns of nodes; fetch anew after nodes were ordered. */
  get nodes(): Columns<typeof NODE_COLUMNS>['of'] {
    return this.#nodes.of;
  }

  /** Use by node and resource: the amount of resource r on node n stands at `n * stride + r`. */
  get used(): Float64Array {
    return this.#used;
  }

  get stride(): number {
    return this.#stride;
  }

  get podCount(): number {
    return this.#podCount;
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  get firstPending(): number {
    return this.#firstPending;
  }

  get pendingCount(): number {
    return this.#pendingCount;
  }

  get firstNode(): number {
    return this.#firstNode;
  }

  /** Nodes that have a Node object, hypothetical ones of a what-if included. */
  get registeredCount(): number {
    return this.#registeredCount;
  }

  /** Simulated time, milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Moves time on; only the simulation calls it. */
  setNow(now: number): void {
    this.#now = now;
  }

  /** Adds an observer at the end of their order. */
  observe(observer: ClusterObserver): void {
    this.#observers.push(observer);
  }

  /** Creates a pending pod; returns its row. */
  createPod({ podClass, owner, ordinal, duration }: NewPod): number {
    this.#assertLive();
    const pod = this.#podCount++;
    this.#pods.reserve(pod);
    const p = this.#pods.of;
    p.class[pod] = podClass;
    p.owner[pod] = owner;
    p.ordinal[pod] = ordinal;
    p.node[pod] = NONE;
    p.state[pod] = POD.pending;
    p.unschedulable[pod] = 0;
    p.createdAt[pod] = this.#now;
    p.boundAt[pod] = Number.NaN;
    p.startedAt[pod] = Number.NaN;
    p.unschedulableAt[pod] = Number.NaN;
    p.deletedAt[pod] = Number.NaN;
    p.duration[pod] = duration;
    this.#appendPending(pod);
    this.#record(RECORD.podCreated, pod, podClass, owner);
    return pod;
  }

  /** The scheduler found no node for a pending pod. */
  markUnschedulable(pod: number): void {
    this.#assertLive();
    this.#assertPod(pod, POD.pending);
    const p = this.#pods.of;
    const first = Number.isNaN(p.unschedulableAt[pod]) ? 1 : 0;
    p.unschedulable[pod] = 1;
    p.unschedulableAt[pod] = this.#now;
    this.#record(RECORD.podUnschedulable, pod, first);
  }

  /**
   * Puts a pending pod on a registered node. Inside a what-if the pod may also be moved from nowhere to a hypothetical node.
   *
   * @throws Error when the pod is not pending, the node has no Node object, or the pod would exceed what is allocatable.
   */
  bind(pod: number, node: number): void {
    this.#assertBindable(pod, node);
    this.#assertRoom(pod, node);
    this.#putOn(pod, node);
  }

  /** Puts a pending pod on a registered node whatever room that has: somebody decided so before, and nobody checked it. */
  adopt(pod: number, node: number): void {
    this.#assertLive();
    this.#assertBindable(pod, node);
    this.#putOn(pod, node);
  }

  #assertBindable(pod: number, node: number): void {
    this.#assertPod(pod, POD.pending);
    const n = this.#nodes.of;
    if (n.state[node] !== NODE.registered && n.state[node] !== NODE.ready)
      throw new Error(`bind: node ${node} has no Node object`);
  }

  #assertRoom(pod: number, node: number): void {
    const n = this.#nodes.of;
    const podClass = this.classes.pods[this.#pods.of.class[pod]];
    const { requests } = podClass;
    const { allocatable } = this.classes.nodes[n.class[node]];
    const stride = this.#stride;
    const base = node * stride;
    for (let r = 0; r < requests.length; r++) {
      // What lies beyond the stride has never been used; the row there is another node's.
      const used = r < stride ? this.#used[base + r] : 0;
      if (requests[r] > 0 && used + requests[r] > (allocatable[r] ?? 0) && !this.unchecked(this.classes.resources.names[r])) {
        throw new Error(`bind: pod ${pod} asks for more ${this.classes.resources.names[r]} than node ${node} has free`);
      }
    }
  }

  #putOn(pod: number, node: number): void {
    this.#removePending(pod);
    if (this.#undo.active) this.#undo.push(UNDO.bound, pod, this.#pods.of.next[pod], this.#pods.of.prev[pod]);
    this.#attach(pod, node);
    const p = this.#pods.of;
    p.state[pod] = POD.bound;
    if (this.#undo.active) return;
    p.boundAt[pod] = this.#now;
    p.unschedulable[pod] = 0;
    this.#record(RECORD.podBound, pod, node);
  }

  /** The containers of a bound pod run. */
  start(pod: number): void {
    this.#assertLive();
    this.#assertPod(pod, POD.bound);
    const p = this.#pods.of;
    p.state[pod] = POD.running;
    p.startedAt[pod] = this.#now;
    this.#record(RECORD.podStarted, pod, p.node[pod]);
  }

  /** A running pod ended by itself. */
  finish(pod: number): void {
    this.#assertLive();
    this.#assertPod(pod, POD.running);
    const p = this.#pods.of;
    const node = p.node[pod];
    this.#detach(pod);
    p.state[pod] = POD.finished;
    this.#record(RECORD.podFinished, pod, node);
  }

  /** Asks for a pod's deletion: a pod on a node becomes terminating and keeps its place; a pending one is gone at once. */
  evict(pod: number, cause: number): void {
    this.#assertLive();
    const p = this.#pods.of;
    const state = p.state[pod];
    if (state === POD.pending) {
      this.remove(pod);
      return;
    }
    if (state !== POD.bound && state !== POD.running) throw new Error(`evict: pod ${pod} is in state ${state}`);
    p.state[pod] = POD.terminating;
    p.deletedAt[pod] = this.#now;
    // It takes its place until it is gone, but no longer counts for everything that counts pods.
    this.#touch(p.node[pod]);
    this.#record(RECORD.podEvicted, pod, p.node[pod], cause);
  }

  /** The object of a pod that has not finished goes away; what it used is free. */
  remove(pod: number): void {
    this.#assertLive();
    const p = this.#pods.of;
    const state = p.state[pod];
    if (!(state >= POD.pending && state <= POD.terminating)) throw new Error(`remove: pod ${pod} is in state ${state}`);
    const node = p.node[pod];
    if (state === POD.pending) this.#removePending(pod);
    else this.#detach(pod);
    p.state[pod] = POD.gone;
    this.#record(RECORD.podGone, pod, node);
  }

  /** Notes that an autoscaler expects a pod on a node. */
  nominate(pod: number, node: number): void {
    this.#assertLive();
    this.#record(RECORD.podNominated, pod, node);
  }

  /** A machine was ordered; returns its row. */
  orderNode({ name, offering, group, decision }: NewNode): number {
    this.#assertLive();
    const node = this.#addNodeRow(name, offering, group);
    this.#record(RECORD.nodeOrdered, node, offering, decision);
    return node;
  }

  /** The machine runs: it costs money from now on. `offering` is the one that the cloud chose. */
  nodeRunning(node: number, offering: number): void {
    this.#assertLive();
    this.#assertNode(node, NODE.ordered);
    const n = this.#nodes.of;
    n.state[node] = NODE.running;
    n.offering[node] = offering;
    n.runningAt[node] = this.#now;
    this.#record(RECORD.nodeRunning, node, offering);
  }

  /** The machine's Node object appears, with a class that holds its not-ready taint. */
  registerNode(node: number, nodeClass: number): void {
    this.#assertLive();
    this.#assertNode(node, NODE.running);
    const n = this.#nodes.of;
    n.state[node] = NODE.registered;
    n.class[node] = nodeClass;
    n.registeredAt[node] = this.#now;
    this.#appendNode(node);
    this.#touch(node);
    this.#record(RECORD.nodeRegistered, node, nodeClass);
  }

  /** A registered node turns ready; `change` takes its not-ready taint away. */
  readyNode(node: number, change: NodeChange): void {
    this.#assertLive();
    this.#assertNode(node, NODE.registered);
    const n = this.#nodes.of;
    n.state[node] = NODE.ready;
    n.class[node] = this.classes.changed(n.class[node], change);
    n.readyAt[node] = this.#now;
    this.#touch(node);
    this.#record(RECORD.nodeReady, node, n.class[node]);
  }

  /** A ready node is not ready any more; `change` puts its not-ready taint there. {@link readyNode} makes it ready again. */
  unreadyNode(node: number, change: NodeChange): void {
    this.#assertLive();
    this.#assertNode(node, NODE.ready);
    const n = this.#nodes.of;
    n.state[node] = NODE.registered;
    n.class[node] = this.classes.changed(n.class[node], change);
    this.#touch(node);
    this.#record(RECORD.nodeChanged, node, n.class[node]);
  }

  /** Changes a registered node's taints, labels or cordon. Nothing happens where nothing changes. */
  changeNode(node: number, change: NodeChange): void {
    const n = this.#nodes.of;
    if (n.state[node] !== NODE.registered && n.state[node] !== NODE.ready)
      throw new Error(`change: node ${node} has no Node object`);
    const before = n.class[node];
    const after = this.classes.changed(before, change);
    if (after === before) return;
    if (this.#undo.active) this.#undo.push(UNDO.changed, node, before, 0);
    n.class[node] = after;
    this.#touch(node);
    if (!this.#undo.active) this.#record(RECORD.nodeChanged, node, after);
  }

  /** Asks for a machine's end. `paidOn`: something holds it on its way out, and it costs money until a record says that it has stopped. */
  terminateNode(node: number, decision: number, paidOn = false): void {
    this.#assertLive();
    const n = this.#nodes.of;
    this.#assertThere(node);
    if (n.terminating[node] === 1) throw new Error(`terminate: node ${node} is ending already`);
    n.terminating[node] = 1;
    this.#record(RECORD.nodeTerminating, node, paidOn ? 1 : -1, decision);
  }

  /** The machine and its Node object are gone, and with them every pod that was still there. */
  nodeGone(node: number): void {
    this.#assertLive();
    const n = this.#nodes.of;
    const state = n.state[node];
    this.#assertThere(node);
    while (n.firstPod[node] !== NONE) this.remove(n.firstPod[node]);
    if (state === NODE.registered || state === NODE.ready) this.#unlinkNode(node);
    n.state[node] = NODE.gone;
    n.goneAt[node] = this.#now;
    this.#touch(node);
    this.#record(RECORD.nodeGone, node, state === NODE.ordered ? 0 : 1);
  }

  /** A record of the world outside the cluster (pools, groups, failed orders). */
  record(kind: number, a: number, b = -1, c = -1): void {
    this.#assertLive();
    this.#record(kind, a, b, c);
  }

  // ---- what-ifs -----------------------------------------------------------------------------------------------------------

  /** Whether a what-if is open. */
  get speculating(): boolean {
    return this.#undo.active;
  }

  /**
   * Runs `body` on the live state and takes everything back, whatever it returns or throws. What-ifs nest. Nothing is logged and
   * observers hear nothing; the journal hears of every touched node, on the way there and on the way back.
   */
  speculate<T>(body: () => T): T {
    const outer = this.#base;
    const mark = this.#undo.open();
    this.#base = mark;
    try {
      return body();
    } finally {
      this.#revert(mark);
      this.#undo.close();
      this.#base = outer;
    }
  }

  /** Inside a what-if: takes back what was done since `mark()` gave this mark. */
  revertTo(mark: number): void {
    if (!this.#undo.active) throw new Error('revert: no what-if is open');
    if (!(mark >= this.#base && mark <= this.#undo.length)) throw new Error(`revert: mark ${mark} is not of this what-if`);
    this.#revert(mark);
  }

  /** Inside a what-if: the point that {@link revertTo} goes back to. */
  mark(): number {
    return this.#undo.length;
  }

  /** Inside a what-if: adds a ready node that does not exist; returns its row. */
  imagineNode(nodeClass: number, name: string, offering: number, group: number): number {
    if (!this.#undo.active) throw new Error('imagine: only a what-if may add a node that does not exist');
    const node = this.#addNodeRow(name, offering, group);
    this.#undo.push(UNDO.imagined, node, 0, 0);
    const n = this.#nodes.of;
    n.state[node] = NODE.ready;
    n.class[node] = nodeClass;
    this.#appendNode(node);
    this.#touch(node);
    return node;
  }

  /** Inside a what-if: takes a pod off its node and makes it pending. */
  unbind(pod: number): void {
    if (!this.#undo.active) throw new Error('unbind: only a what-if may take a pod off its node');
    const p = this.#pods.of;
    const state = p.state[pod];
    if (!(state >= POD.bound && state <= POD.terminating)) throw new Error(`unbind: pod ${pod} is on no node`);
    this.#undo.push(UNDO.unbound, pod, p.node[pod], state, p.next[pod], p.prev[pod]);
    this.#detach(pod);
    p.state[pod] = POD.pending;
    this.#appendPending(pod);
  }

  /** Inside a what-if: hides a node from the list of registered nodes; its pods stay on it. */
  hideNode(node: number): void {
    if (!this.#undo.active) throw new Error('hide: only a what-if may hide a node');
    const n = this.#nodes.of;
    if (n.state[node] !== NODE.registered && n.state[node] !== NODE.ready)
      throw new Error(`hide: node ${node} has no Node object`);
    this.#undo.push(UNDO.hidden, node, n.state[node], 0, n.next[node], n.prev[node]);
    this.#unlinkNode(node);
    n.state[node] = NODE.ordered;
    this.#touch(node);
  }

  #revert(mark: number): void {
    const undo = this.#undo;
    const p = this.#pods.of;
    while (undo.length > mark) {
      const op = undo.pop();
      const n = this.#nodes.of;
      if (op === UNDO.bound) {
        const pod = undo.a;
        this.#detach(pod);
        p.state[pod] = POD.pending;
        this.#insertPending(pod, undo.c);
      } else if (op === UNDO.unbound) {
        const pod = undo.a;
        this.#removePending(pod);
        this.#attachBetween(pod, undo.b, undo.d, undo.e);
        p.state[pod] = undo.c;
      } else if (op === UNDO.changed) {
        n.class[undo.a] = undo.b;
        this.#touch(undo.a);
      } else if (op === UNDO.hidden) {
        const node = undo.a;
        n.state[node] = undo.b;
        this.#insertNode(node, undo.d, undo.e);
        this.#touch(node);
      } else {
        const node = undo.a;
        this.#unlinkNode(node);
        // A brain may have kept the row: nothing is there any more.
        n.state[node] = 0;
        this.#touch(node);
        this.#nodeCount--;
        this.nodeNames.pop();
      }
    }
  }

  // ---- lists and sums -----------------------------------------------------------------------------------------------------

  #record(kind: number, a: number, b = -1, c = -1): void {
    this.#log.append(this.#now, kind, a, b, c);
    const observers = this.#observers;
    for (let i = 0; i < observers.length; i++) observers[i](kind, a, b, c);
  }

  #touch(node: number): void {
    this.journal.push(node);
  }

  #addNodeRow(name: string, offering: number, group: number): number {
    const node = this.#nodeCount++;
    this.#nodes.reserve(node);
    this.#reserveUse(node);
    const n = this.#nodes.of;
    n.class[node] = NONE;
    n.state[node] = NODE.ordered;
    n.terminating[node] = 0;
    n.offering[node] = offering;
    n.group[node] = group;
    n.pods[node] = 0;
    n.firstPod[node] = NONE;
    n.lastPod[node] = NONE;
    n.next[node] = NONE;
    n.prev[node] = NONE;
    n.nonZeroCpu[node] = 0;
    n.nonZeroMemory[node] = 0;
    n.orderedAt[node] = this.#now;
    n.runningAt[node] = Number.NaN;
    n.registeredAt[node] = Number.NaN;
    n.readyAt[node] = Number.NaN;
    n.goneAt[node] = Number.NaN;
    this.#used.fill(0, node * this.#stride, (node + 1) * this.#stride);
    this.nodeNames.push(name);
    return node;
  }

  #reserveUse(node: number): void {
    const stride = Math.max(this.#stride, this.classes.resources.count);
    const rows = Math.max(node + 1, this.#nodes.of.class.length);
    if (stride === this.#stride && rows * stride <= this.#used.length) return;
    const wider = new Float64Array(rows * stride);
    for (let row = 0; row < node; row++) {
      wider.set(this.#used.subarray(row * this.#stride, (row + 1) * this.#stride), row * stride);
    }
    this.#used = wider;
    this.#stride = stride;
  }

  #add(pod: number, node: number, sign: 1 | -1): void {
    const { requests, nonZeroCpu, nonZeroMemory } = this.classes.pods[this.#pods.of.class[pod]];
    if (requests.length > this.#stride) this.#reserveUse(this.#nodeCount);
    const base = node * this.#stride;
    const used = this.#used;
    for (let r = 0; r < requests.length; r++) used[base + r] += sign * requests[r];
    const n = this.#nodes.of;
    n.nonZeroCpu[node] += sign * nonZeroCpu;
    n.nonZeroMemory[node] += sign * nonZeroMemory;
    n.pods[node] += sign;
    this.#touch(node);
  }

  #attach(pod: number, node: number): void {
    this.#attachBetween(pod, node, NONE, this.#nodes.of.lastPod[node]);
  }

  #attachBetween(pod: number, node: number, next: number, prev: number): void {
    const p = this.#pods.of;
    const n = this.#nodes.of;
    p.node[pod] = node;
    p.next[pod] = next;
    p.prev[pod] = prev;
    if (prev === NONE) n.firstPod[node] = pod;
    else p.next[prev] = pod;
    if (next === NONE) n.lastPod[node] = pod;
    else p.prev[next] = pod;
    this.#add(pod, node, 1);
  }

  #detach(pod: number): void {
    const p = this.#pods.of;
    const n = this.#nodes.of;
    const node = p.node[pod];
    const next = p.next[pod];
    const prev = p.prev[pod];
    if (prev === NONE) n.firstPod[node] = next;
    else p.next[prev] = next;
    if (next === NONE) n.lastPod[node] = prev;
    else p.prev[next] = prev;
    p.node[pod] = NONE;
    this.#add(pod, node, -1);
  }

  #appendPending(pod: number): void {
    this.#insertPending(pod, this.#lastPending);
  }

  /** Inserts a pod into the pending list after `prev`. */
  #insertPending(pod: number, prev: number): void {
    const p = this.#pods.of;
    const next = prev === NONE ? this.#firstPending : p.next[prev];
    p.prev[pod] = prev;
    p.next[pod] = next;
    if (prev === NONE) this.#firstPending = pod;
    else p.next[prev] = pod;
    if (next === NONE) this.#lastPending = pod;
    else p.prev[next] = pod;
    this.#pendingCount++;
  }

  #removePending(pod: number): void {
    const p = this.#pods.of;
    const next = p.next[pod];
    const prev = p.prev[pod];
    if (prev === NONE) this.#firstPending = next;
    else p.next[prev] = next;
    if (next === NONE) this.#lastPending = prev;
    else p.prev[next] = prev;
    this.#pendingCount--;
  }

  #appendNode(node: number): void {
    this.#insertNode(node, NONE, this.#lastNode);
  }

  #insertNode(node: number, next: number, prev: number): void {
    const n = this.#nodes.of;
    n.next[node] = next;
    n.prev[node] = prev;
    if (prev === NONE) this.#firstNode = node;
    else n.next[prev] = node;
    if (next === NONE) this.#lastNode = node;
    else n.prev[next] = node;
    this.#registeredCount++;
  }

  #unlinkNode(node: number): void {
    const n = this.#nodes.of;
    const next = n.next[node];
    const prev = n.prev[node];
    if (prev === NONE) this.#firstNode = next;
    else n.next[prev] = next;
    if (next === NONE) this.#lastNode = prev;
    else n.prev[next] = prev;
    this.#registeredCount--;
  }

  // ---- saving -------------------------------------------------------------------------------------------------------------

  snapshot(): ClusterSnapshot {
    this.#assertLive();
    return {
      now: this.#now,
      podCount: this.#podCount,
      nodeCount: this.#nodeCount,
      stride: this.#stride,
      used: this.#used.slice(0, this.#nodeCount * this.#stride),
      nodeNames: [...this.nodeNames],
      pods: this.#pods.snapshot(this.#podCount),
      nodes: this.#nodes.snapshot(this.#nodeCount),
      pending: [this.#firstPending, this.#lastPending, this.#pendingCount],
      registered: [this.#firstNode, this.#lastNode, this.#registeredCount],
    };
  }

  /** Fills an empty cluster; the classes must have been restored before. Observers hear nothing. */
  restore(saved: ClusterSnapshot): void {
    if (this.#podCount + this.#nodeCount > 0) throw new Error('a cluster is restored only while it is empty');
    this.#now = saved.now;
    this.#podCount = saved.podCount;
    this.#nodeCount = saved.nodeCount;
    this.#pods.restore(saved.pods, saved.podCount);
    this.#nodes.restore(saved.nodes, saved.nodeCount);
    this.#stride = saved.stride;
    this.#used = new Float64Array(this.#nodes.of.class.length * saved.stride);
    this.#used.set(saved.used);
    this.nodeNames.push(...saved.nodeNames);
    [this.#firstPending, this.#lastPending, this.#pendingCount] = saved.pending;
    [this.#firstNode, this.#lastNode, this.#registeredCount] = saved.registered;
    for (let node = 0; node < saved.nodeCount; node++) this.#touch(node);
  }

  #assertLive(): void {
    if (this.#undo.active) throw new Error('the cluster cannot change for good while a what-if is open');
  }

  #assertPod(pod: number, state: number): void {
    if (this.#pods.of.state[pod] !== state)
      throw new Error(`pod ${pod} is in state ${this.#pods.of.state[pod]}, expected ${state}`);
  }

  #assertThere(node: number): void {
    if (!(node >= 0 && node < this.#nodeCount)) throw new Error(`there is no node ${node}`);
    if (this.#nodes.of.state[node] === NODE.gone) throw new Error(`node ${node} is gone already`);
  }

  #assertNode(node: number, state: number): void {
    if (this.#nodes.of.state[node] !== state)
      throw new Error(`node ${node} is in state ${this.#nodes.of.state[node]}, expected ${state}`);
  }
}

/** What a {@link Cluster} saves. */
export interface ClusterSnapshot {
  readonly now: number;
  readonly podCount: number;
  readonly nodeCount: number;
  readonly stride: number;
  readonly used: Float64Array;
  readonly nodeNames: readonly string[];
  readonly pods: ReturnType<Columns<typeof POD_COLUMNS>['snapshot']>;
  readonly nodes: ReturnType<Columns<typeof NODE_COLUMNS>['snapshot']>;
  readonly pending: readonly [number, number, number];
  readonly registered: readonly [number, number, number];
}
