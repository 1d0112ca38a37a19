import { describe, expect, it } from 'vitest';
import { nodeLimit } from '../../src/scale-up/limits.ts';
import { exceeded, withinHeadroom } from '../../src/scale-up/quota.ts';

describe('the limit of an estimation', () => {
  const open = { maxPerScaleUp: 0, groupRoom: 100, maxNodesTotal: 0, currentNodes: 7 };

  it('is the room of the group where nothing else is set', () => {
    expect(nodeLimit(open)).toBe(100);
  });

  it('is the least of what is set', () => {
    expect(nodeLimit({ ...open, maxPerScaleUp: 5 })).toBe(5);
    expect(nodeLimit({ ...open, maxPerScaleUp: 5, maxNodesTotal: 10 })).toBe(3);
  });

  it('is none where the cluster or the group is full or over', () => {
    expect(nodeLimit({ ...open, maxNodesTotal: 6 })).toBe(0);
    expect(nodeLimit({ ...open, groupRoom: -2 })).toBe(0);
  });
});

describe('the limits of the cluster', () => {
  it('allow as many nodes as fit into what is left', () => {
    // Nine cores allowed, six used; nodes of two cores.
    expect(withinHeadroom(2, [3, Infinity], [2, 100])).toBe(1);
    expect(withinHeadroom(2, [0, Infinity], [2, 100])).toBe(0);
  });

  it('do not count what a node has none of', () => {
    expect(withinHeadroom(2, [0, 1000], [0, 100])).toBe(2);
  });

  it('name what too many nodes would pass', () => {
    expect(exceeded(2, [3, 1000], [2, 100], ['cpu', 'memory'])).toEqual(['cpu']);
    expect(exceeded(1, [3, 1000], [2, 100], ['cpu', 'memory'])).toEqual([]);
  });
});
