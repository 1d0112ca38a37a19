import { type ClusterView, NODE, NONE, TAINT } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';
import { lacksGpus } from './gpus.ts';
import type { NodeGroups } from './node-groups.ts';

/** How ready a node is. Source: Cluster Autoscaler 1.37, `clusterstate/clusterstate.go`. */
export const READINESS = { ready: 0, notStarted: 1, unready: 2 } as const;

/** What a node's class says of its readiness, as bits. */
const FACT = { known: 1, unready: 2, cordoned: 4, toBeDeleted: 8 } as const;

/** Taints of conditions that make a node count as not ready. Source: `utils/kubernetes/ready.go`. */
const UNREADY_TAINTS: readonly string[] = [
  TAINT.notReady,
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/network-unavailable',
];

/** How long a node must have been ready before it serves as its group's template. Source: `processors/nodeinfosprovider`. */
const TEMPLATE_STABLE = 60_000;

/** Keys of taints whose presence makes a ready node count as not started: startup taints. Prefixes are the real program's own. */
const STARTUP_PREFIXES = ['ignore-taint.cluster-autoscaler.kubernetes.io/', 'startup-taint.cluster-autoscaler.kubernetes.io/'];

/**
 * The nodes that have a Node object, in order of registration, with what one pass over them tells. The pass is made anew only where something that it
 * reads has changed: a node that the journal names came, went or changed its class or state, a time was reached, or a machine's group became known.
 */
export class NodeList {
  count = 0;
  /** Grows with each pass: equal versions are equal lists. */
  version = 0;
  row = new Int32Array(256);
  /** Group as known, or NONE. */
  group = new Int32Array(256);
  readiness = new Uint8Array(256);
  /** How many of all nodes are ready and not cordoned. */
  ready = 0;
  /** By group: the first node that may serve as template, or NONE. */
  readonly model: number[] = [];
  /** Earliest time from now on at which a node's readiness or fitness as a template changes by itself. */
  changesAt = Infinity;
  readonly #view: ClusterView;
  readonly #groups: NodeGroups;
  readonly #startupTime: readonly number[];
  readonly #isStartupTaint: (key: string) => boolean;
  /** By node class: bits of {@link FACT}. */
  #classFacts = new Uint8Array(64);
  /** By row, as the last pass found it: class and readiness in one number, or NONE where there was no Node object. */
  #seen = new Int32Array(256).fill(NONE);
  /** By row: position in the list. */
  #indexOf = new Int32Array(256);
  /** Up to where the journal was read; −1 where all must be read anew. */
  #readTo = -1;
  /** When the groups had been read last, and when the first machine was ordered whose group was not known. */
  #refreshedAt = -Infinity;
  #strangerAt = Infinity;

  constructor(view: ClusterView, groups: NodeGroups, flags: Flags, startupTime: readonly number[]) {
    this.#view = view;
    this.#groups = groups;
    this.#startupTime = startupTime;
    const keys = [...flags['ignore-taint'], ...flags['startup-taint']];
    const prefixes = [...STARTUP_PREFIXES, ...flags['startup-taint-prefix']];
    this.#isStartupTaint = (key) => keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix));
  }

  /** Brings the list up to date. */
  read(now: number): void {
    const { end } = this.#view.journal;
    if (!this.#holds(now)) this.#pass(now);
    this.#readTo = end;
  }

  /** How ready a node of the list is. */
  readinessOf(node: number): number {
    return this.readiness[this.#indexOf[node]];
  }

  /** The next read makes a pass, whatever the journal says. */
  forget(): void {
    this.#readTo = -1;
  }

  /** Whether a pass would find just what the last one did. */
  #holds(now: number): boolean {
    const { journal, nodes, nodeCount } = this.#view;
    const from = this.#readTo;
    if (from < journal.start || now >= this.changesAt) return false;
    const { refreshedAt } = this.#groups;
    if (refreshedAt < this.#refreshedAt || refreshedAt >= this.#strangerAt) return false;
    this.#refreshedAt = refreshedAt;
    const { state, class: classes } = nodes;
    const seen = this.#seen;
    for (let position = from; position < journal.end; position++) {
      const node = journal.at(position);
      const found = node < nodeCount ? signature(state[node], classes[node]) : NONE;
      if (found !== (node < seen.length ? seen[node] : NONE)) return false;
    }
    return true;
  }

  #pass(now: number): void {
    const { nodes } = this.#view;
    const { state, class: classes, next, readyAt, registeredAt, orderedAt, group: groupOf } = nodes;
    const groups = this.#groups;
    const { refreshedAt } = groups;
    this.version++;
    this.count = 0;
    this.ready = 0;
    this.changesAt = Infinity;
    this.#refreshedAt = refreshedAt;
    this.#strangerAt = Infinity;
    if (this.#seen.length < this.#view.nodeCount) {
      this.#seen = new Int32Array(this.#view.nodeCount * 2);
      this.#indexOf = new Int32Array(this.#view.nodeCount * 2);
    }
    const seen = this.#seen.fill(NONE);
    for (let g = 0; g < groups.count; g++) this.model[g] = NONE;
    if (this.#classFacts.length < this.#view.classes.nodes.length) {
      const wider = new Uint8Array(this.#view.classes.nodes.length * 2);
      wider.set(this.#classFacts);
      this.#classFacts = wider;
    }
    if (this.row.length < this.#view.registeredCount) this.#grow(this.#view.registeredCount * 2);
    for (let node = this.#view.firstNode; node !== NONE; node = next[node]) {
      let group = groupOf[node];
      if (group >= groups.count) group = NONE;
      else if (group !== NONE && orderedAt[node] > refreshedAt) {
        if (orderedAt[node] < this.#strangerAt) this.#strangerAt = orderedAt[node];
        group = NONE;
      }
      const at = this.count++;
      this.row[at] = node;
      this.group[at] = group;
      seen[node] = signature(state[node], classes[node]);
      const facts = this.#factsOf(classes[node]);
      this.#indexOf[node] = at;
      if (state[node] === NODE.ready && (facts & FACT.unready) === 0) {
        if ((facts & FACT.cordoned) === 0) this.ready++;
        this.readiness[at] = READINESS.ready;
        if (facts !== FACT.known || group === NONE || this.model[group] !== NONE) continue;
        const stableAt = readyAt[node] + TEMPLATE_STABLE;
        if (stableAt < now) this.model[group] = node;
        else if (stableAt + 1 < this.changesAt) this.changesAt = stableAt + 1;
      } else {
        const startsUntil = registeredAt[node] + (group === NONE ? this.#startupTime[0] : this.#startupTime[group]);
        if (startsUntil > now) {
          this.readiness[at] = READINESS.notStarted;
          if (startsUntil < this.changesAt) this.changesAt = startsUntil;
        } else this.readiness[at] = READINESS.unready;
      }
    }
  }

  #factsOf(nodeClass: number): number {
    let known = this.#classFacts[nodeClass];
    if (known === 0) {
      const { taints, unschedulable } = this.#view.classes.nodes[nodeClass].shape;
      known = FACT.known;
      if (unschedulable) known |= FACT.cordoned;
      // Startup taints and missing GPUs are looked for on ready nodes only, of which cordoned ones are none.
      else if (taints.some((taint) => this.#isStartupTaint(taint.key)) || lacksGpus(this.#view.classes, nodeClass)) {
        known |= FACT.unready;
      }
      if (taints.some((taint) => UNREADY_TAINTS.includes(taint.key))) known |= FACT.unready;
      if (taints.some((taint) => taint.key === TAINT.toBeDeleted)) known |= FACT.toBeDeleted;
      this.#classFacts[nodeClass] = known;
    }
    return known;
  }

  #grow(length: number): void {
    this.row = new Int32Array(length);
    this.group = new Int32Array(length);
    this.readiness = new Uint8Array(length);
  }
}

/** What a pass reads of a node that may change. */
function signature(state: number, nodeClass: number): number {
  if (state === NODE.ready) return nodeClass * 2 + 1;
  return state === NODE.registered ? nodeClass * 2 : NONE;
}
