import type { Claim } from './claim.ts';
import { goSort } from './go-sort.ts';

/**
 * The in-flight claims of a plan, fewest pods first. Karpenter sorts the list anew before each pod that no node takes; a list
 * that is in order already stays as it is, so it is sorted only when a claim has outgrown its neighbour.
 */
export class ClaimOrder {
  readonly list: Claim[] = [];
  #sorted = true;
  readonly #less = (i: number, j: number): boolean => this.list[i].pods.length < this.list[j].pods.length;
  readonly #swap = (i: number, j: number): void => {
    const kept = this.list[i];
    this.list[i] = this.list[j];
    this.list[j] = kept;
  };

  clear(): void {
    this.list.length = 0;
    this.#sorted = true;
  }

  /** Appends a new claim, with its first pod in it. */
  push(claim: Claim): void {
    const last = this.list[this.list.length - 1];
    if (last !== undefined && claim.pods.length < last.pods.length) this.#sorted = false;
    this.list.push(claim);
  }

  /** The claim at a place got a pod. */
  grew(place: number): void {
    const next = this.list[place + 1];
    if (next !== undefined && next.pods.length < this.list[place].pods.length) this.#sorted = false;
  }

  sort(): void {
    if (this.#sorted) return;
    goSort(this.list.length, this.#less, this.#swap);
    this.#sorted = true;
  }
}
