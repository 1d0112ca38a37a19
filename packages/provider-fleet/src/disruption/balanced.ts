/** What a policy Balanced divides by: savings and disruption count as shares of their pool's. */
export interface PoolTotals {
  /** Price of all its machines, dollars an hour. */
  readonly cost: number;
  /** Disruption cost of all its machines. */
  readonly disruption: number;
}

/** What a candidate brings into a move. */
export interface MovedNode {
  /** Row of its NodePool. */
  readonly pool: number;
  /** Dollars an hour. */
  readonly price: number;
  readonly rescheduleCost: number;
}

/** Pools with policy Balanced have totals, all others none. */
export type BalancedPools = ReadonlyMap<number, PoolTotals>;

/** A move is approved from 1 / k on. Source: Karpenter 1.14.1, `pkg/apis/v1/nodepool.go` (BalancedK). */
const THRESHOLD = 1 / 2;

/**
 * Whether every Balanced pool approves of a move: its share of the savings is at least half as large as its share of the disruption. Savings of
 * several pools are divided by what their machines cost.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/balanced.go` (EvaluateBalancedMove).
 */
export function approvesMove(moved: readonly MovedNode[], savings: number, pools: BalancedPools): boolean {
  if (pools.size === 0) return true;
  const byPool = new Map<number, { cost: number; disruption: number }>();
  let total = 0;
  for (const { pool, price, rescheduleCost } of moved) {
    const sums = byPool.get(pool) ?? { cost: 0, disruption: 0 };
    sums.cost += price;
    sums.disruption += rescheduleCost;
    byPool.set(pool, sums);
    total += price;
  }
  for (const [pool, { cost, disruption }] of byPool) {
    const totals = pools.get(pool);
    if (totals === undefined) continue;
    const share = total > 0 && byPool.size > 1 ? savings * (cost / total) : savings;
    if (scoreOf(share, disruption, totals) < THRESHOLD) return false;
  }
  return true;
}

/** Whether a machine could be approved of at best: where it simply goes. Source: as above (CanPassThreshold). */
export function mayBeApproved({ pool, price, rescheduleCost }: MovedNode, pools: BalancedPools): boolean {
  const totals = pools.get(pool);
  return totals === undefined || totals.cost <= 0 || scoreOf(price, rescheduleCost, totals) >= THRESHOLD;
}

function scoreOf(savings: number, disruption: number, totals: PoolTotals): number {
  if (totals.cost <= 0 || totals.disruption <= 0) return 0;
  const saved = savings / totals.cost;
  const disrupted = disruption / totals.disruption;
  if (saved <= 0) return 0;
  return disrupted === 0 ? Infinity : saved / disrupted;
}
