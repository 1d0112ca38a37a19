import { type ClusterView, NODE } from '@plimsoll/core';
import type { FleetNodes } from '../nodes/fleet-nodes.ts';
import type { BudgetReason } from '../options/disruption-budget.ts';
import type { NodePool } from '../options/node-pool.ts';

/** What stands for no limit. */
const UNLIMITED = 2 ** 31 - 1;

/**
 * How many more nodes of each pool a reason may disrupt now, by row of the pool: the tightest budget that applies, less the nodes
 * that are going already or are not ready. Shares are of the pool's initialized nodes, rounded up.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/helpers.go` (BuildDisruptionBudgetMapping).
 */
export function disruptionsLeft(
  pools: readonly NodePool[],
  reason: BudgetReason,
  view: ClusterView,
  fleet: FleetNodes,
): number[] {
  const nodes = new Array<number>(pools.length).fill(0);
  const going = new Array<number>(pools.length).fill(0);
  const { group, readyAt, state, terminating } = view.nodes;
  for (const node of fleet.byName) {
    const pool = group[node];
    if (pool < 0 || Number.isNaN(readyAt[node]) || terminating[node] === 1) continue;
    nodes[pool]++;
    if (fleet.isMarked(node) || state[node] !== NODE.ready) going[pool]++;
  }
  return pools.map(({ budgets }, pool) => Math.max(0, allowed(budgets, reason, nodes[pool]) - going[pool]));
}

function allowed(budgets: NodePool['budgets'], reason: BudgetReason, nodes: number): number {
  let least = UNLIMITED;
  for (const { count, percent, reasons } of budgets) {
    if (reasons.length > 0 && !reasons.includes(reason)) continue;
    least = Math.min(least, percent === undefined ? (count ?? 0) : Math.ceil((nodes * percent) / 100));
  }
  return least;
}
