import { assertLaws, lawTables } from '@plimsoll/conformance';
import { GROUP_ACT, NOTICE, RECORD, type Scenario } from '@plimsoll/core';
import { readScenario } from '@plimsoll/inputs';
import { measure, offeringsOf, prepare, simulate } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { checkedScenario } from '../src/node/check-scenario.ts';
import { smallScenario, smallWorkload } from './support/scenarios.ts';

const base = {
  catalog: 'aws',
  zones: ['us-east-1a', 'us-east-1b'],
  instanceTypes: ['c6i.xlarge', 'm6i.large', 'm6i.2xlarge', 'r6i.xlarge'],
};

/** Everything at once that a cloud may do of its own accord. */
const wild = {
  ...base,
  groups: {
    general: {
      onDemandBase: 1,
      onDemandPercentage: 50,
      capacityRebalance: true,
      health: { failsAfter: { exponential: { mean: '2h' } } },
      hooks: [{ on: 'terminate', timeout: '1m', defaultResult: 'CONTINUE' }],
      refreshes: [{ at: '20m', maxHealthy: 110, minHealthy: 100 }],
    },
    '*': { warmPool: { maxPrepared: 2, reuse: true }, maxLifetime: '1h', terminationPolicies: ['OldestInstance'] },
  },
  shortages: [{ capacityType: 'spot', every: '30m', lasts: '5m', reclaim: { rebalance: 0.5, lead: '1m' } }],
  spot: {
    notice: '2m',
    interruptions: [{ every: '40m', rebalance: 0.5 }],
    prices: [
      {
        changes: [
          { at: '10m', factor: 1.5 },
          { at: '40m', factor: 0.5 },
        ],
      },
    ],
  },
  terminationHandler: { recommendations: 'cordon', hooks: true },
  fleet: { batch: {} },
  throttling: { machines: { burst: 20, perSecond: 2 } },
  quotas: [{ family: 'standard', capacityType: 'on-demand', vcpus: 60 }],
  subnets: [{ zone: 'us-east-1a', addresses: 600 }],
  reservations: [{ id: 'cr-1', instanceType: 'm6i.large', zone: 'us-east-1a', count: 2 }],
};

function spec(scenario: Scenario, autoscaler: string, seed = 7) {
  return { scenario, workload: smallWorkload(), autoscaler, seed };
}

describe('a cloud that does all that it can', () => {
  const scenario = smallScenario({ cloud: wild });

  it.each(['node-groups', 'karpenter'])('keeps the laws under %s, alike each time and from a snapshot', (autoscaler) => {
    const run = prepare(spec(scenario, autoscaler));
    run.simulation.run();
    const result = run.result();
    const { digest, log } = result;
    // The law counts money along time, the measure by machine: both with prices that change.
    const bill = { nanoDollars: BigInt(measure(result).costNanoDollars), minimumBilled: 60_000 };
    assertLaws(log, lawTables(run.simulation.classes, offeringsOf(scenario).offerings), { bill });
    expect(simulate(spec(scenario, autoscaler)).digest).toBe(digest);
    const first = prepare(spec(scenario, autoscaler));
    first.simulation.runUntil(1_500_000);
    const second = prepare(spec(scenario, autoscaler));
    second.simulation.restore(structuredClone(first.simulation.snapshot()));
    second.simulation.run();
    expect(second.result().digest).toBe(digest);
  });

  it('tells of what groups and the spot market do', () => {
    const { log } = simulate(spec(scenario, 'node-groups'));
    const seen = (kind: number, b: number): boolean => {
      for (let row = 0; row < log.length; row++) if (log.kind[row] === kind && log.b[row] === b) return true;
      return false;
    };
    expect(seen(RECORD.groupActed, GROUP_ACT.refresh)).toBe(true);
    expect(seen(RECORD.groupActed, GROUP_ACT.fromWarmPool)).toBe(true);
    expect(seen(RECORD.nodeNotice, NOTICE.interruption)).toBe(true);
  });
});

it('settings that change nothing leave the digest as it is', () => {
  const plain = smallScenario({ cloud: base });
  const empty = smallScenario({
    cloud: { ...base, groups: {}, spot: {}, fleet: {}, throttling: {}, quotas: [], subnets: [], reservations: [] },
  });
  for (const autoscaler of ['node-groups', 'karpenter']) {
    expect(simulate(spec(empty, autoscaler)).digest).toBe(simulate(spec(plain, autoscaler)).digest);
  }
});

describe('settings that are wrong', () => {
  /** The problem that a scenario with this cloud has: its place and its words. */
  function told(cloud: string): string {
    const text = `apiVersion: plimsoll/v1
kind: Scenario
metadata: { name: wrong }
workload: {}
cloud:
  catalog: aws
  instanceTypes: [m6i.large, m6i.xlarge]
${cloud}
autoscalers:
  groups:
    use: cluster-autoscaler
    config:
      nodeGroups: [{ name: general, min: 0, max: 5, instanceTypes: [m6i.large, m6i.xlarge] }]
`;
    try {
      checkedScenario(readScenario(text, 'scenario.yaml'));
    } catch (error) {
      const [{ code, line, column, message, help }] = (
        error as { problems: { code: string; line: number; column: number; message: string; help?: string }[] }
      ).problems;
      return `${code} ${line}:${column} ${message}${help === undefined ? '' : ` (${help})`}`;
    }
    return 'nothing';
  }

  it.each([
    ['  groups: { genral: {} }', 'E0107 8:13 no autoscaler has a group "genral" (did you mean "general"?)'],
    [
      '  groups: { general: { suspended: [AZRebalence] } }',
      /^E0107 8:36 "AZRebalence" is not one of .* \(did you mean "AZRebalance"\?\)$/,
    ],
    ['  groups: { general: { waits: {} } }', /^E0102 8:24 unknown field "waits"/],
    ['  groups: { general: { weights: { m6i.large: 1 } } }', /^E0107 8:24 m6i.xlarge has no weight/],
    [
      '  groups: { general: { weights: { m6i.large: 1, m6i.xlarg: 2 } } }',
      /^E0107 8:\d+ unknown type of the group .*did you mean "m6i.xlarge"/,
    ],
    ['  groups: { general: { maxLifetime: 3 } }', /^E0106 8:37 expected a duration/],
    ['  groups: { general: { refreshes: [{ at: 1m, maxHealthy: 300 }] } }', /^E0110 8:58 expected at most 200, got 300$/],
    [
      '  spot: { prices: [{ changes: [{ at: 1h, factor: 1 }, { at: 1h, factor: 2 }] }] }',
      /^E0107 8:\d+ expected times that rise/,
    ],
    ['  spot: { interruptions: [{ every: 1h, advisor: true }] }', /either every or advisor/],
    ['  spot: { interruptions: [{ zone: us-east-1z, every: 1h }] }', /^E0107 8:\d+ the catalogue has no spot offering/],
    ['  quotas: [{ family: standart, capacityType: spot, vcpus: 3 }]', /^E0107 8:\d+ .*did you mean "standard"/],
    ['  subnets: [{ zone: us-east-1q, addresses: 3 }]', /^E0107 8:\d+ unknown zone .*/],
    [
      '  reservations: [{ id: cr-1, instanceType: m6i.larg, zone: us-east-1a, count: 1 }]',
      /^E0107 8:\d+ .*did you mean "m6i.large"/,
    ],
    [
      '  region: us-east-1\n  groups: { general: { kind: scaleset } }',
      /^E0107 9:30 "scaleset" is not one of .*did you mean "scale-set"/,
    ],
  ])('%s', (cloud, expected) => {
    if (typeof expected === 'string') expect(told(cloud)).toContain(expected);
    else expect(told(cloud)).toMatch(expected);
  });
});
