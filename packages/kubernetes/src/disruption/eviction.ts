import { isTerminal, type PodState } from '../pods/pod-state.ts';
import { type BudgetSpec, type BudgetStatus, budgetCovers } from './budget.ts';

/** Evictions that a budget holds unseen at most. Source: Kubernetes v1.36.2, `pkg/registry/core/pod/storage/eviction.go`. */
const DISRUPTED_PODS_MAX = 2000;

const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";

/** A budget with its status, which a granted eviction changes. */
export interface Budget {
  readonly spec: BudgetSpec;
  status: BudgetStatus;
}

/** What the eviction API answers. */
export interface EvictionAnswer {
  /** 201 granted; 429 not now; 403 too many unseen; 500 more than one budget. */
  readonly code: 201 | 403 | 429 | 500;
  readonly message?: string;
  readonly cause?: string;
  readonly retryAfterSeconds?: number;
}

/**
 * One request to a pod's eviction subresource. A granted one leaves the deletion to the caller, and spends the budget where one counts.
 *
 * Free of any budget: pods that are pending, finished or going, and unready ones as the budget's policy says.
 *
 * Source: Kubernetes v1.36.2, `pkg/registry/core/pod/storage/eviction.go`.
 */
export function evict(pod: PodState, budgets: readonly Budget[], now: number): EvictionAnswer {
  if (isTerminal(pod) || pod.phase === 'Pending' || pod.deleting) return { code: 201 };
  const covering = budgets.filter(({ spec }) => budgetCovers(spec, pod));
  if (covering.length === 0) return { code: 201 };
  if (covering.length > 1) {
    return {
      code: 500,
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    };
  }
  const [budget] = covering;
  const { spec, status } = budget;
  if (!pod.ready) {
    if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return { code: 201 };
    if (status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0) return { code: 201 };
  }
  if (status.observedGeneration < spec.generation) {
    return {
      code: 429,
      message: WOULD_VIOLATE,
      cause: `The disruption budget ${spec.name} is still being processed by the server.`,
      retryAfterSeconds: 10,
    };
  }
  if (status.disruptedPods.size > DISRUPTED_PODS_MAX) {
    return {
      code: 403,
      message: `poddisruptionbudget.policy "${spec.name}" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller`,
    };
  }
  if (status.disruptionsAllowed === 0) return { code: 429, message: WOULD_VIOLATE, cause: refusal(spec.name, status) };
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  budget.status = {
    ...status,
    disruptionsAllowed,
    disruptedPods: new Map([...status.disruptedPods, [pod.name, now]]),
    ...(disruptionsAllowed === 0 && { reason: 'InsufficientPods' }),
  };
  return { code: 201 };
}

function refusal(name: string, { currentHealthy, desiredHealthy }: BudgetStatus): string {
  return currentHealthy <= desiredHealthy
    ? `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    : `The disruption budget ${name} does not allow evicting pods currently`;
}
