import { LABEL, MINUTE, type ProviderRemark } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidates } from '../../src/disruption/candidates.ts';
import { NodeRemarks } from '../../src/disruption/remarks.ts';
import { offerings } from '../support/offerings.ts';
import { type PlannedNode, planning } from '../support/planning.ts';
import { podSpec, world } from '../support/world.ts';

const ladder = offerings(
  [
    { name: 's', cpu: 2000, gib: 8, price: 100, spot: { a: 40 } },
    { name: 'm', cpu: 4000, gib: 16, price: 200, spot: { a: 80 } },
  ],
  ['a'],
);
const workload = { podName: (pod: number) => `pod-${pod}`, ownerName: String, evictionBlocked: () => false };
const pools = (capacityType: string, disruption: object = {}) => ({
  nodePools: [
    {
      metadata: { name: 'p' },
      spec: {
        disruption,
        template: { spec: { requirements: [{ key: LABEL.capacityType, operator: 'In', values: [capacityType] }] } },
      },
    },
  ],
});
/** Rows of the ladder's offerings. */
const [S, S_SPOT, M] = [0, 1, 2];

function said(nodes: readonly PlannedNode[], options: unknown = pools('on-demand')): string[] {
  const { planner } = planning(ladder, options, nodes, []);
  const lines: string[] = [];
  const remarks = new NodeRemarks(planner, workload, ({ code, message, subject }) =>
    lines.push(`${subject} ${code}: ${message}`),
  );
  remarks.tell(candidates(planner, 0).list, 0);
  // Said again only when the reason is another one.
  remarks.tell(candidates(planner, 0).list, 0);
  return lines;
}

describe('what Karpenter says of nodes that stay', () => {
  it('names what blocks them', () => {
    const kept = podSpec(100, 1, { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } });
    expect(
      said([
        { offering: S, ready: false },
        { offering: S, pods: [kept] },
      ]),
    ).toEqual([
      "0 DisruptionBlocked: Node isn't initialized",
      '1 DisruptionBlocked: Pod has "karpenter.sh/do-not-disrupt" annotation (Pod=default/pod-0)',
    ]);
  });

  it('names why nothing cheaper will do', () => {
    expect(said([{ offering: S, pods: [podSpec(1500, 1)] }])).toEqual(["0 Unconsolidatable: Can't replace with a cheaper node"]);
    expect(said([{ offering: S_SPOT, pods: [podSpec(1500, 1)] }], pools('spot'))).toEqual([
      "0 Unconsolidatable: SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node",
    ]);
  });

  it('names the policy and pods without another place', () => {
    const full = [{ offering: M, pods: [podSpec(3500, 1)] }];
    expect(said(full, pools('on-demand', { consolidationPolicy: 'WhenEmpty' }))).toEqual([
      '0 Unconsolidatable: NodePool "p" has consolidation policy WhenEmpty, but node is not empty',
    ]);
    const { nodePools } = pools('on-demand');
    const limited = { nodePools: [{ ...nodePools[0], spec: { ...nodePools[0].spec, limits: { cpu: '1' } } }] };
    expect(said(full, limited)).toEqual(['0 Unconsolidatable: Not all pods would schedule, default/pod-0']);
  });

  it('changes no decision by being heard', () => {
    const arrivals = fc.array(
      fc.record({
        at: fc.nat(5 * MINUTE),
        spec: fc.constantFrom(300, 900, 1700, 3500).map((cpu) => podSpec(cpu, 1)),
        count: fc.integer({ min: 1, max: 6 }),
        duration: fc.constantFrom(60_000, 200_000, Infinity),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(arrivals, (drawn) => {
        const heard: ProviderRemark[] = [];
        const digest = (remark?: (said: ProviderRemark) => void): string => {
          const run = world({ offerings: ladder, arrivals: drawn, options: pools('on-demand'), ...(remark && { remark }) });
          run.simulation.runUntil(12 * MINUTE);
          return run.log.digest();
        };
        expect(digest((remark) => heard.push(remark))).toBe(digest());
      }),
      { seed: 3, numRuns: 40 },
    );
  });
});
