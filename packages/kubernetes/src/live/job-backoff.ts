import { MINUTE, SECOND } from '@plimsoll/core';

/** First pause after a failure, and the longest. Source: Kubernetes v1.36.2, `pkg/controller/job/job_controller.go`. */
const FIRST = 10 * SECOND;
const LONGEST = 10 * MINUTE;
/** Changes of a Job's pods are gathered for so long before it is looked at. Same source (syncJobBatchPeriod). */
export const JOB_BATCH = 1 * SECOND;

/** How far a Job has come. */
export interface JobProgress {
  succeeded: number;
  /** Failures that count against its limit. */
  failed: number;
  /** Failures of any kind since the last success. */
  failuresInRow: number;
  lastFailureAt: number;
}

export function newJob(): JobProgress {
  return { succeeded: 0, failed: 0, failuresInRow: 0, lastFailureAt: 0 };
}

/** When a Job may create pods again: 10 s after the last failure, doubled for each further one since the last success. */
export function jobResumesAt({ failuresInRow, lastFailureAt }: JobProgress): number {
  if (failuresInRow === 0) return Number.NEGATIVE_INFINITY;
  return lastFailureAt + Math.min(FIRST * 2 ** Math.min(failuresInRow - 1, 30), LONGEST);
}
