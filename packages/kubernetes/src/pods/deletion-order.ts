import { compareText } from '@plimsoll/core';
import type { PodState } from './pod-state.ts';

const PHASE_RANK = { Pending: 0, Unknown: 1, Running: 2, Succeeded: 0, Failed: 0 } as const;

/**
 * Reads the annotation that says what deleting a pod costs. What is no plain 32-bit integer (`+5`, `05`, `x`) counts as 0.
 *
 * Source: Kubernetes v1.36, `pkg/apis/core/helper` (GetDeletionCostFromPodAnnotations).
 */
export function deletionCost(text: string | undefined): number {
  if (text === undefined || !/^(0|[1-9]\d*|-\d+)$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost + 0 : 0;
}

/** How many active pods of related ReplicaSets share the pod's node. */
export type Crowding = (pod: PodState) => number;

/**
 * Which of two active pods a ReplicaSet deletes first: negative for `a`.
 *
 * In order: unassigned, pending before unknown before running, unready, lower deletion cost, more crowded node, ready for a shorter
 * time, more restarts of a container and then of a sidecar, created later. Ages are compared by powers of two of nanoseconds, and equal
 * powers by UID.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/controller_utils.go` (ActivePodsWithRanks). Its panic for an age under a millisecond is left out.
 */
export function compareForDeletion(a: PodState, b: PodState, crowding: Crowding, now: number): number {
  const assigned = Number(a.nodeName !== undefined) - Number(b.nodeName !== undefined);
  if (assigned !== 0) return assigned;
  const phase = PHASE_RANK[a.phase] - PHASE_RANK[b.phase];
  if (phase !== 0) return phase;
  const ready = Number(a.ready) - Number(b.ready);
  if (ready !== 0) return ready;
  const cost = (a.deletionCost ?? 0) - (b.deletionCost ?? 0);
  if (cost !== 0) return cost;
  const crowded = crowding(b) - crowding(a);
  if (crowded !== 0) return crowded;
  if (a.ready && a.readyChangedAt !== b.readyChangedAt) return byAge(a, b, a.readyChangedAt, b.readyChangedAt, now);
  const restarts = (b.restarts ?? 0) - (a.restarts ?? 0) || (b.sidecarRestarts ?? 0) - (a.sidecarRestarts ?? 0);
  if (restarts !== 0) return restarts;
  if (a.createdAt !== b.createdAt) return byAge(a, b, a.createdAt, b.createdAt, now);
  return 0;
}

function byAge(a: PodState, b: PodState, since: number | undefined, other: number | undefined, now: number): number {
  // A time that is not known counts as the latest.
  if (since === undefined || other === undefined) return since === undefined ? -1 : 1;
  return logAge(now - since) - logAge(now - other) || compareText(a.uid, b.uid);
}

/** floor(log2) of an age in nanoseconds; −1 for no age. */
function logAge(ms: number): number {
  if (ms <= 0) return -1;
  const nanos = ms * 1e6;
  let power = 0;
  for (let value = 2; value <= nanos; value *= 2) power++;
  return power;
}
