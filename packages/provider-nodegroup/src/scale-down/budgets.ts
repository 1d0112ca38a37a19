/** A node that may be removed now, and the bucket that it belongs to. */
export interface RemovableNode {
  readonly node: number;
  readonly group: number;
  /** Whether the group is removed all or nothing. */
  readonly atomic?: boolean;
}

/** Nodes of one group whose removal starts together. */
export interface RemovalBucket {
  readonly group: number;
  readonly nodes: readonly number[];
  /** How many nodes must be ready to go before any goes; 1 where each goes by itself. */
  readonly together: number;
}

/** How many removals may run at once, and how many do. */
export interface RemovalBudgets {
  /** `--max-scale-down-parallelism`. */
  readonly parallelism: number;
  /** `--max-drain-parallelism`. */
  readonly drainParallelism: number;
  readonly emptyInProgress: number;
  readonly drainInProgress: number;
  /** Size of a group that goes all or nothing, and how many of its nodes are registered. */
  readonly sizes?: (group: number) => { readonly target: number; readonly registered: number };
}

/**
 * Cuts the nodes to be removed to the budgets: groups that go all or nothing first, then single empty nodes, then single nodes with pods; nodes
 * stand in buckets by group, in the order in which groups were first seen. Source: Cluster Autoscaler 1.37, `core/scaledown/budgets/budgets.go`.
 */
export function cropToBudgets(
  empty: readonly RemovableNode[],
  drain: readonly RemovableNode[],
  { parallelism, drainParallelism, emptyInProgress, drainInProgress, sizes }: RemovalBudgets,
): { readonly empty: RemovalBucket[]; readonly drain: RemovalBucket[] } {
  let left = parallelism - emptyInProgress - drainInProgress;
  let drainLeft = drainParallelism - drainInProgress;
  // One whole group may pass a budget that is not yet spent, if it comes first.
  let mayOverflow = true;
  const chosen = { empty: [] as RemovalBucket[], drain: [] as RemovalBucket[] };
  const emptyBuckets = buckets(empty);
  const drainBuckets = buckets(drain);
  const wholeEmpty = emptyBuckets.filter(isAtomic);
  const wholeDrain = drainBuckets.filter(isAtomic);
  /** How many nodes go together, if these are all of the group's. */
  const together = (bucket: readonly RemovableNode[], others: number): number | undefined => {
    const all = bucket.length + others;
    const { target, registered } = sizes?.(bucket[0].group) ?? { target: all, registered: all };
    if (all !== target && all !== registered) return undefined;
    return bucket.length === registered ? registered : target;
  };
  for (const bucket of wholeEmpty) {
    const withPods = wholeDrain.find(([first]) => first.group === bucket[0].group) ?? [];
    const fits = bucket.length + withPods.length <= left && withPods.length <= drainLeft;
    if (!fits && (!mayOverflow || left === 0 || (withPods.length > 0 && drainLeft === 0))) break;
    const size = together(bucket, withPods.length);
    if (size === undefined) continue;
    chosen.empty.push(whole(bucket, size));
    if (withPods.length > 0) chosen.drain.push(whole(withPods, size));
    left -= bucket.length + withPods.length;
    drainLeft -= withPods.length;
    mayOverflow = false;
  }
  drainLeft = Math.min(left, drainLeft);
  for (const bucket of wholeDrain) {
    if (wholeEmpty.some(([first]) => first.group === bucket[0].group)) continue;
    if (bucket.length > drainLeft && (!mayOverflow || drainLeft === 0)) break;
    const size = together(bucket, 0);
    if (size === undefined) continue;
    chosen.drain.push(whole(bucket, size));
    left -= bucket.length;
    drainLeft -= bucket.length;
    mayOverflow = false;
  }
  left -= cropped(emptyBuckets, left, chosen.empty);
  cropped(drainBuckets, Math.min(left, drainLeft), chosen.drain);
  return chosen;
}

/** Takes single nodes, bucket by bucket, up to a number; returns how many. */
function cropped(all: readonly (readonly RemovableNode[])[], most: number, out: RemovalBucket[]): number {
  let taken = 0;
  for (const bucket of all) {
    if (isAtomic(bucket)) continue;
    if (most - taken < 1) break;
    const nodes = bucket.slice(0, most - taken).map(({ node }) => node);
    out.push({ group: bucket[0].group, nodes, together: 1 });
    taken += nodes.length;
  }
  return taken;
}

function whole(bucket: readonly RemovableNode[], together: number): RemovalBucket {
  return { group: bucket[0].group, nodes: bucket.map(({ node }) => node), together };
}

function isAtomic([first]: readonly RemovableNode[]): boolean {
  return first.atomic === true;
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
