/** Pods alike, of one owner. */
interface Owner {
  readonly cpu: number;
  readonly memory: number;
  readonly count: number;
}

/** The reference implementation of the estimator for pods that care about resources alone, written for reading. */
export function plainEstimate({
  owners,
  node,
  maxNodes,
  realNodes,
  cursor,
}: {
  readonly owners: readonly Owner[];
  readonly node: { readonly cpu: number; readonly memory: number; readonly slots: number };
  readonly maxNodes: number;
  /** Nodes that stand before the new ones in the list and have no room. */
  readonly realNodes: number;
  readonly cursor: number;
}): { nodes: number; pods: number; packed: number[]; cursor: number } {
  const added: { cpu: number; memory: number; slots: number; pods: number }[] = [];
  const packed = owners.map(() => 0);
  let last = cursor;
  let refused = false;
  const fits = (owner: Owner, at: number): boolean =>
    added[at].slots >= 1 &&
    (owner.cpu === 0 || added[at].cpu >= owner.cpu) &&
    (owner.memory === 0 || added[at].memory >= owner.memory);
  const put = (owner: Owner, index: number, at: number): void => {
    added[at].cpu -= owner.cpu;
    added[at].memory -= owner.memory;
    added[at].slots--;
    added[at].pods++;
    packed[index]++;
  };
  const score = (owner: Owner): number => owner.cpu / node.cpu + owner.memory / node.memory;
  const order = owners.map((_, index) => index).sort((a, b) => score(owners[b]) - score(owners[a]) || a - b);
  for (const index of order) {
    const owner = owners[index];
    // On nodes added before: from one past the last success, round and round.
    let failed = false;
    while (packed[index] < owner.count && !failed) {
      failed = true;
      const n = realNodes + added.length;
      for (let i = 0; i < n; i++) {
        const position = (i + 1 + last) % n;
        if (position < realNodes || !fits(owner, position - realNodes)) continue;
        put(owner, index, position - realNodes);
        last = position;
        failed = false;
        break;
      }
    }
    while (packed[index] < owner.count && !refused) {
      if (added.length > 0 && fits(owner, added.length - 1)) {
        put(owner, index, added.length - 1);
        continue;
      }
      if (added.length > 0 && added[added.length - 1].pods === 0) break;
      if (added.length >= maxNodes) {
        refused = true;
        break;
      }
      added.push({ ...node, pods: 0 });
      if (!fits(owner, added.length - 1)) break;
      put(owner, index, added.length - 1);
    }
  }
  return {
    nodes: added.filter(({ pods }) => pods > 0).length,
    pods: packed.reduce((sum, n) => sum + n, 0),
    packed,
    cursor: last,
  };
}
