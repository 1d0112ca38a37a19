import { type Decision, NONE, type ProviderContext, TAINT } from '@plimsoll/core';
import type { NodeList } from '../groups/node-list.ts';
import type { Flags } from '../options/flags.ts';
import type { UnneededNodes } from '../scale-down/unneeded-nodes.ts';

/** Marks a node that may go soon; the scheduler prefers others. */
export const SOFT_TAINT = 'DeletionCandidateOfClusterAutoscaler';

/**
 * Keeps the soft taints up to date: first takes them from nodes that are needed again, then puts them on unneeded ones, a few calls a loop. Returns
 * whether there was anything to do. Source: Cluster Autoscaler 1.37, `core/scaledown/actuation/softtaint.go`.
 *
 * A node that was tainted as being deleted in the same loop has changed since the loop read it: the call meets a conflict and comes again
 * `conflictRetry` milliseconds later, which counts for the time that the calls of a loop may take.
 */
export function updateSoftTaints(
  { view }: ProviderContext,
  flags: Flags,
  {
    list,
    unneeded,
    started,
    isUpcoming,
    conflictRetry,
  }: {
    readonly list: NodeList;
    readonly unneeded: UnneededNodes;
    readonly started: ReadonlySet<number>;
    readonly isUpcoming: (index: number) => boolean;
    readonly conflictRetry: number;
  },
  decisions: Decision[],
): boolean {
  let calls = flags['max-bulk-soft-taint-count'];
  let time = flags['max-bulk-soft-taint-time'];
  if (calls === 0) return false;
  let any = false;
  for (const wanted of [false, true]) {
    for (let i = 0; i < list.count; i++) {
      const node = list.row[i];
      if (unneeded.has(node) !== wanted || list.group[i] === NONE) continue;
      const { taints } = view.classes.nodes[view.nodes.class[node]].shape;
      if (taints.some(({ key }) => key === SOFT_TAINT) === wanted) continue;
      if (taints.some(({ key }) => key === TAINT.toBeDeleted) || isUpcoming(i)) continue;
      any = true;
      if (calls <= 0 || time <= 0) return true;
      calls--;
      if (started.has(node)) time -= conflictRetry;
      decisions.push({
        kind: 'cordon',
        node,
        change: wanted
          ? { addTaints: [{ key: SOFT_TAINT, effect: 'PreferNoSchedule' }] }
          : { removeTaints: [{ key: SOFT_TAINT }] },
        because: { code: wanted ? 'DeletionCandidate' : 'NoDeletionCandidate', message: '' },
      });
    }
  }
  return any;
}
