import { EVICTION, RECORD, type Scenario, Workload } from '@plimsoll/core';
import { type LiveRun, prepare } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { podSpec } from './support/pods.ts';
import { smallScenario } from './support/scenarios.ts';

const MINUTE = 60_000;

function scenarioOf(cloud: Record<string, unknown>): Scenario {
  return smallScenario({
    cloud: { catalog: 'aws', zones: ['us-east-1a'], instanceTypes: ['m6i.large'], ...cloud },
    time: { settle: '45m' },
    autoscalers: {
      ca: {
        use: 'cluster-autoscaler',
        config: {
          nodeGroups: [{ name: 'spot', min: 2, max: 9, desired: 2, instanceTypes: ['m6i.large'], capacityType: 'spot' }],
        },
      },
    },
  });
}

function ran(scenario: Scenario): LiveRun {
  const workload = Workload.of(
    [podSpec(500, 512, 'ReplicaSet')],
    [{ name: 'web', template: 0, time: 0, duration: 120 * MINUTE, count: 4 }],
  ).share();
  const run = prepare({ scenario, workload, autoscaler: 'ca', seed: 5 });
  run.simulation.runUntil(60 * MINUTE);
  return run;
}

/** Times of records of a kind, with what passes. */
function rows(
  { simulation }: LiveRun,
  kind: number,
  passes: (a: number, b: number, c: number) => boolean = () => true,
): number[] {
  const { length, time, kind: kinds, a, b, c } = simulation.log.columns();
  return [...Array(length).keys()].filter((row) => kinds[row] === kind && passes(a[row], b[row], c[row])).map((row) => time[row]);
}

describe('a termination handler', () => {
  const taken = { spot: { interruptions: [{ every: '20m' }] }, groups: { '*': {} } };
  const drained = (a: number, b: number, c: number): boolean => a >= 0 && b >= 0 && c === EVICTION.drain;

  it('moves pods off a machine that has got notice, before it is taken', () => {
    const run = ran(scenarioOf({ ...taken, terminationHandler: {} }));
    const notices = rows(run, RECORD.nodeNotice);
    expect(notices.length).toBeGreaterThan(0);
    const evictions = rows(run, RECORD.podEvicted, drained);
    expect(evictions.length).toBeGreaterThan(0);
    // Within two seconds of a notice.
    for (const at of evictions) expect(notices.some((notice) => at > notice && at <= notice + 2_000)).toBe(true);
  });

  it('is not there unless a scenario says so: pods go with their machine', () => {
    const run = ran(scenarioOf(taken));
    expect(rows(run, RECORD.nodeNotice).length).toBeGreaterThan(0);
    expect(rows(run, RECORD.podEvicted, drained)).toEqual([]);
    expect(rows(run, RECORD.podGone).length).toBeGreaterThan(0);
  });

  it('completes the hook of a machine that its group ends, once its pods are gone', () => {
    const groups = {
      spot: { refreshes: [{ at: '20m', minHealthy: 100, maxHealthy: 200 }], hooks: [{ on: 'terminate', timeout: '30m' }] },
    };
    const held = ran(scenarioOf({ groups }));
    const freed = ran(scenarioOf({ groups, terminationHandler: { hooks: true } }));
    const ends = (run: LiveRun): number[] => rows(run, RECORD.nodeTerminating);
    // Two machines are rolled: without a handler each is held for half an hour.
    expect(Math.min(...ends(held))).toBeGreaterThanOrEqual(50 * MINUTE);
    expect(Math.min(...ends(freed))).toBeLessThan(25 * MINUTE);
    expect(rows(freed, RECORD.podEvicted, drained).length).toBeGreaterThan(0);
  });

  it('goes on from a snapshot as if nothing had been', () => {
    const scenario = scenarioOf({ ...taken, terminationHandler: { recommendations: 'drain' } });
    const workload = Workload.of(
      [podSpec(500, 512, 'ReplicaSet')],
      [{ name: 'web', template: 0, time: 0, duration: 40 * MINUTE, count: 4 }],
    );
    const make = () => prepare({ scenario, workload: workload.share(), autoscaler: 'ca', seed: 5 });
    const whole = make();
    whole.simulation.run();
    for (const at of [10 * MINUTE, 25 * MINUTE]) {
      const first = make();
      first.simulation.runUntil(at);
      const second = make();
      second.simulation.restore(structuredClone(first.simulation.snapshot()));
      second.simulation.run();
      expect(second.result().digest).toBe(whole.result().digest);
    }
  });
});
