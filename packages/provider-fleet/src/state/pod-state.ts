import { matchesSelector, parseDuration, tolerates } from '@plimsoll/core';
import { DISRUPTED } from '../pods/pod-kinds.ts';
import type { BudgetObject, OwnerReference, PodObject } from './objects.ts';

/**
 * What a pod's state means for Karpenter.
 *
 * Source: Karpenter 1.14.1, `pkg/utils/pod/scheduling.go`, `pkg/utils/pdb/pdb.go`.
 */

const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';

function ownedBy(owners: readonly OwnerReference[], apiVersion: string, kind: string): boolean {
  return owners.some((owner) => owner.apiVersion === apiVersion && owner.kind === kind);
}

export function isOwnedByDaemonSet({ owners }: PodObject): boolean {
  return ownedBy(owners, 'apps/v1', 'DaemonSet');
}

/** Whether it is a static pod of a node. */
function isOwnedByNode({ owners }: PodObject): boolean {
  return ownedBy(owners, 'v1', 'Node');
}

function isOwnedByStatefulSet({ owners }: PodObject): boolean {
  return ownedBy(owners, 'apps/v1', 'StatefulSet');
}

export function isTerminal({ phase }: PodObject): boolean {
  return phase === 'Failed' || phase === 'Succeeded';
}

export function isTerminating({ deletedAt }: PodObject): boolean {
  return deletedAt !== undefined;
}

/** Whether it runs or will run: neither at its end nor being deleted. */
function isActive(pod: PodObject): boolean {
  return !isTerminal(pod) && !isTerminating(pod);
}

/** Whether it waits for capacity. */
export function isProvisionable(pod: PodObject): boolean {
  return (
    pod.unschedulable &&
    pod.nodeName === undefined &&
    pod.nominatedNodeName === undefined &&
    !isOwnedByDaemonSet(pod) &&
    !isOwnedByNode(pod)
  );
}

/** Whether it would come back elsewhere if its node went. */
export function isReschedulable(pod: PodObject): boolean {
  const returns = isActive(pod) || (isOwnedByStatefulSet(pod) && isTerminating(pod));
  return returns && !isOwnedByDaemonSet(pod) && !isOwnedByNode(pod);
}

/** Whether an annotation forbids to disrupt it now. */
function isDoNotDisruptActive({ spec, startedAt }: PodObject, now: number): boolean {
  const value = spec.annotations[DO_NOT_DISRUPT];
  if (value === undefined) return false;
  if (value === 'true') return true;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) return false;
  const millis = parseDuration(value);
  if (millis <= 0) return false;
  return startedAt === undefined || now - startedAt < millis;
}

/** Whether nothing of its own forbids to disrupt it: only pods that run forbid. */
export function isDisruptable(pod: PodObject, now: number): boolean {
  return !isActive(pod) || !isDoNotDisruptActive(pod, now);
}

/** Whether Karpenter would ask for its eviction. */
function isEvictable(pod: PodObject, now: number): boolean {
  const toleratesDisruption = (pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, DISRUPTED));
  return isActive(pod) && !toleratesDisruption && !isOwnedByNode(pod) && !isDoNotDisruptActive(pod, now);
}

/** Which budgets stand in the way of a pod's eviction: those without a disruption left, or those that never allow one. */
export function blockingBudgets(
  pod: PodObject,
  budgets: readonly BudgetObject[],
  now: number,
  blocks: (budget: BudgetObject) => boolean,
): readonly BudgetObject[] {
  if (!isEvictable(pod, now)) return [];
  const { labels, namespace } = pod.spec;
  const matching = budgets.filter((b) => b.namespace === namespace && matchesSelector(labels, b.selector));
  if (matching.length > 1) return matching;
  return matching.filter((budget) => !(budget.alwaysEvictsUnhealthy && pod.unready) && blocks(budget));
}

/** Whether a budget can never allow a disruption. */
function isFullyBlocking({ maxUnavailable, minAvailable }: BudgetObject): boolean {
  return maxUnavailable === 0 || maxUnavailable === '0%' || minAvailable === '100%';
}

/** Whether it is planned for elsewhere now that its node is going. */
export function isCurrentlyReschedulable(pod: PodObject, budgets: readonly BudgetObject[], now: number): boolean {
  return isReschedulable(pod) && isDisruptable(pod, now) && blockingBudgets(pod, budgets, now, isFullyBlocking).length === 0;
}
