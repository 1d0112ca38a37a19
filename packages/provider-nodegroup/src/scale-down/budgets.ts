/** A node that may be removed now, and the bucket that it belongs to. */
export interface RemovableNode {
  readonly node: number;
  readonly group: number;
  /** Whether the group is removed all or nothing. */
  readonly atomic?: boolean;
}

/** How many removals may run at once, and how many do. */
export interface RemovalBudgets {
  /** `--max-scale-down-parallelism`. */
  readonly parallelism: number;
  /** `--max-drain-parallelism`. */
  readonly drainParallelism: number;
  readonly emptyInProgress: number;
  readonly drainInProgress: number;
}

/**
 * Cuts the nodes to be removed to the budgets: groups that go all or nothing first, then single empty nodes, then single nodes with pods; nodes
 * stand in buckets by group, in the order in which groups were first seen. Source: Cluster Autoscaler 1.37, `core/scaledown/budgets/budgets.go`.
 */
export function cropToBudgets(
  empty: readonly RemovableNode[],
  drain: readonly RemovableNode[],
  { parallelism, drainParallelism, emptyInProgress, drainInProgress }: RemovalBudgets,
): { readonly empty: RemovableNode[]; readonly drain: RemovableNode[] } {
  let left = parallelism - emptyInProgress - drainInProgress;
  let drainLeft = drainParallelism - drainInProgress;
  // One whole group may pass a budget that is not yet spent, if it comes first.
  let mayOverflow = true;
  const chosen = { empty: [] as RemovableNode[], drain: [] as RemovableNode[] };
  const emptyBuckets = buckets(empty);
  const drainBuckets = buckets(drain);
  const wholeEmpty = emptyBuckets.filter(([first]) => first.atomic === true);
  const wholeDrain = drainBuckets.filter(([first]) => first.atomic === true);
  for (const bucket of wholeEmpty) {
    const withPods = wholeDrain.find(([first]) => first.group === bucket[0].group) ?? [];
    const fits = bucket.length + withPods.length <= left && withPods.length <= drainLeft;
    if (!fits && (!mayOverflow || left <= 0 || (withPods.length > 0 && drainLeft <= 0))) break;
    chosen.empty.push(...bucket);
    chosen.drain.push(...withPods);
    left -= bucket.length + withPods.length;
    drainLeft -= withPods.length;
    mayOverflow = false;
  }
  drainLeft = Math.min(left, drainLeft);
  for (const bucket of wholeDrain) {
    if (wholeEmpty.some(([first]) => first.group === bucket[0].group)) continue;
    if (bucket.length > drainLeft && (!mayOverflow || drainLeft <= 0)) break;
    chosen.drain.push(...bucket);
    left -= bucket.length;
    drainLeft -= bucket.length;
    mayOverflow = false;
  }
  for (const bucket of emptyBuckets) {
    if (bucket[0].atomic === true) continue;
    const taken = bucket.slice(0, Math.max(0, left));
    chosen.empty.push(...taken);
    left -= taken.length;
  }
  drainLeft = Math.min(left, drainLeft);
  for (const bucket of drainBuckets) {
    if (bucket[0].atomic === true) continue;
    const taken = bucket.slice(0, Math.max(0, drainLeft));
    chosen.drain.push(...taken);
    drainLeft -= taken.length;
  }
  return chosen;
}

function buckets(nodes: readonly RemovableNode[]): RemovableNode[][] {
  const out = new Map<number, RemovableNode[]>();
  for (const node of nodes) {
    const bucket = out.get(node.group);
    if (bucket === undefined) out.set(node.group, [node]);
    else bucket.push(node);
  }
  return [...out.values()];
}
