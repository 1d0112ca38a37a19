import { goSortBy } from '@plimsoll/core';
import type { DeschedulerPod } from '../cluster.ts';
import { prefersNoEviction } from '../evictor.ts';

/**
 * Sorts pods in place: no priority first, then low before high; of equal priority, best effort before burstable before guaranteed.
 * Among equals the real comparison contradicts itself, so that their order is what its sort makes of it.
 *
 * Source: descheduler v0.36.0, `pkg/descheduler/pod/pods.go` (SortPodsBasedOnPriorityLowToHigh).
 */
export function sortByPriority(pods: DeschedulerPod[]): DeschedulerPod[] {
  return goSortBy(pods, (a, b) => {
    const [mine, other] = [a.spec.priority, b.spec.priority];
    if (mine !== other) return mine === undefined || (other !== undefined && mine < other);
    if (a.qosClass === b.qosClass) return !prefersNoEviction(a) || prefersNoEviction(b);
    return a.qosClass === 'BestEffort' || (a.qosClass === 'Burstable' && b.qosClass === 'Guaranteed');
  });
}
