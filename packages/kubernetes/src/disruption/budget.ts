import { type LabelSelector, matchesSelector } from '@plimsoll/core';
import { type IntOrPercent, scaledCount } from '../pods/int-or-percent.ts';
import type { PodState } from '../pods/pod-state.ts';

/** How long an evicted pod counts as disrupted although it is still there, ms. Source: Kubernetes v1.36.2, `pkg/controller/disruption`. */
export const DISRUPTION_TIMEOUT = 120_000;

/** A PodDisruptionBudget as its owner wrote it. */
export interface BudgetSpec {
  readonly name: string;
  readonly generation: number;
  /** `{}` matches every pod of the namespace, an absent one none. */
  readonly selector?: LabelSelector;
  readonly minAvailable?: IntOrPercent;
  readonly maxUnavailable?: IntOrPercent;
  readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
}

/** What the disruption controller and the eviction API write about a budget. */
export interface BudgetStatus {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
  readonly observedGeneration: number;
  /** Pods whose eviction was granted and not seen yet, with the time of it. */
  readonly disruptedPods: ReadonlyMap<string, number>;
  /** Reason of the DisruptionAllowed condition; absent where it was never set. */
  readonly reason?: 'SufficientPods' | 'InsufficientPods' | 'SyncFailed';
}

/** Which controller a pod has and how many replicas that wants; `none` for a pod without one, undefined where it cannot be found. */
export type ScaleOf = (pod: PodState) => { readonly uid: string; readonly replicas: number } | 'none' | undefined;

/** Whether a budget is about a pod. */
export function budgetCovers(budget: Pick<BudgetSpec, 'selector'>, pod: Pick<PodState, 'labels'>): boolean {
  return matchesSelector(pod.labels, budget.selector);
}

/**
 * One sync of the disruption controller.
 *
 * A percentage, and any `maxUnavailable`, is of what the pods' controllers want, each counted once; pods without a controller
 * count for nothing there. A pod whose controller cannot be found fails the sync, and then nothing may be disrupted.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/disruption/disruption.go`.
 */
export function syncBudget(
  budget: BudgetSpec,
  status: BudgetStatus,
  pods: readonly PodState[],
  scaleOf: ScaleOf,
  now: number,
): BudgetStatus {
  const covered = pods.filter((pod) => budgetCovers(budget, pod));
  const expectation = expect(budget, covered, scaleOf);
  if (expectation === undefined) return { ...status, disruptionsAllowed: 0, reason: 'SyncFailed' };
  const { expected, desired } = expectation;
  const disruptedPods = new Map<string, number>();
  for (const pod of covered) {
    const since = status.disruptedPods.get(pod.name);
    if (since !== undefined && !pod.deleting && since + DISRUPTION_TIMEOUT >= now) disruptedPods.set(pod.name, since);
  }
  let healthy = 0;
  for (const pod of covered) {
    const since = disruptedPods.get(pod.name);
    const disrupted = since !== undefined && since + DISRUPTION_TIMEOUT > now;
    if (pod.ready && !pod.deleting && !disrupted) healthy++;
  }
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  return {
    expectedPods: expected,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    observedGeneration: budget.generation,
    disruptedPods,
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
  };
}

function expect(
  { minAvailable, maxUnavailable }: BudgetSpec,
  covered: readonly PodState[],
  scaleOf: ScaleOf,
): { readonly expected: number; readonly desired: number } | undefined {
  if (maxUnavailable === undefined && typeof minAvailable === 'number')
    return { expected: covered.length, desired: minAvailable };
  if (maxUnavailable === undefined && minAvailable === undefined) return { expected: 0, desired: 0 };
  const scales = new Map<string, number>();
  for (const pod of covered) {
    const scale = scaleOf(pod);
    if (scale === undefined) return undefined;
    if (scale !== 'none') scales.set(scale.uid, scale.replicas);
  }
  let expected = 0;
  for (const replicas of scales.values()) expected += replicas;
  const desired =
    maxUnavailable !== undefined
      ? Math.max(0, expected - scaledCount(maxUnavailable, expected, 'up'))
      : scaledCount(minAvailable as string, expected, 'up');
  return { expected, desired };
}
