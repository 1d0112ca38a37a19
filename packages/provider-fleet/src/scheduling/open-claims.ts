import { goSort } from '@plimsoll/core';
import type { OpenClaim, Waiting } from './open-claim.ts';
import type { PodView } from './pod-shape.ts';

/** Up to this length Go's sort inserts. */
const SHORT = 12;
/** From this length on a list with one element out of place is mended by insertion. */
const LONG = 50;

/**
 * The claims of a simulation, fewest pods first. Karpenter sorts the list anew before each pod that no node takes, with a sort whose
 * order of equals decides placements.
 *
 * The list is in order but for the claim that grew or was opened last. Go's sort of such a list is an insertion of that claim if the
 * list is short, and if it is long as well, unless the elements by which the sort chooses its pivot show the disorder; those are
 * looked at, and the sort itself runs only where it has to.
 */
export class OpenClaims {
  readonly list: OpenClaim[] = [];
  /** Pods of each claim of the list. */
  #counts = new Int32Array(64);
  /** Place of the claim that may be out of place, or −1. */
  #displaced = -1;

  /** Appends a new claim, with its first pod in it. */
  push(claim: OpenClaim): void {
    const at = this.list.push(claim) - 1;
    if (at === this.#counts.length) {
      const wider = new Int32Array(at * 2);
      wider.set(this.#counts);
      this.#counts = wider;
    }
    this.#counts[at] = claim.pods.length;
    if (at > 0 && this.#counts[at] < this.#counts[at - 1]) this.#displaced = at;
  }

  /** Adds a pod to the first claim that can still hold it. */
  tryAdd(waiting: Waiting, view: PodView): boolean {
    if (this.#displaced >= 0) this.#sort();
    const { list } = this;
    for (let place = 0; place < list.length; place++) {
      if (!list[place].tryAdd(waiting, view)) continue;
      const count = ++this.#counts[place];
      if (place + 1 < list.length && this.#counts[place + 1] < count) this.#displaced = place;
      return true;
    }
    return false;
  }

  #sort(): void {
    const { list } = this;
    const n = list.length;
    if (n <= SHORT || (n >= LONG && !this.#showsDisorder(n))) this.#insert(this.#displaced);
    else {
      const counts = this.#counts;
      const swap = (i: number, j: number): void => {
        const claim = list[i];
        list[i] = list[j];
        list[j] = claim;
        const count = counts[i];
        counts[i] = counts[j];
        counts[j] = count;
      };
      goSort(n, (i, j) => counts[i] < counts[j], swap);
    }
    this.#displaced = -1;
  }

  /** Whether one of the comparisons by which Go's sort chooses its pivot finds two elements in the wrong order. */
  #showsDisorder(n: number): boolean {
    const quarter = Math.floor(n / 4);
    const counts = this.#counts;
    for (let i = 1; i <= 3; i++) {
      const middle = quarter * i;
      if (counts[middle] < counts[middle - 1] || counts[middle + 1] < counts[middle]) return true;
    }
    return counts[quarter * 2] < counts[quarter] || counts[quarter * 3] < counts[quarter * 2];
  }

  /** Moves the claim at a place behind the last that has no more pods, or before the first that has more. */
  #insert(place: number): void {
    const counts = this.#counts;
    const { list } = this;
    const count = counts[place];
    const claim = list[place];
    let to = place;
    for (; to + 1 < list.length && counts[to + 1] < count; to++) {
      counts[to] = counts[to + 1];
      list[to] = list[to + 1];
    }
    for (; to > 0 && counts[to - 1] > count; to--) {
      counts[to] = counts[to - 1];
      list[to] = list[to - 1];
    }
    counts[to] = count;
    list[to] = claim;
  }
}
