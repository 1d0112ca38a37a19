import { EVICTION } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchedAttempt } from '../../src/explain/watcher.ts';
import { KubeScheduler, type KubeSchedulerOptions } from '../../src/kube-scheduler.ts';
import { Bench, nodeShape, podSpec } from '../support/build.ts';
import { anyConfig } from '../support/configs.ts';
import { RANKED, SHAPES, SOCIAL, SPECS } from '../support/palette.ts';

const GI = 2 ** 30;
const PODS = [...SPECS, ...SOCIAL, ...RANKED];

/** A bench whose scheduler tells of every attempt. */
function watched(options: KubeSchedulerOptions = {}) {
  const bench = new Bench();
  const attempts: WatchedAttempt[] = [];
  const watcher = { wants: () => true, attempt: (attempt: WatchedAttempt) => void attempts.push(attempt) };
  const scheduler = bench.connect(new KubeScheduler(bench.view, { ...options, watcher }));
  return { bench, scheduler, attempts };
}

describe('an explained attempt', () => {
  it('tells every score: as given, as normalised, and weighed', () => {
    const { bench, scheduler, attempts } = watched();
    bench.node('small', nodeShape(4000, 10_000));
    bench.node('large', nodeShape(6000, 10_000, { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }));
    const pod = bench.pending(podSpec({ cpu: 3000, memory: 5000 }));
    bench.drain(scheduler);
    const [attempt] = attempts;
    expect(attempt).toMatchObject({ pod, attempt: 1, time: 0, schedulerName: 'default-scheduler', outcome: 'scheduled' });
    expect([attempt.node, attempt.chosen]).toEqual(['small', 'best']);
    const scores = Object.fromEntries(
      attempt.nodes.map(({ name, scores: list = [], total }) => [
        name,
        [...list.map(({ plugin, raw, normalised, weighted }) => [plugin, raw, normalised, weighted]), total],
      ]),
    );
    // CPU 1000 of 4000 and memory 5000 of 10000 are left: (25 + 50) / 2; then (50 + 50) / 2. The balance of 4000 is 87, of 6000 100, of empty
    // nodes 100: 50 + (50 + 87 - 100) / 2 and 50 + (50 + 0) / 2. One untolerated taint is all there is to dislike.
    expect(scores).toEqual({
      small: [
        ['TaintToleration', 0, 100, 300],
        ['NodeResourcesFit', 37, 37, 37],
        ['DynamicResources', 0, 0, 0],
        ['NodeResourcesBalancedAllocation', 68, 68, 68],
        ['ImageLocality', 0, 0, 0],
        405,
      ],
      large: [
        ['TaintToleration', 1, 0, 0],
        ['NodeResourcesFit', 50, 50, 50],
        ['DynamicResources', 0, 0, 0],
        ['NodeResourcesBalancedAllocation', 75, 75, 75],
        ['ImageLocality', 0, 0, 0],
        125,
      ],
    });
  });

  it('tells who rejected each node and why, and the message of the pod’s condition', () => {
    const { bench, scheduler, attempts } = watched();
    bench.node('busy', nodeShape(1000, GI));
    bench.node('tainted', nodeShape(64_000, GI, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }));
    bench.pending(podSpec({ cpu: 900 }, { priority: 10 }));
    bench.drain(scheduler);
    bench.pending(podSpec({ cpu: 500 }));
    bench.drain(scheduler);
    const attempt = attempts[1];
    expect(attempt.outcome).toBe('unschedulable');
    expect(attempt.nodes).toEqual([
      {
        name: 'busy',
        outcome: 'rejected',
        rejection: { plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'], unresolvable: false },
      },
      {
        name: 'tainted',
        outcome: 'rejected',
        rejection: { plugin: 'TaintToleration', reasons: ['node(s) had untolerated taint(s)'], unresolvable: true },
      },
    ]);
    expect(attempt.message).toBe(
      '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: ' +
        '0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    );
    expect(attempt.preemption).toEqual({ candidates: [] });
  });

  it('tells what preemption found', () => {
    const { bench, scheduler, attempts } = watched();
    bench.node('n', nodeShape(1000, GI));
    const low = bench.pending(podSpec({ cpu: 900 }, { priority: -1 }));
    bench.drain(scheduler);
    bench.pending(podSpec({ cpu: 500 }, { priority: 10 }));
    bench.drain(scheduler);
    expect(attempts[1].preemption).toEqual({
      candidates: [{ node: 'n', victims: [`default/${low}`], violations: 0 }],
      nominated: 'n',
    });
    expect(attempts[1].message).toBe('0/1 nodes are available: 1 Insufficient cpu.');
  });

  it('takes an only node unscored, and tells of the nodes that were not looked at', () => {
    const { bench, scheduler, attempts } = watched({ config: { scoreWeights: {} } });
    for (const name of ['a', 'b', 'c']) bench.node(name, nodeShape(1000, GI));
    bench.pending(podSpec({ cpu: 100 }));
    bench.drain(scheduler);
    expect(attempts[0]).toMatchObject({ node: 'a', chosen: 'only' });
    expect(attempts[0].nodes.map(({ outcome }) => outcome)).toEqual(['fits', 'not-examined', 'not-examined']);
  });

  it('agrees with the decision under any configuration, and changes none', () => {
    const round = fc.array(fc.tuple(fc.nat(PODS.length - 1), fc.nat(SHAPES.length - 1)), { minLength: 3, maxLength: 25 });
    fc.assert(
      fc.property(anyConfig, round, (config, steps) => {
        const { bench, scheduler, attempts } = watched({ config });
        const silent = bench.connect(new KubeScheduler(bench.view, { config }));
        const { cluster } = bench;
        cluster.unchecked = () => true;
        steps.forEach(([spec, shape], i) => {
          cluster.setNow(cluster.now + 1000);
          bench.pending(PODS[spec]);
          if (i % 3 === 0) bench.node(`n${i}`, SHAPES[shape]);
          for (;;) {
            const expected = silent.next(cluster.now);
            const placement = scheduler.next(cluster.now);
            expect(placement && { ...placement }).toEqual(expected && { ...expected });
            if (placement === undefined) break;
            const attempt = attempts[attempts.length - 1];
            expect(attempt.pod).toBe(placement.pod);
            const victims = [...(placement.victims ?? [])];
            if (placement.node < 0) {
              expect(attempt.outcome).not.toBe('scheduled');
              if (victims.length > 0) {
                const found = attempt.preemption?.candidates.find(({ node }) => node === attempt.preemption?.nominated);
                expect(found?.victims.map((key) => Number(key.split('/')[1]))).toEqual(expect.arrayContaining(victims));
              }
              cluster.markUnschedulable(placement.pod);
            } else {
              const name = cluster.nodeNames[placement.node];
              expect([attempt.outcome, attempt.node]).toEqual(['scheduled', name]);
              const totals = attempt.nodes.flatMap(({ total }) => total ?? []);
              if (totals.length > 0) expect(attempt.nodes.find((node) => node.name === name)?.total).toBe(Math.max(...totals));
              cluster.bind(placement.pod, placement.node);
            }
            for (const victim of victims) cluster.evict(victim, EVICTION.preempted);
          }
        });
      }),
      { numRuns: 80, seed: 20_260_107 },
    );
  });
});
