import { type ClusterView, compareText, NODE, RECORD, SECOND } from '@plimsoll/core';

/** Pod events closer together than this count once. Source: Karpenter 1.14.1, `pkg/controllers/nodeclaim/podevents/controller.go`. */
const POD_EVENT_DEDUPE = 10 * SECOND;

/** What is kept of one node: row, marked, nominated until, last pod event or null. */
export type SavedNode = readonly [number, 0 | 1, number, number | null];

/**
 * What Karpenter's cluster state holds beside the objects: which machines are ordered and not yet there, which nodes are nominated
 * for pods, marked for deletion, and when their pods last changed.
 */
export class FleetNodes {
  /** Machines that were asked for and have no provider id yet: while there are any, nothing is decided. */
  ordered = 0;
  /** Rows of nodes that exist or were launched, by name. */
  readonly byName: number[] = [];
  /** Moves on with whatever may make consolidation worth another look. */
  version = 0;
  /** Moves on with everything that is told at all, also with what makes no version. */
  events = 0;
  /** Moves on when other nodes are there, initialized or not going. */
  standing = 0;
  readonly #view: ClusterView;
  /** Nodes that are marked or ending, in no order that matters. */
  readonly going = new Set<number>();
  /** Moves on with `standing`, and when a node turns ready or not. */
  census = 0;
  /** Nodes whose pods, labels or taints have changed since that was asked. */
  #touched: number[] = [];
  readonly #isTouched: boolean[] = [];
  readonly #ending: (0 | 1)[] = [];
  readonly #marked: (0 | 1)[] = [];
  readonly #nominatedUntil: number[] = [];
  readonly #lastPodEvent: number[] = [];
  readonly #podsVersion: number[] = [];
  #versionAt = 0;
  #counts: { readonly nodes: readonly number[]; readonly going: readonly number[] } = { nodes: [], going: [] };
  #countedAt = -1;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** A record of the log. `daemon` tells whether the pod it is about belongs to a DaemonSet. */
  observe(kind: number, a: number, b: number, daemon: boolean): void {
    switch (kind) {
      case RECORD.podBound:
        this.#changed();
        this.#podsChanged(b);
        this.#podEvent(b, daemon);
        return;
      case RECORD.podFinished:
        this.#changed();
        this.#podsChanged(b);
        this.#podEvent(b, daemon);
        return;
      case RECORD.podEvicted:
        this.#podsChanged(b);
        this.#podEvent(b, daemon);
        return;
      case RECORD.podGone:
        this.#changed();
        this.#podsChanged(b);
        return;
      case RECORD.nodeOrdered:
        this.#add(a);
        this.ordered++;
        return;
      case RECORD.nodeChanged:
        this.census++;
        this.#touch(a);
        return;
      case RECORD.nodeRunning:
        this.#stands();
        this.ordered--;
        this.#insert(a);
        this.#changed();
        return;
      case RECORD.nodeRegistered:
        this.#stands();
        if (this.#view.nodes.group[a] < 0) this.#insert(a);
        this.#changed();
        return;
      case RECORD.nodeReady:
        this.#stands();
        this.#changed();
        return;
      case RECORD.nodeTerminating:
        this.#stands();
        this.#ending[a] = 1;
        this.going.add(a);
        this.#changed();
        return;
      case RECORD.nodeGone:
        this.#stands();
        if (b === 0) this.ordered--;
        else this.byName.splice(this.#place(a), 1);
        this.going.delete(a);
        this.#changed();
    }
  }

  isMarked(node: number): boolean {
    return this.#marked[node] === 1 || this.#ending[node] === 1;
  }

  /** By pool: how many nodes are initialized and not ending, and how many of these are marked or not ready. */
  countByPool(pools: number): { readonly nodes: readonly number[]; readonly going: readonly number[] } {
    if (this.#countedAt === this.census) return this.#counts;
    const nodes = new Array<number>(pools).fill(0);
    const going = new Array<number>(pools).fill(0);
    const { group, readyAt, state } = this.#view.nodes;
    for (const node of this.byName) {
      const pool = group[node];
      if (pool < 0 || Number.isNaN(readyAt[node]) || this.#ending[node] === 1) continue;
      nodes[pool]++;
      if (this.#marked[node] === 1 || state[node] !== NODE.ready) going[pool]++;
    }
    this.#counts = { nodes, going };
    this.#countedAt = this.census;
    return this.#counts;
  }

  /** Marks a node for deletion, or takes the mark back. */
  mark(node: number, marked: boolean): void {
    this.#marked[node] = marked ? 1 : 0;
    if (marked || this.#ending[node] === 1) this.going.add(node);
    else this.going.delete(node);
    this.#stands();
    this.#changed();
  }

  /** Pods were planned for it: it is left alone until then. */
  nominate(node: number, until: number): void {
    this.#nominatedUntil[node] = until;
    this.events++;
  }

  /** Moves on when pods come to a node, leave it or begin to terminate. */
  podsVersion(node: number): number {
    return this.#podsVersion[node] ?? 0;
  }

  /** Nodes whose pods, labels or taints have changed since this was asked last, each once. */
  takeTouched(): readonly number[] {
    const touched = this.#touched;
    for (const node of touched) this.#isTouched[node] = false;
    this.#touched = [];
    return touched;
  }

  nominatedUntil(node: number): number {
    return this.#nominatedUntil[node] ?? 0;
  }

  /** When its pods last changed, or else when it was initialized; NaN before. */
  quietSince(node: number): number {
    const event = this.#lastPodEvent[node];
    return event === undefined || Number.isNaN(event) ? this.#view.nodes.readyAt[node] : event;
  }

  /** The version that a method remembers, renewed when it is 5 minutes old. */
  versionNow(now: number, expiry: number): number {
    if (now - this.#versionAt >= expiry) {
      this.version++;
      this.#versionAt = now;
    }
    return this.version;
  }

  /** When the version is renewed of itself. */
  get versionSince(): number {
    return this.#versionAt;
  }

  snapshot(): { nodes: readonly SavedNode[]; version: number; versionAt: number } {
    const nodes: SavedNode[] = [];
    const { state } = this.#view.nodes;
    for (let node = 0; node < this.#marked.length; node++) {
      if (state[node] === NODE.gone) continue;
      const event = this.#lastPodEvent[node];
      nodes.push([
        node,
        this.#marked[node] ?? 0,
        this.nominatedUntil(node),
        event === undefined || Number.isNaN(event) ? null : event,
      ]);
    }
    return { nodes, version: this.version, versionAt: this.#versionAt };
  }

  restore(saved: { nodes: readonly SavedNode[]; version: number; versionAt: number }): void {
    this.version = saved.version;
    this.#stands();
    this.#versionAt = saved.versionAt;
    const { state, group } = this.#view.nodes;
    for (let node = 0; node < this.#view.nodeCount; node++) {
      this.#add(node);
      this.#ending[node] = this.#view.nodes.terminating[node] === 1 ? 1 : 0;
      if (state[node] === NODE.gone) continue;
      if (state[node] === NODE.ordered) this.ordered++;
      else if (group[node] >= 0 || state[node] !== NODE.running) this.byName.push(node);
    }
    this.byName.sort((a, b) => this.#compare(a, b));
    for (const [node, marked, nominatedUntil, event] of saved.nodes) {
      this.#marked[node] = marked;
      this.#nominatedUntil[node] = nominatedUntil;
      this.#lastPodEvent[node] = event ?? Number.NaN;
    }
    for (const node of this.byName) if (this.isMarked(node)) this.going.add(node);
  }

  #stands(): void {
    this.standing++;
    this.census++;
  }

  #podsChanged(node: number): void {
    if (node < 0) return;
    this.#podsVersion[node] = this.podsVersion(node) + 1;
    this.#touch(node);
  }

  #touch(node: number): void {
    if (this.#isTouched[node] === true) return;
    this.#isTouched[node] = true;
    this.#touched.push(node);
  }

  #podEvent(node: number, daemon: boolean): void {
    if (daemon || node < 0) return;
    const { now } = this.#view;
    const last = this.#lastPodEvent[node];
    // Written as a refusal so that NaN, no event yet, is recorded.
    if (now - last < POD_EVENT_DEDUPE) return;
    this.#lastPodEvent[node] = now;
  }

  #changed(): void {
    this.version++;
    this.#versionAt = this.#view.now;
  }

  #add(node: number): void {
    this.#marked[node] = 0;
    this.#nominatedUntil[node] = 0;
    this.#lastPodEvent[node] = Number.NaN;
  }

  #insert(node: number): void {
    if (this.#marked[node] === undefined) this.#add(node);
    this.byName.splice(this.#place(node), 0, node);
  }

  /** Position of the first node whose name is not before that of `node`. */
  #place(node: number): number {
    let low = 0;
    let high = this.byName.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.byName[middle], node) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: number, b: number): number {
    const names = this.#view.nodeNames;
    return compareText(names[a], names[b]) || a - b;
  }
}
