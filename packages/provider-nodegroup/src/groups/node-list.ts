import { type ClusterView, NODE, NONE, TAINT } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';
import type { NodeGroups } from './node-groups.ts';

/** How ready a node is. Source: Cluster Autoscaler 1.37, `clusterstate/clusterstate.go`. */
export const READINESS = { ready: 0, notStarted: 1, unready: 2 } as const;

/** How long a node must have been ready before it serves as its group's template. Source: `processors/nodeinfosprovider`. */
const TEMPLATE_STABLE = 60_000;

/** Keys of taints whose presence makes a ready node count as not started: startup taints. Prefixes are the real program's own. */
const STARTUP_PREFIXES = ['ignore-taint.cluster-autoscaler.kubernetes.io/', 'startup-taint.cluster-autoscaler.kubernetes.io/'];

/** The nodes that have a Node object, in order of registration, with what one pass over them tells. Filled anew in each loop. */
export class NodeList {
  count = 0;
  row = new Int32Array(256);
  /** Group as known, or NONE. */
  group = new Int32Array(256);
  readiness = new Uint8Array(256);
  /** How many of all nodes are ready. */
  ready = 0;
  /** By group: the first node that may serve as template, or NONE. */
  readonly model: number[] = [];
  /** Earliest time from now on at which a node's readiness or fitness as a template changes by itself. */
  changesAt = Infinity;
  readonly #view: ClusterView;
  readonly #groups: NodeGroups;
  readonly #startupTime: readonly number[];
  readonly #isStartupTaint: (key: string) => boolean;
  /** By node class: 0 unknown, 1 fine, 2 has a startup taint, 3 cordoned or being deleted. */
  #classFacts = new Uint8Array(64);

  constructor(view: ClusterView, groups: NodeGroups, flags: Flags, startupTime: readonly number[]) {
    this.#view = view;
    this.#groups = groups;
    this.#startupTime = startupTime;
    const keys = [...flags['ignore-taint'], ...flags['startup-taint']];
    const prefixes = [...STARTUP_PREFIXES, ...flags['startup-taint-prefix']];
    this.#isStartupTaint = (key) => keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix));
  }

  read(now: number): void {
    const { nodes } = this.#view;
    const groups = this.#groups;
    this.count = 0;
    this.ready = 0;
    this.changesAt = Infinity;
    for (let g = 0; g < groups.count; g++) this.model[g] = NONE;
    if (this.#classFacts.length < this.#view.classes.nodes.length) {
      const wider = new Uint8Array(this.#view.classes.nodes.length * 2);
      wider.set(this.#classFacts);
      this.#classFacts = wider;
    }
    if (this.row.length < this.#view.registeredCount) this.#grow(this.#view.registeredCount * 2);
    for (let node = this.#view.firstNode; node !== NONE; node = nodes.next[node]) {
      const group = groups.groupOf(node);
      const at = this.count++;
      this.row[at] = node;
      this.group[at] = group;
      const facts = this.#factsOf(nodes.class[node]);
      const ready = nodes.state[node] === NODE.ready && facts !== 2;
      if (ready) {
        this.ready++;
        this.readiness[at] = READINESS.ready;
        if (facts !== 1 || group === NONE || this.model[group] !== NONE) continue;
        const stableAt = nodes.readyAt[node] + TEMPLATE_STABLE;
        if (stableAt < now) this.model[group] = node;
        else if (stableAt + 1 < this.changesAt) this.changesAt = stableAt + 1;
      } else {
        const startsUntil = nodes.registeredAt[node] + (group === NONE ? this.#startupTime[0] : this.#startupTime[group]);
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
      if (taints.some((taint) => this.#isStartupTaint(taint.key))) known = 2;
      else if (unschedulable || taints.some((taint) => taint.key === TAINT.toBeDeleted)) known = 3;
      else known = 1;
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
