/** Expiries of backoffs are cut to whole windows of this length, and one flush runs per window. */
export const WINDOW_MS = 1000;

/** Start of the window that a time lies in. */
export function windowOf(time: number): number {
  return Math.floor(time / WINDOW_MS) * WINDOW_MS;
}

/**
 * How long a pod waits after its `failures`-th failed attempt: the initial backoff, doubled each time, up to the longest.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/backend/queue/backoff_queue.go` (calculateBackoffDuration).
 */
function backoffMs(failures: number, initialMs: number, maxMs: number): number {
  if (failures === 0) return 0;
  let wait = initialMs;
  for (let i = 1; i < failures && wait < maxMs; i++) wait *= 2;
  return Math.min(wait, maxMs);
}

/** When a backoff that began at `since` is over, cut to its window. Until a flush passes it, the pod counts as backing off. */
export function backoffExpiry(since: number, failures: number, initialMs: number, maxMs: number): number {
  return windowOf(since + backoffMs(failures, initialMs, maxMs));
}
