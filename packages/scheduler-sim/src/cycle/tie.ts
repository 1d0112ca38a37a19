/**
 * Which of several nodes with the highest score is taken.
 *
 * - `first`: the first in the order of the list. Deterministic and easy to follow; the default here.
 * - `preorder`: what 1.35 and 1.36 do when nodes are examined one after the other: the first in pre-order of the implicit
 *   binary tree over the list of feasible nodes.
 * - `random`: each with the same chance, as up to 1.34 and, in effect, in real clusters. Drawn by pod, so that a pod meets the same chance
 *   whatever happened to others.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/schedule_one.go` (nodeScoreHeap).
 */
export type TieRule = 'first' | 'preorder' | 'random';

/**
 * Whether index `a` comes before index `b` when a binary tree whose node i has the children 2i + 1 and 2i + 2 is walked root first,
 * then left, then right.
 */
export function beforeInPreorder(a: number, b: number): boolean {
  if (a === b) return false;
  const [depthA, depthB] = [depth(a), depth(b)];
  // Lift the deeper one to the level of the other, counting from 1, where the parent is a halving.
  const x = depthA > depthB ? (a + 1) >>> (depthA - depthB) : a + 1;
  const y = depthB > depthA ? (b + 1) >>> (depthB - depthA) : b + 1;
  return x === y ? depthA < depthB : x < y;
}

function depth(index: number): number {
  return 31 - Math.clz32(index + 1);
}
