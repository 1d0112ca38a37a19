import { fitErrorMessage } from './fit-error.ts';
import type { Preemption } from './preemption.ts';
import type { Search } from './schedule-pod.ts';

/** The message for a cluster that has no nodes. */
export const NO_NODES_MESSAGE = 'no nodes available to schedule pods';

/**
 * The message of an attempt that found no node: why, and what came of preemption. Claims for devices are asked before pods are, and
 * have nothing to give.
 *
 * @param preemption undefined where it was not tried, because the pod was refused before any node was looked at
 */
export function attemptMessage(
  { rejected, refused, restricting }: Pick<Search, 'rejected' | 'refused' | 'restricting'>,
  nodeCount: number,
  preemption: Pick<Preemption, 'status' | 'message'> | undefined,
): string {
  if (nodeCount === 0) return NO_NODES_MESSAGE;
  return fitErrorMessage({
    nodeCount,
    statuses: rejected,
    absent: [`node(s) didn't satisfy plugin(s) [${[...restricting].sort().join(' ')}]`],
    preFilter: refused?.reasons.join(', ') ?? '',
    postFilter: postFilterMessage(preemption),
  });
}

/** What the PostFilter plug-ins say; nothing where room is being made. */
export function postFilterMessage(preemption: Pick<Preemption, 'status' | 'message'> | undefined): string {
  if (preemption === undefined) return 'not found';
  return preemption.status === 'ok' ? '' : `no new claims to deallocate, ${preemption.message}`;
}
