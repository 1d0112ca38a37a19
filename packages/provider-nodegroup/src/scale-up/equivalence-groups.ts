import type { ClusterView } from '@plimsoll/core';
import type { PodFacts } from '../pods/pod-facts.ts';

/** How many distinct specs of one controller get a group of their own to share. Source: `core/scaleup/equivalence/groups.go`. */
const GROUPS_PER_CONTROLLER = 10;

/**
 * Pods that no check can tell apart, put together: pods of one controller and one class. Pods without a controller and DaemonSet pods stay
 * alone. Groups stand in the order of their first pods. Source: Cluster Autoscaler 1.37, `core/scaleup/equivalence/groups.go`.
 */
export class EquivalenceGroups {
  count = 0;
  /** By group: class, and where its pods stand in {@link pods}. */
  podClass = new Int32Array(64);
  start = new Int32Array(65);
  /** Pods, group by group, each in the order given. */
  pods = new Int32Array(64);
  readonly #view: ClusterView;
  readonly #facts: PodFacts;
  /** By owner: its first group of the run whose number stands beside it. */
  #firstOf = new Int32Array(64);
  #runOf = new Int32Array(64);
  #run = 0;
  /** By group: the next group of the same owner, and how many its owner has. */
  #next = new Int32Array(64);
  #groupOf = new Int32Array(64);

  constructor(view: ClusterView, facts: PodFacts) {
    this.#view = view;
    this.#facts = facts;
  }

  /** Groups the first `count` of `pods`. */
  build(pods: Int32Array, count: number): void {
    this.#run++;
    this.count = 0;
    if (this.#groupOf.length < count) this.#grow(count * 2);
    this.start.fill(0, 0, count + 1);
    const { class: classes, owner: owners } = this.#view.pods;
    const facts = this.#facts;
    for (let i = 0; i < count; i++) {
      const podClass = classes[pods[i]];
      const alone = !facts.controlled[podClass] || facts.daemonSet[podClass];
      const group = alone ? this.#open(podClass) : this.#shared(owners[pods[i]], podClass);
      this.#groupOf[i] = group;
      this.start[group + 1]++;
    }
    for (let g = 0; g < this.count; g++) this.start[g + 1] += this.start[g];
    const fill = this.#next;
    for (let g = 0; g < this.count; g++) fill[g] = this.start[g];
    for (let i = 0; i < count; i++) this.pods[fill[this.#groupOf[i]]++] = pods[i];
  }

  /** How many pods a group has. */
  size(group: number): number {
    return this.start[group + 1] - this.start[group];
  }

  #shared(owner: number, podClass: number): number {
    if (owner >= this.#runOf.length) this.#growOwners(owner);
    if (this.#runOf[owner] !== this.#run) {
      this.#runOf[owner] = this.#run;
      return (this.#firstOf[owner] = this.#open(podClass));
    }
    let group = this.#firstOf[owner];
    for (let known = 1; ; known++) {
      if (this.#facts.alike(this.podClass[group], podClass)) return group;
      const next = this.#next[group];
      if (next < 0) {
        const opened = this.#open(podClass);
        if (known < GROUPS_PER_CONTROLLER) this.#next[group] = opened;
        return opened;
      }
      group = next;
    }
  }

  #open(podClass: number): number {
    this.podClass[this.count] = podClass;
    this.#next[this.count] = -1;
    return this.count++;
  }

  #grow(length: number): void {
    this.podClass = new Int32Array(length);
    this.start = new Int32Array(length + 1);
    this.pods = new Int32Array(length);
    this.#next = new Int32Array(length);
    this.#groupOf = new Int32Array(length);
  }

  #growOwners(owner: number): void {
    const length = Math.max(owner + 1, this.#runOf.length * 2);
    const first = new Int32Array(length);
    first.set(this.#firstOf);
    this.#firstOf = first;
    const run = new Int32Array(length);
    run.set(this.#runOf);
    this.#runOf = run;
  }
}
