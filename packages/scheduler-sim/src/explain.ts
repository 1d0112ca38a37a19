import { type ClusterView, compareText } from '@plimsoll/core';
import type { FilterModel } from './filters/filter-model.ts';

/** The message for a cluster that has no nodes. */
export const NO_NODES_MESSAGE = 'no nodes available to schedule pods';

/**
 * Why a pod of a class fits on none of some nodes, word for word as the PodScheduled condition has it.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/types.go` (FitError.Error) and `preemption/preemption.go`.
 */
export function unschedulableMessage(
  view: ClusterView,
  filters: FilterModel,
  podClass: number,
  nodes: readonly number[],
): string {
  if (nodes.length === 0) return NO_NODES_MESSAGE;
  const reasons = new Map<string, number>();
  const preemption = new Map<string, number>();
  const count = (into: Map<string, number>, reason: string): void => {
    into.set(reason, (into.get(reason) ?? 0) + 1);
  };
  for (const node of nodes) {
    const rejection = filters.reject(podClass, node);
    if (rejection === undefined) continue;
    for (const reason of rejection.reasons) count(reasons, reason);
    count(
      preemption,
      rejection.unresolvable ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod',
    );
  }
  const never = view.classes.pods[podClass].spec.preemptionPolicy === 'Never';
  const help = never
    ? 'not eligible due to preemptionPolicy=Never.'
    : `0/${nodes.length} nodes are available: ${counted(preemption)}.`;
  return `0/${nodes.length} nodes are available: ${counted(reasons)}. no new claims to deallocate, preemption: ${help}`;
}

/** `2 Insufficient cpu, 3 Too many pods`: every reason with its count, sorted as text. */
export function counted(reasons: ReadonlyMap<string, number>): string {
  return [...reasons]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort(compareText)
    .join(', ');
}
