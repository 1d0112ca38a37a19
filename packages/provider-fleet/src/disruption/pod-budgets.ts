import { type BudgetFact, type ClusterFacts, type ClusterView, matchesSelector, POD, type WorkloadView } from '@plimsoll/core';
import type { PodKinds } from '../pods/pod-kinds.ts';

/**
 * Which disruption budgets stand in the way of evictions. A pod under more than one cannot be evicted at all; one that is not ready may be
 * where its budget says so.
 *
 * Source: Karpenter 1.14.1, `pkg/utils/pdb/pdb.go`.
 */
export class PodBudgets {
  readonly #view: ClusterView;
  readonly #kinds: PodKinds;
  readonly #workload: WorkloadView;
  readonly #facts: ClusterFacts | undefined;
  /** Moves on when there are other budgets, or others that never allow an eviction. */
  version = 0;
  #budgets: readonly BudgetFact[] = [];
  /** Rows of the budgets that select a pod class. */
  #matching: (readonly number[] | undefined)[] = [];

  constructor(view: ClusterView, kinds: PodKinds, workload: WorkloadView, facts: ClusterFacts | undefined) {
    this.#view = view;
    this.#kinds = kinds;
    this.#workload = workload;
    this.#facts = facts;
  }

  /** Whether any eviction may be blocked at all. */
  get mayBlock(): boolean {
    return this.#facts?.budgets === undefined ? this.#workload.blocksEvictions !== false : this.#budgets.length > 0;
  }

  /** Takes the budgets as they are now. */
  capture(): void {
    const budgets = this.#facts?.budgets?.() ?? [];
    const known = this.#budgets;
    const same =
      budgets.length === known.length &&
      budgets.every(
        ({ blocksAlways, namespace, selector }, i) =>
          selector === known[i].selector && namespace === known[i].namespace && blocksAlways === known[i].blocksAlways,
      );
    this.#budgets = budgets;
    if (same) return;
    this.version++;
    this.#matching = [];
  }

  /** Whether a pod that Karpenter would evict may not be evicted now. */
  blocks(pod: number): boolean {
    if (this.#facts?.budgets === undefined) return this.#workload.evictionBlocked(pod);
    return this.#stops(pod, ({ disruptionsAllowed }) => disruptionsAllowed === 0);
  }

  /** Whether a pod that Karpenter would evict never may be, as long as the budgets stand: it is not planned for elsewhere. */
  neverAllow(pod: number): boolean {
    return this.#stops(pod, ({ blocksAlways }) => blocksAlways === true);
  }

  #stops(pod: number, blocks: (budget: BudgetFact) => boolean): boolean {
    if (this.#budgets.length === 0) return false;
    const { class: podClass, state } = this.#view.pods;
    if (state[pod] === POD.terminating || this.#kinds.of(podClass[pod]).toleratesDisruption) return false;
    const matching = this.#matchingOf(podClass[pod]);
    if (matching.length !== 1) return matching.length > 1;
    const budget = this.#budgets[matching[0]];
    // A pod is ready once it runs.
    return !(budget.evictsUnhealthy === true && state[pod] === POD.bound) && blocks(budget);
  }

  #matchingOf(podClass: number): readonly number[] {
    let rows = this.#matching[podClass];
    if (rows === undefined) {
      const { labels, namespace } = this.#view.classes.pods[podClass].spec;
      rows = this.#budgets.flatMap((budget, row) =>
        budget.namespace === namespace && matchesSelector(labels, budget.selector) ? row : [],
      );
      this.#matching[podClass] = rows;
    }
    return rows;
  }
}
