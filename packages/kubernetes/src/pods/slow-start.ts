/**
 * How many creations a controller attempts, and how many succeed, where each fails after the `limit`-th: batches of 1, 2, 4, … and no
 * further batch once one had a failure.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/replicaset/replica_set.go` (slowStartBatch).
 */
export function slowStart(wanted: number, limit: number): { readonly attempts: number; readonly created: number } {
  let attempts = 0;
  for (let batch = Math.min(1, wanted); batch > 0; batch = Math.min(2 * batch, wanted - attempts)) {
    attempts += batch;
    if (attempts > limit) return { attempts, created: Math.max(0, limit) };
  }
  return { attempts, created: attempts };
}
