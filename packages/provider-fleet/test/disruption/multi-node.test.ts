import { describe, expect, it } from 'vitest';
import { disruptionsLeft } from '../../src/disruption/budgets.ts';
import { candidates } from '../../src/disruption/candidates.ts';
import { commandTimeout } from '../../src/disruption/commands.ts';
import { multiNode } from '../../src/disruption/multi-node.ts';
import { withinBudgets } from '../../src/disruption/search.ts';
import { offerings } from '../support/offerings.ts';
import { type PlannedNode, planning } from '../support/planning.ts';
import { podSpec } from '../support/world.ts';

const unlimited = {
  nodePools: [
    {
      metadata: { name: 'p' },
      spec: {
        disruption: { budgets: [{ nodes: '100%' }] },
        template: { spec: { requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] }] } },
      },
    },
  ],
};
const ladder = offerings(
  [
    { name: 's', cpu: 2000, gib: 8, price: 100 },
    { name: 'm', cpu: 4000, gib: 16, price: 190 },
    { name: 'l', cpu: 8000, gib: 32, price: 400 },
  ],
  ['a'],
);

/** What multi-node consolidation would do with some nodes: those that go, and the types that replace them. */
function outcome(nodes: readonly PlannedNode[], options: unknown = unlimited) {
  const { planner, cluster } = planning(ladder, options, nodes, []);
  const left = disruptionsLeft(planner.options.nodePools, 'Underutilized', planner.fleet, 0);
  const { balanced, list } = candidates(planner, 0);
  const { held, taken } = withinBudgets(list, left);
  const found = multiNode(planner, taken, balanced);
  return {
    held,
    gone: found?.candidates.map(({ node }) => cluster.nodeNames[node]).sort(),
    types: found?.replacement?.types.map((type) => ladder.types[type].name),
  };
}

describe('consolidation of several nodes', () => {
  it('merges three nodes into one', () => {
    const node: PlannedNode = { offering: 2, pods: [podSpec(2500, 1)] };
    // 7.5 cores need an l for 400, which three l at 1,200 are traded for: but l is among them, and not cheaper than one of them.
    expect(outcome([node, node, node]).types).toBeUndefined();
    // 3.9 cores fit an m for 190, less than three s at 300.
    const small: PlannedNode = { offering: 0, pods: [podSpec(1300, 1)] };
    expect(outcome([small, small, small])).toEqual({ held: false, gone: ['p-000', 'p-001', 'p-002'], types: ['m'] });
  });

  it('deletes as many as the others can take in', () => {
    const tiny: PlannedNode = { offering: 0, pods: [podSpec(300, 1)] };
    const guarded = podSpec(7000, 1, { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } });
    expect(outcome([tiny, tiny, tiny, { offering: 2, pods: [guarded] }])).toEqual({
      held: false,
      gone: ['p-000', 'p-001', 'p-002'],
      types: undefined,
    });
  });

  it('finds nothing where the best candidate cannot go with any other, though others could', () => {
    const tiny: PlannedNode = { offering: 0, pods: [podSpec(300, 1)] };
    // The l saves most per pod and stands first in every trial; single-node consolidation is left with the small ones.
    expect(outcome([tiny, tiny, tiny, { offering: 2, pods: [podSpec(7000, 1)] }]).gone).toBeUndefined();
  });

  it('takes no more than the budget allows', () => {
    const tiny: PlannedNode = { offering: 0, pods: [podSpec(100, 1)] };
    const two = { nodePools: [{ metadata: { name: 'p' }, spec: { disruption: { budgets: [{ nodes: '2' }] } } }] };
    const { held, gone } = outcome([tiny, tiny, tiny, tiny], two);
    expect(held).toBe(true);
    expect(gone).toHaveLength(2);
  });
});

describe('a budget', () => {
  it('is a share rounded up, the tightest of those for the reason, less what is going', () => {
    const budgets = [{ nodes: '30%' }, { nodes: '2', reasons: ['Empty'] }];
    const options = { nodePools: [{ metadata: { name: 'p' }, spec: { disruption: { budgets } } }] };
    const { planner } = planning(
      ladder,
      options,
      Array.from({ length: 11 }, () => ({ offering: 0 })),
      [],
    );
    const left = (reason: 'Empty' | 'Underutilized') => disruptionsLeft(planner.options.nodePools, reason, planner.fleet, 0)[0];
    expect([left('Underutilized'), left('Empty')]).toEqual([4, 2]);
    planner.fleet.mark(0, true);
    expect([left('Underutilized'), left('Empty')]).toEqual([3, 1]);
  });
});

describe('a command', () => {
  it.each([
    [100, 10],
    [4000, 10],
    [10_000, 13 + 1 / 3],
    [40_000, 53 + 1 / 3],
    [80_000, 60],
  ])('of %i queued nodes may take %d minutes', (nodes, minutes) => {
    expect(commandTimeout(nodes)).toBeCloseTo(minutes * 60_000, 6);
  });
});
