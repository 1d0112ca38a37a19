import { finishTime, type JobPod } from './job-pod.ts';

/** Wait after a Job's first failure, ms. Source: Kubernetes v1.36.2, `pkg/controller/job/job_controller.go` (DefaultJobPodFailureBackOff). */
const FIRST = 10_000;
/** The longest wait, ms. Source: same file (MaxJobPodFailureBackOff). */
const LONGEST = 600_000;

/** A Job's failures since its last success. */
export interface JobBackoff {
  readonly failures: number;
  readonly lastFailureAt?: number;
}

/** The record after more pods have finished. Source: Kubernetes v1.36.2, `pkg/controller/job/backoff_utils.go`. */
export function nextBackoff(record: JobBackoff, succeeded: readonly JobPod[], failed: readonly JobPod[]): JobBackoff {
  const times = failed.map(finishTime).sort((a, b) => a - b);
  if (succeeded.length === 0)
    return times.length === 0 ? record : { failures: record.failures + times.length, lastFailureAt: times[times.length - 1] };
  const success = Math.max(...succeeded.map(finishTime));
  const later = times.filter((time) => time > success);
  return later.length === 0 ? { failures: 0 } : { failures: later.length, lastFailureAt: later[later.length - 1] };
}

/** How long no pod is created yet, ms. */
export function backoffLeft({ failures, lastFailureAt }: JobBackoff, now: number): number {
  if (failures === 0 || lastFailureAt === undefined) return 0;
  let wait = FIRST;
  for (let i = 1; i < failures && wait < LONGEST; i++) wait = Math.min(wait * 2, LONGEST);
  return Math.max(0, wait - (now - lastFailureAt));
}
