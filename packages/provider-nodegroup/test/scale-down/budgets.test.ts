import { describe, expect, it } from 'vitest';
import { cropToBudgets, type RemovableNode, type RemovalBucket } from '../../src/scale-down/budgets.ts';

let next = 0;
const nodes = (count: number, group: number, atomic = false): RemovableNode[] =>
  Array.from({ length: count }, () => ({ node: next++, group, atomic }));

/** How many empty nodes and nodes with pods may go; parallelism 10, drain 5, as in section 9.8 of the reference. */
function crop(empty: RemovableNode[], drain: RemovableNode[], emptyInProgress = 0, drainInProgress = 0): [number, number] {
  const chosen = cropToBudgets(empty, drain, { parallelism: 10, drainParallelism: 5, emptyInProgress, drainInProgress });
  const count = (buckets: readonly RemovalBucket[]): number => buckets.reduce((sum, { nodes }) => sum + nodes.length, 0);
  return [count(chosen.empty), count(chosen.drain)];
}

describe('cutting removals to the budgets', () => {
  it('removes at most ten at once', () => {
    expect(crop(nodes(11, 0), [])).toEqual([10, 0]);
  });

  it('counts what is under way', () => {
    expect(crop(nodes(10, 0), [], 1, 1)).toEqual([8, 0]);
  });

  it('drains at most five at once', () => {
    expect(crop([], nodes(6, 0))).toEqual([0, 5]);
  });

  it('takes group after group', () => {
    const drain = [...nodes(5, 0), ...nodes(5, 1)];
    const chosen = cropToBudgets([], drain, { parallelism: 10, drainParallelism: 5, emptyInProgress: 0, drainInProgress: 0 });
    expect(chosen.drain.map(({ nodes }) => nodes)).toEqual([drain.slice(0, 5).map(({ node }) => node)]);
  });

  it('leaves to drains what empty nodes leave', () => {
    expect(crop([], nodes(4, 0), 7, 1)).toEqual([0, 2]);
  });

  it('takes groups that go all or nothing first', () => {
    const chosen = cropToBudgets([...nodes(8, 0), ...nodes(3, 1, true)], [], {
      parallelism: 10,
      drainParallelism: 5,
      emptyInProgress: 0,
      drainInProgress: 0,
    });
    expect(chosen.empty.map(({ group, nodes }) => [group, nodes.length])).toEqual([
      [1, 3],
      [0, 7],
    ]);
  });

  it('leaves out a group of which not all nodes may go', () => {
    const sizes = () => ({ target: 4, registered: 4 });
    const none = { parallelism: 10, drainParallelism: 5, emptyInProgress: 0, drainInProgress: 0, sizes };
    expect(cropToBudgets(nodes(3, 0, true), [], none).empty).toEqual([]);
    expect(cropToBudgets(nodes(3, 0, true), nodes(1, 0, true), none)).toMatchObject({
      empty: [{ together: 4 }],
      drain: [{ together: 4 }],
    });
  });

  it('lets one whole group pass a budget that is not spent', () => {
    expect(crop(nodes(12, 0, true), [])).toEqual([12, 0]);
    expect(crop(nodes(12, 0, true), [], 10)).toEqual([0, 0]);
  });
});
