import { expect, it } from 'vitest';
import { beforeInPreorder } from '../../src/cycle/tie.ts';

it('orders a tree of seven as root, left subtree, right subtree', () => {
  const order = [0, 1, 2, 3, 4, 5, 6].sort((a, b) => (beforeInPreorder(a, b) ? -1 : 1));
  expect(order).toEqual([0, 1, 3, 4, 2, 5, 6]);
});

it('agrees with a walk of the tree for 200 nodes', () => {
  const walk = (i: number): number[] => (i >= 200 ? [] : [i, ...walk(2 * i + 1), ...walk(2 * i + 2)]);
  const place = new Map(walk(0).map((node, at) => [node, at]));
  for (let a = 0; a < 200; a++) {
    for (let b = 0; b < 200; b++) expect(beforeInPreorder(a, b)).toBe((place.get(a) as number) < (place.get(b) as number));
  }
});
