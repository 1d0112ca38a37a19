import type { JobBackoff } from '../job/backoff.ts';

/** Changes of a Job's pods are gathered for so long before it is looked at, ms. Source: Kubernetes v1.36.2, `pkg/controller/job/job_controller.go` (syncJobBatchPeriod). */
export const JOB_BATCH = 1000;

/** How far a live Job has come. */
export interface JobProgress {
  succeeded: number;
  /** Failures that count against its limit. */
  failed: number;
  backoff: JobBackoff;
}

export function newJob(): JobProgress {
  return { succeeded: 0, failed: 0, backoff: { failures: 0 } };
}
