import { RECORD, type Scenario, Workload } from '@plimsoll/core';
import { type LiveRun, offeringsOf, prepare } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { podSpec } from './support/pods.ts';
import { smallScenario } from './support/scenarios.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A spot group and an on-demand one that is dearer by priority, and Karpenter, over one type. */
function scenarioOf(cloud: Record<string, unknown>): Scenario {
  return smallScenario({
    cloud: { catalog: 'aws', zones: ['us-east-1a'], instanceTypes: ['m6i.large'], ...cloud },
    time: { settle: '45m' },
    autoscalers: {
      ca: {
        use: 'cluster-autoscaler',
        config: {
          flags: { expander: 'least-nodes' },
          nodeGroups: [
            { name: 'spot', min: 0, max: 20, instanceTypes: ['m6i.large'], capacityType: 'spot' },
            { name: 'steady', min: 0, max: 20, instanceTypes: ['m6i.large'] },
          ],
        },
      },
      karpenter: { use: 'karpenter', config: { nodePools: [spotPool] } },
    },
  });
}

const spotPool = {
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name: 'default' },
  spec: {
    template: { spec: { requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot'] }] } },
    disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never' },
  },
};

/** A run with so many pods of one and a half cores from the start: one a node. */
function ran(scenario: Scenario, autoscaler: string, count: number, until: number, duration = 3 * HOUR): LiveRun {
  const workload = Workload.of([podSpec(1500, 512, 'Job')], [{ name: 'work', template: 0, time: 0, duration, count }]).share();
  const run = prepare({ scenario, workload, autoscaler, seed: 5 });
  run.simulation.runUntil(until);
  return run;
}

/** Nodes of each way of buying that were ordered. */
function bought(scenario: Scenario, { simulation }: LiveRun): Record<string, number> {
  const { offerings } = offeringsOf(scenario);
  const { nodes, nodeCount } = simulation.cluster;
  const out: Record<string, number> = {};
  for (let node = 0; node < nodeCount; node++) {
    const { capacityType } = offerings[nodes.offering[node]];
    out[capacityType] = (out[capacityType] ?? 0) + 1;
  }
  return out;
}

function times({ simulation }: LiveRun, kind: number): number[] {
  const { length, time, kind: kinds } = simulation.log.columns();
  return [...Array(length).keys()].filter((row) => kinds[row] === kind).map((row) => time[row]);
}

describe('a spot group without capacity', () => {
  it('is given up within minutes, because its failures are seen, and the other group serves the pods', () => {
    const scenario = scenarioOf({ limits: [{ capacityType: 'spot', max: 0 }], groups: { '*': {} } });
    const run = ran(scenario, 'ca', 4, 10 * MINUTE);
    expect(bought(scenario, run)).toEqual({ 'on-demand': 4 });
    expect(run.simulation.cluster.pendingCount).toBe(0);
  });

  it('that gives some of what it was asked for keeps those, and the other serves the rest', () => {
    const scenario = scenarioOf({ limits: [{ capacityType: 'spot', max: 2 }], groups: { '*': {} } });
    const run = ran(scenario, 'ca', 6, 15 * MINUTE);
    // Four at least: which pods the two serve is settled only when they are ready.
    expect(bought(scenario, run).spot).toBe(2);
    expect(bought(scenario, run)['on-demand']).toBeGreaterThanOrEqual(4);
    expect(run.simulation.cluster.pendingCount).toBe(0);
  });
});

describe('a spot machine that is taken', () => {
  const every = scenarioOf({ spot: { interruptions: [{ every: '1h' }] }, groups: { '*': {} } });

  it('is replaced by its group although no pod may be pending, and by a fleet only for pods', () => {
    // The pods have ended long before any machine is taken; the autoscaler has an hour until it removes what is empty.
    const idle = scenarioOf({ spot: { interruptions: [{ every: '4m' }] }, groups: { '*': {} } });
    const group = ran(idle, 'ca', 4, 9 * MINUTE, 30_000);
    const lost = times(group, RECORD.nodeGone).length;
    expect(lost).toBeGreaterThan(0);
    expect(times(group, RECORD.nodeOrdered).length).toBeGreaterThan(4);
    const fleet = ran(idle, 'karpenter', 4, 9 * MINUTE, 30_000);
    expect(times(fleet, RECORD.nodeGone).length).toBeGreaterThan(0);
    expect(times(fleet, RECORD.nodeOrdered)).toHaveLength(4);
  });

  it.each(['ca', 'karpenter'])('loses its pods with it under %s, and they run again elsewhere', (autoscaler) => {
    const run = ran(every, autoscaler, 6, 2 * HOUR, HOUR);
    expect(times(run, RECORD.nodeNotice).length).toBeGreaterThan(0);
    expect(run.simulation.cluster.pendingCount).toBeLessThanOrEqual(6);
    run.simulation.run();
    expect(times(run, RECORD.podFinished)).toHaveLength(6);
  });
});
