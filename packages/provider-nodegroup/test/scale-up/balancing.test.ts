import { describe, expect, it } from 'vitest';
import { balance } from '../../src/scale-up/balancing.ts';

/** Sizes after `newNodes` were shared, in the order of the groups. */
function sizes(groups: readonly (readonly [size: number, max: number])[], newNodes: number): number[] {
  const out = groups.map(([size]) => size);
  const given = groups.map(([size, max], group) => ({ group, name: `g${group}`, size, max }));
  for (const { group, to } of balance(given, newNodes)) out[group] = to;
  return out;
}

const FOUR = [
  [1, 10],
  [3, 10],
  [5, 10],
  [5, 10],
] as const;

describe('sharing new nodes among similar groups', () => {
  it('fills the smallest group first', () => {
    expect(sizes(FOUR, 1)).toEqual([2, 3, 5, 5]);
    expect(sizes(FOUR, 2)).toEqual([3, 3, 5, 5]);
    expect(sizes(FOUR, 4)).toEqual([4, 4, 5, 5]);
    expect(sizes(FOUR, 5).slice().sort()).toEqual([4, 5, 5, 5]);
    expect(sizes(FOUR, 10)).toEqual([6, 6, 6, 6]);
  });

  it('passes over groups that are full', () => {
    expect(
      sizes(
        [
          [1, 3],
          [3, 10],
        ],
        4,
      ),
    ).toEqual([3, 5]);
    const three = [
      [1, 3],
      [3, 10],
      [5, 7],
    ] as const;
    expect(sizes(three, 9)).toEqual([3, 8, 7]);
    expect(sizes(three, 900)).toEqual([3, 10, 7]);
  });

  it('gives nothing where all are full', () => {
    expect(balance([{ group: 0, name: 'g', size: 3, max: 3 }], 5)).toEqual([]);
  });
});
