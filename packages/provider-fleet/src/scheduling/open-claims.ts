import { goSort } from '@plimsoll/core';
import type { OpenClaim, Waiting } from './open-claim.ts';
import type { PodView } from './pod-shape.ts';

/**
 * The claims of a simulation, fewest pods first. Karpenter sorts the list anew before each pod that no node takes; a list that is in
 * order already stays as it is.
 */
export class OpenClaims {
  readonly list: OpenClaim[] = [];
  #sorted = true;
  readonly #less = (i: number, j: number): boolean => this.list[i].pods.length < this.list[j].pods.length;
  readonly #swap = (i: number, j: number): void => {
    const kept = this.list[i];
    this.list[i] = this.list[j];
    this.list[j] = kept;
  };

  /** Appends a new claim, with its first pod in it. */
  push(claim: OpenClaim): void {
    const last = this.list[this.list.length - 1];
    if (last !== undefined && claim.pods.length < last.pods.length) this.#sorted = false;
    this.list.push(claim);
  }

  /** Adds a pod to the first claim that can still hold it. */
  tryAdd(waiting: Waiting, view: PodView): boolean {
    if (!this.#sorted) {
      goSort(this.list.length, this.#less, this.#swap);
      this.#sorted = true;
    }
    for (let place = 0; place < this.list.length; place++) {
      const claim = this.list[place];
      if (!claim.tryAdd(waiting, view)) continue;
      const next = this.list[place + 1];
      if (next !== undefined && next.pods.length < claim.pods.length) this.#sorted = false;
      return true;
    }
    return false;
  }
}
