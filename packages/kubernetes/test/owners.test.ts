import { EVICTION, NONE, PHASE, POD, type Simulation } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bare, evict, job, replica, type Step, smallCluster, template } from './small-cluster.ts';

const once = { template: 0, time: 0, duration: 1000, count: 1 };

/** Ordinal, owner and duration of each pod. */
function pods({ cluster }: Simulation): (readonly [owner: number, ordinal: number, duration: number])[] {
  const { owner, ordinal, duration } = cluster.pods;
  return Array.from({ length: cluster.podCount }, (_, pod) => [owner[pod], ordinal[pod], duration[pod]]);
}

describe('arrivals', () => {
  it('come at their times, in the order of rows, each with its pods', () => {
    const { simulation, history } = smallCluster(
      [job, bare],
      [
        { name: 'late', template: 0, time: 500, duration: 10, count: 1 },
        { name: 'pair', template: 0, time: 0, duration: 20, count: 2 },
        { name: 'none', template: 0, time: 200, duration: 20, count: 0 },
        { name: 'also late', template: 1, time: 500, duration: 30, count: 1 },
      ],
    );
    simulation.run();
    expect(history().filter((line) => line.endsWith('created'))).toEqual([
      '0 pod 0 created',
      '0 pod 1 created',
      '500 pod 2 created',
      '500 pod 3 created',
    ]);
    expect(pods(simulation)).toEqual([
      [0, 0, 20],
      [0, 1, 20],
      [2, 0, 10],
      [3, 0, 30],
    ]);
  });

  it('keep one event pending, however many rows there are', () => {
    const rows = Array.from({ length: 500 }, (_, n) => ({ ...once, name: `j-${n}`, time: 1000 + n }));
    const { simulation } = smallCluster([job], rows);
    simulation.runUntil(10);
    expect(simulation.snapshot().events.length).toBe(1);
  });

  it('may be none at all', () => {
    const { simulation } = smallCluster([], []);
    simulation.run();
    expect([simulation.cluster.podCount, simulation.ended]).toEqual([0, true]);
  });
});

describe('a lost pod', () => {
  it('is replaced once, as soon as its deletion is asked for, under the next ordinal', () => {
    const { simulation, history } = smallCluster([job], [{ ...once, name: 'work', count: 2 }], [[500, evict(0)]]);
    simulation.run();
    expect(history().filter((line) => /created|evicted|gone/.test(line))).toEqual([
      '0 pod 0 created',
      '0 pod 1 created',
      '500 pod 0 evicted',
      '520 pod 2 created',
      '550 pod 0 gone',
    ]);
    expect(pods(simulation)[2]).toEqual([0, 2, 1000]);
    expect(simulation.cluster.pods.state[2]).toBe(POD.finished);
  });

  it('is replaced once when its node goes while it is being stopped', () => {
    const { simulation } = smallCluster(
      [job],
      [{ ...once, name: 'work' }],
      [
        [500, evict(0)],
        [530, ({ cluster }) => cluster.nodeGone(0)],
      ],
    );
    simulation.run();
    expect(simulation.cluster.podCount).toBe(2);
  });

  it('is replaced when its node goes, one replacement for each pod', () => {
    const { simulation, history } = smallCluster(
      [job],
      [{ ...once, name: 'work', count: 3 }],
      [[500, ({ cluster }) => cluster.nodeGone(0)]],
    );
    simulation.run();
    expect(history().filter((line) => /gone/.test(line))).toEqual(['500 pod 0 gone', '500 pod 1 gone', '500 pod 2 gone']);
    expect(history().filter((line) => /520 .*created/.test(line))).toEqual([
      '520 pod 3 created',
      '520 pod 4 created',
      '520 pod 5 created',
    ]);
    expect(pods(simulation).map(([, ordinal]) => ordinal)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('is replaced when it was deleted before it had a node', () => {
    const { simulation, history } = smallCluster([job], [{ ...once, name: 'work' }], [[5, evict(0)]]);
    simulation.run();
    expect(history().slice(0, 3)).toEqual(['0 pod 0 created', '5 pod 0 gone', '25 pod 1 created']);
  });

  it('is not replaced when nobody owns it', () => {
    const { simulation } = smallCluster(
      [bare],
      [
        { ...once, name: 'lonely' },
        { ...once, name: 'other' },
      ],
      [
        [500, evict(0)],
        [600, ({ cluster }) => cluster.nodeGone(0)],
      ],
    );
    simulation.run();
    expect(simulation.cluster.podCount).toBe(2);
  });

  it('is not replaced when it had finished', () => {
    const { simulation } = smallCluster([job], [{ ...once, name: 'work' }], [[5000, ({ cluster }) => cluster.nodeGone(0)]]);
    simulation.run();
    expect(simulation.cluster.podCount).toBe(1);
  });

  it('that came from elsewhere is somebody else’s business', () => {
    const { simulation } = smallCluster(
      [job],
      [],
      [
        [
          0,
          ({ cluster, classes }) => {
            cluster.createPod({ podClass: classes.pod(template('DaemonSet')).id, owner: NONE, ordinal: 0, duration: Infinity });
          },
        ],
        [500, evict(0)],
      ],
    );
    simulation.run();
    expect(simulation.cluster.podCount).toBe(1);
  });
});

describe('how long a replacement runs', () => {
  const lostAt = (controller: typeof job, step: Step, duration = 1000): number[] => {
    const { simulation } = smallCluster([controller], [{ ...once, name: 'work', duration }], [step]);
    simulation.run();
    return pods(simulation).map(([, , each]) => each);
  };
  const nodeGone = ({ cluster }: Simulation) => cluster.nodeGone(0);

  it('is the whole duration for a job: its work was lost', () => {
    expect(lostAt(job, [500, evict(0)])).toEqual([1000, 1000]);
    expect(lostAt(job, [500, nodeGone])).toEqual([1000, 1000]);
  });

  it('is what was left for a replica of a service, from the moment of its loss', () => {
    // It started at 110 and served 390 of its 1000 ms, whether it was evicted or its node vanished.
    expect(lostAt(replica, [500, evict(0)])).toEqual([1000, 610]);
    expect(lostAt(replica, [500, nodeGone])).toEqual([1000, 610]);
  });

  it('is the whole duration for a replica that had not started, and for ever for one that runs for ever', () => {
    expect(lostAt(replica, [50, evict(0)])).toEqual([1000, 1000]);
    expect(lostAt(replica, [500, nodeGone], Infinity)).toEqual([Infinity, Infinity]);
  });
});

describe('names', () => {
  it('of pods are the owner’s and an ordinal, but for a bare pod that is alone', () => {
    const { simulation, owners } = smallCluster(
      [job, bare],
      [
        { ...once, name: 'batch' },
        { ...once, name: 'solo', template: 1 },
        { ...once, name: 'twins', template: 1, count: 2 },
      ],
      [[500, evict(0)]],
    );
    simulation.run();
    expect([0, 1, 2, 3, 4].map((pod) => owners.podName(pod))).toEqual(['batch-0', 'solo', 'twins-0', 'twins-1', 'batch-1']);
    expect([0, 1, 2].map((owner) => owners.ownerName(owner))).toEqual(['batch', 'solo', 'twins']);
  });
});

describe('saved owners and kubelets', () => {
  it('go on to the same end from any time', () => {
    const rows = [
      { ...once, name: 'a', count: 3 },
      { ...once, name: 'b', template: 1, time: 100, duration: 700 },
      { ...once, name: 'c', template: 2, time: 100, duration: 300 },
      { ...once, name: 'd', template: 1, time: 400, duration: Infinity },
    ];
    const steps: Step[] = [
      [300, evict(1)],
      [350, evict(3)],
      [600, ({ cluster }) => cluster.nodeGone(0)],
      [900, ({ cluster }) => cluster.evict(cluster.podCount - 1, EVICTION.api)],
    ];
    const make = () =>
      smallCluster([job, replica, bare], rows, steps, {
        podStart: { kind: 'uniform', min: 20, max: 200 },
        podStop: { kind: 'uniform', min: 10, max: 90 },
      });
    const whole = make();
    whole.simulation.run();
    expect(whole.simulation.cluster.podCount).toBeGreaterThan(9);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1300 }), (time) => {
        const first = make();
        first.simulation.runUntil(time);
        const second = make();
        second.simulation.restore(structuredClone(first.simulation.snapshot()));
        second.simulation.run();
        expect(second.history()).toEqual(whole.history());
        expect(second.simulation.log.digest()).toBe(whole.simulation.log.digest());
      }),
      { seed: 101, numRuns: 150 },
    );
  });
});

describe('the order of a millisecond', () => {
  it('creates replacements after arrivals and before the scheduler', () => {
    const { simulation } = smallCluster(
      [job],
      [
        { ...once, name: 'a' },
        { ...once, name: 'b', time: 520 },
      ],
      [[500, evict(0)]],
    );
    simulation.run();
    expect(pods(simulation).map(([owner]) => owner)).toEqual([0, 1, 0]);
    expect([PHASE.arrival, PHASE.controller, PHASE.scheduler]).toEqual([1, 2, 3]);
  });
});
