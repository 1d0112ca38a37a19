import { compareText } from '@plimsoll/core';
import type { Status } from './status.ts';

/**
 * The text of a failed attempt, word for word.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/types.go` (FitError.Error).
 */
export function fitErrorMessage(error: {
  readonly nodeCount: number;
  readonly statuses: ReadonlyMap<string, Pick<Status, 'reasons'>>;
  /** Reasons of the nodes that have no status of their own. */
  readonly absent?: readonly string[];
  readonly preFilter?: string;
  readonly postFilter?: string;
}): string {
  const { nodeCount, statuses, absent = [], preFilter = '', postFilter = '' } = error;
  let message = `0/${nodeCount} nodes are available:`;
  if (preFilter !== '') message += ` ${preFilter}.`;
  else {
    const reasons = new Map<string, number>();
    const count = (reason: string, by: number): void => {
      if (by > 0) reasons.set(reason, (reasons.get(reason) ?? 0) + by);
    };
    for (const status of statuses.values()) for (const reason of status.reasons) count(reason, 1);
    for (const reason of absent) count(reason, nodeCount - statuses.size);
    if (reasons.size > 0) message += ` ${counted(reasons)}.`;
  }
  return postFilter === '' ? message : `${message} ${postFilter}`;
}

/** `2 Insufficient cpu, 3 Too many pods`: every reason with its count, sorted as text. */
function counted(reasons: ReadonlyMap<string, number>): string {
  return [...reasons]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort(compareText)
    .join(', ');
}
