import type { Labels } from '@plimsoll/core';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
/** Numbers as Go's ParseFloat reads them, but for hexadecimal ones and NaN. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(inity)?$/i;

/** What draining a node costs, whatever runs on it. */
export const NODE_COST = 1;

/**
 * What a pod's eviction costs: 1, more for priority and deletion cost, within −10 and 10. A deletion cost that is no number counts
 * as none.
 *
 * Source: Karpenter 1.14.1, `pkg/utils/disruption/disruption.go` (EvictionCost).
 */
export function evictionCost(annotations: Labels, priority: number): number {
  const cost = 1 + deletionCost(annotations[DELETION_COST]) / 2 ** 27 + priority / 2 ** 25;
  return Math.max(-10, Math.min(10, cost));
}

/**
 * How much of its life a machine still has, from 1 at its creation to 0 when it expires; 1 where it never does. Milliseconds.
 *
 * Source: as above (LifetimeRemaining).
 */
export function lifetimeRemaining(age: number, expireAfter: number | undefined): number {
  if (expireAfter === undefined || expireAfter === Infinity) return 1;
  const total = expireAfter / 1000;
  return Math.max(0, Math.min(1, (total - age / 1000) / total));
}

function deletionCost(text: string | undefined): number {
  if (text === undefined) return 0;
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return NUMBER.test(text) ? Number(text) : 0;
}
