import { fitErrorMessage } from './fit-error.ts';
import type { Search } from './schedule-pod.ts';

/** The message for a cluster that has no nodes. */
export const NO_NODES_MESSAGE = 'no nodes available to schedule pods';

/**
 * The message of an attempt that found no node: why, and what the PostFilter plug-ins say to it.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/schedule_one.go` (handleSchedulingFailure) and `pkg/scheduler/framework/types.go` (FitError).
 */
export function attemptMessage(
  { rejected, refused, restricting }: Pick<Search, 'rejected' | 'refused' | 'restricting'>,
  nodeCount: number,
  postFilter: string,
): string {
  if (nodeCount === 0) return NO_NODES_MESSAGE;
  return fitErrorMessage({
    nodeCount,
    statuses: rejected,
    absent: [`node(s) didn't satisfy plugin(s) [${[...restricting].sort().join(' ')}]`],
    preFilter: refused?.reasons.join(', ') ?? '',
    postFilter,
  });
}
