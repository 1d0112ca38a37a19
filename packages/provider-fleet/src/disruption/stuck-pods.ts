import { type Bits, keepCommon } from '../catalogue/bits.ts';
import type { Planner } from '../planner.ts';
import type { PodKind } from '../pods/pod-kinds.ts';
import type { Candidate } from './candidates.ts';

/**
 * A cheap reason why one node cannot go, exact where it says so: pods that fit on no other initialized node even before anything is
 * planned would all have to go into the one new machine, and no cheaper type can hold them together.
 */
export class StuckPods {
  readonly #planner: Planner;
  /** Types that a claim of some pool might be and that might cost less than a price, by price in dollars per hour. */
  readonly #cheaper = new Map<number, Bits>();
  readonly #left: Bits;
  #version = -1;
  #totals = new Float64Array(0);

  constructor(planner: Planner) {
    this.#planner = planner;
    this.#left = new Int32Array(planner.catalogue.words);
  }

  cannotGo({ index, pods, price }: Candidate): boolean {
    const { catalogue, existing, pods: kinds, view } = this.#planner;
    const podClass = view.pods.class;
    const { count } = view.classes.resources;
    if (this.#totals.length < count) this.#totals = new Float64Array(count);
    const totals = this.#totals.fill(0);
    let stuck = 0;
    let last: PodKind | undefined;
    let fits = false;
    for (const pod of pods) {
      const kind = kinds.of(podClass[pod]);
      if (kind !== last) {
        last = kind;
        fits = false;
        for (const variant of kind.variants) {
          fits = existing.countFits(kind, variant, 1, index) > 0;
          if (fits) break;
        }
      }
      if (fits) continue;
      if (kind.invalid) return true;
      stuck++;
      for (let k = 0; k < kind.resources.length; k++) totals[kind.resources[k]] += kind.amounts[k];
    }
    if (stuck === 0) return false;
    const left = this.#left;
    left.set(this.#cheaperThan(price));
    for (let resource = 0; resource < count; resource++) {
      if (totals[resource] === 0) continue;
      const enough = catalogue.atLeast(resource, totals[resource]);
      if (enough === undefined || !keepCommon(left, enough)) return true;
    }
    return false;
  }

  #cheaperThan(price: number): Bits {
    const { availability, catalogue, templates } = this.#planner;
    if (this.#version !== availability.version) {
      this.#version = availability.version;
      this.#cheaper.clear();
    }
    let bits = this.#cheaper.get(price);
    if (bits === undefined) {
      bits = new Int32Array(catalogue.words);
      for (const { requirements, ever } of templates) {
        const { cheapest } = availability.prices(requirements.markets);
        for (let word = 0; word < bits.length; word++) {
          for (let bit = 0; bit < 32; bit++) {
            if ((ever[word] & (1 << bit)) !== 0 && cheapest[word * 32 + bit] / 1e9 < price) bits[word] |= 1 << bit;
          }
        }
      }
      this.#cheaper.set(price, bits);
    }
    return bits;
  }
}
