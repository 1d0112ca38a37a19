import type { BudgetFact, BudgetObject } from '@plimsoll/core';
import { type BudgetSpec, type BudgetStatus, budgetCovers, type ScaleOf, syncBudget } from '../disruption/budget.ts';
import { type Budget, evict } from '../disruption/eviction.ts';
import type { PodState } from '../pods/pod-state.ts';

interface LiveBudget extends Budget {
  readonly namespace: string;
}

type SavedBudget = readonly [status: Omit<BudgetStatus, 'disruptedPods'>, disrupted: readonly (readonly [string, number])[]];

/** The disruption budgets of a run, and what they allow at the moment. */
export class LiveBudgets {
  readonly #budgets = new Map<string, LiveBudget>();

  get any(): boolean {
    return this.#budgets.size > 0;
  }

  apply({ namespace, name, selector, minAvailable, maxUnavailable, unhealthyPodEvictionPolicy }: BudgetObject): void {
    const key = `${namespace}/${name}`;
    const generation = (this.#budgets.get(key)?.spec.generation ?? 0) + 1;
    const spec: BudgetSpec = {
      name,
      generation,
      ...(selector && { selector }),
      ...(minAvailable !== undefined && { minAvailable }),
      ...(maxUnavailable !== undefined && { maxUnavailable }),
      ...(unhealthyPodEvictionPolicy && { unhealthyPodEvictionPolicy }),
    };
    this.#budgets.set(key, { namespace, spec, status: this.#budgets.get(key)?.status ?? NEW });
  }

  delete(namespace: string, name: string): void {
    this.#budgets.delete(`${namespace}/${name}`);
  }

  /** Whether any budget is about a pod. */
  covers(pod: PodState, namespace: string): boolean {
    for (const budget of this.#budgets.values()) {
      if (budget.namespace === namespace && budgetCovers(budget.spec, pod)) return true;
    }
    return false;
  }

  /** One sync of the controller for every budget. `podsOf` gives the pods of a namespace. */
  sync(podsOf: (namespace: string) => readonly PodState[], scaleOf: ScaleOf, now: number): void {
    for (const budget of this.#budgets.values()) {
      budget.status = syncBudget(budget.spec, budget.status, podsOf(budget.namespace), scaleOf, now);
    }
  }

  /** Whether the eviction API would refuse a pod now. Asking changes nothing. */
  blocks(pod: PodState, namespace: string, now: number): boolean {
    const copies = this.#of(namespace).map(({ spec, status }) => ({ spec, status }));
    return evict(pod, copies, now).code !== 201;
  }

  /** An eviction was granted: the budget that it counts against is used up by one. */
  spend(pod: PodState, namespace: string, now: number): void {
    evict(pod, this.#of(namespace), now);
  }

  facts(): BudgetFact[] {
    return [...this.#budgets.values()].map(({ namespace, spec, status }) => ({
      namespace,
      selector: spec.selector,
      disruptionsAllowed: status.disruptionsAllowed,
      blocksAlways: spec.maxUnavailable === 0 || spec.maxUnavailable === '0%' || spec.minAvailable === '100%',
      evictsUnhealthy: spec.unhealthyPodEvictionPolicy === 'AlwaysAllow',
    }));
  }

  snapshot(): readonly SavedBudget[] {
    return [...this.#budgets.values()].map(({ status: { disruptedPods, ...status } }) => [status, [...disruptedPods]]);
  }

  /** Restores what the budgets allow; the budgets themselves must have been applied. */
  restore(saved: readonly SavedBudget[]): void {
    [...this.#budgets.values()].forEach((budget, index) => {
      const [status, disrupted] = saved[index];
      budget.status = { ...status, disruptedPods: new Map(disrupted) };
    });
  }

  #of(namespace: string): LiveBudget[] {
    return [...this.#budgets.values()].filter((budget) => budget.namespace === namespace);
  }
}

/** A budget that its controller has not seen yet allows nothing. */
const NEW: BudgetStatus = {
  expectedPods: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  disruptionsAllowed: 0,
  observedGeneration: 0,
  disruptedPods: new Map(),
};
