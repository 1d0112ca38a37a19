import { type BudgetFact, type ClusterView, matchesSelector } from '@plimsoll/core';

/**
 * How many pods each disruption budget still gives up, as a plan goes on taking from it. Source: Cluster Autoscaler 1.37,
 * `core/scaledown/pdb/basic.go`.
 */
export class RemainingBudgets {
  readonly #view: ClusterView;
  #budgets: readonly BudgetFact[] = [];
  readonly #left: number[] = [];
  /** By pod class: the budgets that select it. Holds while the selectors stay the same. */
  #matching: (readonly number[])[] = [];

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** Starts with what the budgets allow now. */
  set(budgets: readonly BudgetFact[]): void {
    const before = this.#budgets;
    const same =
      before.length === budgets.length &&
      budgets.every((b, i) => b.selector === before[i].selector && b.namespace === before[i].namespace);
    if (!same) this.#matching = [];
    this.#budgets = budgets;
    this.#left.length = 0;
    for (const { disruptionsAllowed } of budgets) this.#left.push(disruptionsAllowed);
  }

  /** Whether any budget selects pods of a class. */
  selects(podClass: number): boolean {
    return this.#budgets.length > 0 && this.#of(podClass).length > 0;
  }

  /** Whether a budget of the class has nothing left. */
  forbids(podClass: number): boolean {
    return this.#budgets.length > 0 && this.#of(podClass).some((b) => this.#left[b] < 1);
  }

  /** Whether pods, as rows, may all go at the same time. */
  allowsTogether(pods: readonly number[]): boolean {
    if (this.#budgets.length === 0) return true;
    const { class: classes } = this.#view.pods;
    const counts = this.#budgets.map(() => 0);
    for (const pod of pods) for (const b of this.#of(classes[pod])) counts[b]++;
    return counts.every((count, b) => count === 0 || count <= this.#left[b]);
  }

  /** Takes pods, as rows, from their budgets. */
  take(pods: readonly number[]): void {
    if (this.#budgets.length === 0) return;
    const { class: classes } = this.#view.pods;
    for (const pod of pods) for (const b of this.#of(classes[pod])) this.#left[b]--;
  }

  #of(podClass: number): readonly number[] {
    let known = this.#matching[podClass];
    if (known === undefined) {
      const { spec } = this.#view.classes.pods[podClass];
      const found: number[] = [];
      this.#budgets.forEach(({ namespace, selector }, b) => {
        if (namespace === spec.namespace && matchesSelector(spec.labels, selector)) found.push(b);
      });
      this.#matching[podClass] = known = found;
    }
    return known;
  }
}
