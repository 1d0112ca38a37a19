import type { Schedule } from '@plimsoll/core';
import type { FleetNodes } from '../nodes/fleet-nodes.ts';
import type { BudgetReason, DisruptionBudget } from '../options/disruption-budget.ts';
import type { NodePool } from '../options/node-pool.ts';

/** What stands for no limit. */
const UNLIMITED = 2 ** 31 - 1;

/**
 * How many more nodes of each pool a reason may disrupt now, by row of the pool: the tightest budget that applies, less the nodes
 * that are going already or are not ready. Shares are of the pool's initialized nodes, rounded up.
 *
 * @param clock milliseconds since 1970 in UTC, for budgets with a schedule
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/helpers.go` (BuildDisruptionBudgetMapping).
 */
export function disruptionsLeft(pools: readonly NodePool[], reason: BudgetReason, fleet: FleetNodes, clock: number): number[] {
  const { nodes, going } = fleet.countByPool(pools.length);
  return pools.map(({ budgets }, pool) =>
    Math.max(0, allowedDisruptions(budgets, reason, { nodes: nodes[pool], clock }) - going[pool]),
  );
}

/**
 * How many of some nodes a reason may disrupt at once: the tightest of the budgets that apply to it and are in force. No such budget
 * is no limit.
 *
 * Source: Karpenter 1.14.1, `pkg/apis/v1/nodepool.go` (GetAllowedDisruptionsByReason).
 */
export function allowedDisruptions(
  budgets: readonly DisruptionBudget[],
  reason: string,
  { nodes, clock }: { readonly nodes: number; readonly clock: number },
): number {
  let least = UNLIMITED;
  for (const { count, percent, reasons, window } of budgets) {
    if (reasons !== undefined && !reasons.includes(reason)) continue;
    if (window !== undefined) {
      if (window.schedule === undefined) return 0;
      if (!isInForce(window.schedule, window.durationMs, clock)) continue;
    }
    least = Math.min(least, percent === undefined ? (count ?? 0) : Math.ceil((nodes * percent) / 100));
  }
  return least;
}

/** Whether a schedule has hit within the time that a budget lasts. One that never hits counts as one that has, as in the real program. */
export function isInForce(schedule: Schedule, durationMs: number, clock: number): boolean {
  const hit = schedule.next(clock - durationMs);
  return hit === undefined || hit <= clock;
}
