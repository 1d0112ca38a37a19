/** A group that may grow together with others. */
export interface BalancedGroup {
  readonly group: number;
  readonly name: string;
  readonly size: number;
  readonly max: number;
}

/** A group's new size. */
export interface Share {
  readonly group: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Shares new nodes among similar groups so that their sizes become as equal as they can: fills the smallest first, like water. Groups that are
 * full stay as they are. Source: Cluster Autoscaler 1.37, `processors/nodegroupset/balancing_processor.go`.
 *
 * @returns the groups that change, in the order in which they are to be grown.
 */
export function balance(groups: readonly BalancedGroup[], newNodes: number): Share[] {
  const open = groups.filter(({ size, max }) => size !== max);
  const room = open.reduce((sum, { size, max }) => sum + Math.max(0, max - size), 0);
  const order = [...open].sort((a, b) => a.size - b.size);
  const sizes = order.map(({ size }) => size);
  // A group that is full is swapped to the front, and filling goes on behind it.
  let first = 0;
  let current = 0;
  for (let left = Math.min(newNodes, room); left > 0; ) {
    if (sizes[current] < order[current].max) {
      sizes[current]++;
      left--;
    } else {
      [order[first], order[current]] = [order[current], order[first]];
      [sizes[first], sizes[current]] = [sizes[current], sizes[first]];
      first++;
      current = first;
      continue;
    }
    if (current < order.length - 1 && sizes[current] > sizes[current + 1]) current++;
    else current = first;
  }
  return order.map(({ group, size }, index) => ({ group, from: size, to: sizes[index] })).filter(({ from, to }) => from !== to);
}
