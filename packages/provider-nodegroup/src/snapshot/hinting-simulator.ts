import { type ClusterView, NONE } from '@plimsoll/core';
import type { PodFacts } from '../pods/pod-facts.ts';
import { AMONG, type ClusterSnapshot } from './cluster-snapshot.ts';
import type { Hints } from './hints.ts';

/** How many specs of one controller are remembered as hopeless. Source: `simulator/scheduling/similar_pods.go`. */
const REMEMBERED = 10;

/**
 * Finds places for pods in the snapshot: by priority from high to low, first each pod that has a hint on that node alone, then the others
 * anywhere. Pods that found a place stay there. Source: Cluster Autoscaler 1.37, `simulator/scheduling/hinting_simulator.go`.
 */
export class HintingSimulator {
  readonly #view: ClusterView;
  readonly #facts: PodFacts;
  readonly #snapshot: ClusterSnapshot;
  readonly #hints: Hints;
  /** Hopeless classes by controller. Only runs with constrained pods need it. */
  readonly #hopeless = new Map<number, number[]>();
  /** The run in which a class without constraints found no node: then no pod of the class does. */
  #failedIn = new Int32Array(64);
  #runs = 0;
  #rest = new Int32Array(64);
  #slot = new Int32Array(64);

  constructor(view: ClusterView, facts: PodFacts, snapshot: ClusterSnapshot, hints: Hints) {
    this.#view = view;
    this.#facts = facts;
    this.#snapshot = snapshot;
    this.#hints = hints;
  }

  /**
   * Places pods; returns how many found a place. Pods without one are moved to the front of `pods`, in their order.
   * With `breakOnFailure` it stops at the first of them, and the order of `pods` means nothing afterwards.
   */
  place(pods: Int32Array, count: number, among: number, breakOnFailure: boolean): number {
    this.#runs++;
    this.#hopeless.clear();
    if (this.#failedIn.length < this.#view.classes.pods.length) {
      this.#failedIn = new Int32Array(this.#view.classes.pods.length * 2);
    }
    if (this.#slot.length < count) {
      this.#slot = new Int32Array(count * 2);
      this.#rest = new Int32Array(count * 2);
    }
    if (this.#facts.anyPriority) this.#sortByPriority(pods.subarray(0, count));
    let placed = 0;
    let left = 0;
    let from = 0;
    while (from < count) {
      const to = this.#endOfPriority(pods, from, count);
      this.#slot.fill(NONE, from, to);
      for (let i = from; i < to; i++) if (this.#tryHint(pods[i], among)) this.#slot[i] = 1;
      for (let i = from; i < to; i++) {
        const pod = pods[i];
        if (this.#slot[i] !== NONE || this.#tryAnywhere(pod, among)) placed++;
        else if (breakOnFailure) return placed;
        else this.#rest[left++] = pod;
      }
      from = to;
    }
    for (let i = 0; i < left; i++) pods[i] = this.#rest[i];
    return placed;
  }

  #sortByPriority(pods: Int32Array): void {
    const { class: classes } = this.#view.pods;
    const { priority } = this.#facts;
    pods.sort((a, b) => priority[classes[b]] - priority[classes[a]]);
  }

  #endOfPriority(pods: Int32Array, from: number, count: number): number {
    if (!this.#facts.anyPriority) return count;
    const { class: classes } = this.#view.pods;
    const priority = this.#facts.priority[classes[pods[from]]];
    let to = from + 1;
    while (to < count && this.#facts.priority[classes[pods[to]]] === priority) to++;
    return to;
  }

  #tryHint(pod: number, among: number): boolean {
    const node = this.#hints.of(pod);
    if (node === NONE) return false;
    const snapshot = this.#snapshot;
    const slot = snapshot.slotOfHint(node);
    if (slot === NONE || (among === AMONG.destinations && snapshot.destination[slot] === 0)) return false;
    const podClass = this.#view.pods.class[pod];
    if (!snapshot.fits(podClass, slot)) return false;
    snapshot.place(pod, podClass, slot);
    this.#hints.set(pod, node);
    return true;
  }

  #tryAnywhere(pod: number, among: number): boolean {
    const podClass = this.#view.pods.class[pod];
    if (this.#failedIn[podClass] === this.#runs) return false;
    const plain = !this.#facts.anyConstrained;
    if (!plain && this.#isHopeless(pod, podClass)) return false;
    const snapshot = this.#snapshot;
    const slot = snapshot.find(podClass, among);
    if (slot === NONE) {
      // Without constraints, space only shrinks during a run: equal pods must fail too, whoever owns them.
      if (plain) this.#failedIn[podClass] = this.#runs;
      else this.#remember(pod, podClass);
      return false;
    }
    snapshot.place(pod, podClass, slot);
    if (snapshot.hint[slot] !== NONE) this.#hints.set(pod, snapshot.hint[slot]);
    return true;
  }

  #isHopeless(pod: number, podClass: number): boolean {
    return this.#hopeless.get(this.#view.pods.owner[pod])?.includes(podClass) === true;
  }

  #remember(pod: number, podClass: number): void {
    const facts = this.#facts;
    if (!facts.controlled[podClass] || facts.daemonSet[podClass]) return;
    const owner = this.#view.pods.owner[pod];
    const known = this.#hopeless.get(owner);
    if (known === undefined) this.#hopeless.set(owner, [podClass]);
    else if (known.length < REMEMBERED) known.push(podClass);
  }
}
