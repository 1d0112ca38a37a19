import type { ClusterView, Rejection } from '@plimsoll/core';
import type { FilterModel } from '../filters/filter-model.ts';
import { attemptMessage } from '../plain/attempt-message.ts';
import { fitErrorMessage } from '../plain/fit-error.ts';
import { postFilterMessage } from '../plain/post-filter.ts';

/**
 * Why a pod of a class fits on none of some nodes, where nothing less important runs in the cluster. The words are those of
 * {@link attemptMessage}; no dry run is needed for them.
 *
 * @param named the only nodes that the pod may go to, where it says so
 */
export function messageWithoutVictims(
  view: ClusterView,
  filters: FilterModel,
  podClass: number,
  nodes: readonly number[],
  named: ReadonlySet<string> | undefined,
  postFilters: readonly string[],
): string {
  const rejected = new Map<string, Rejection>();
  const victims = new Map<string, Pick<Rejection, 'reasons'>>();
  for (const node of nodes) {
    const name = view.nodeNames[node];
    const rejection = named === undefined || named.has(name) ? filters.reject(podClass, node) : undefined;
    if (rejection === undefined) continue;
    rejected.set(name, rejection);
    if (!rejection.unresolvable) victims.set(name, { reasons: ['No preemption victims found for incoming pod'] });
  }
  const never = view.classes.pods[podClass].spec.preemptionPolicy === 'Never';
  const help = never
    ? 'not eligible due to preemptionPolicy=Never.'
    : fitErrorMessage({ nodeCount: nodes.length, statuses: victims, absent: ['Preemption is not helpful for scheduling'] });
  const statuses = new Map(
    [...rejected].map(([name, { reasons, plugin }]) => [name, { code: 'U' as const, plugin, reasons }] as const),
  );
  const search = { rejected: statuses, restricting: named === undefined ? [] : ['NodeAffinity'] };
  return attemptMessage(search, nodes.length, postFilterMessage(postFilters, `preemption: ${help}`));
}
