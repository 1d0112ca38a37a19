import { describe, expect, it } from 'vitest';
import { bare, evict, job, type Step, smallCluster, template } from './small-cluster.ts';

const row = { name: 'work', template: 0, time: 0, duration: 1000, count: 1 };

describe('a kubelet', () => {
  it('starts a bound pod, lets it run for its duration, and sees it finish', () => {
    const { simulation, history } = smallCluster([job], [row]);
    simulation.run();
    expect(history()).toEqual(['0 pod 0 created', '10 pod 0 bound', '110 pod 0 started', '1110 pod 0 finished']);
  });

  it('lets a service run on', () => {
    const { simulation, history } = smallCluster([job], [{ ...row, duration: Infinity }]);
    simulation.run();
    expect(history().at(-1)).toBe('110 pod 0 started');
  });

  it('stops an evicted pod, which then does not finish', () => {
    const { simulation, history } = smallCluster([bare], [row], [[500, evict(0)]]);
    simulation.run();
    expect(history().slice(2)).toEqual(['110 pod 0 started', '500 pod 0 evicted', '550 pod 0 gone']);
  });

  it('does not start a pod that was evicted before', () => {
    const { simulation, history } = smallCluster([bare], [row], [[80, evict(0)]]);
    simulation.run();
    expect(history().slice(1)).toEqual(['10 pod 0 bound', '80 pod 0 evicted', '130 pod 0 gone']);
  });

  it.each([
    [0, 500],
    [0.02, 520],
    [30, 550],
  ])('gives a pod its grace period of %d s and no more', (gracePeriodSeconds, gone) => {
    const { simulation, history } = smallCluster([template('none', { gracePeriodSeconds })], [row], [[500, evict(0)]]);
    simulation.run();
    expect(history().at(-1)).toBe(`${gone} pod 0 gone`);
  });

  it('gives a pod that names none 30 s', () => {
    const slow = { podStart: { kind: 'constant', value: 100 }, podStop: { kind: 'constant', value: 90_000 } } as const;
    const { simulation, history } = smallCluster([bare], [row], [[500, evict(0)]], slow);
    simulation.run();
    expect(history().at(-1)).toBe('30500 pod 0 gone');
  });

  it.each([50, 200, 1110])('forgets a pod whose node went away at %d ms', (time) => {
    const { simulation, history } = smallCluster([bare], [row], [[time, ({ cluster }) => cluster.nodeGone(0)]]);
    simulation.run();
    expect(history().at(-1)).toBe(`${time} pod 0 gone`);
  });

  it('takes as long for a pod as its owner and ordinal say, whatever happened to other pods', () => {
    const spread = { podStart: { kind: 'uniform', min: 0, max: 5000 }, podStop: { kind: 'constant', value: 50 } } as const;
    const rows = [
      { name: 'early', template: 0, time: 0, duration: Infinity, count: 3 },
      { name: 'late', template: 0, time: 10_000, duration: Infinity, count: 3 },
    ];
    const startOfLast = (...evicted: number[]) => {
      const steps = evicted.map((pod): Step => [6000, evict(pod)]);
      const { simulation } = smallCluster([job], rows, steps, spread);
      simulation.run();
      const { owner, ordinal, startedAt } = simulation.cluster.pods;
      const rowsOfLate = Array.from({ length: simulation.cluster.podCount }, (_, pod) => pod).filter((pod) => owner[pod] === 1);
      return rowsOfLate.map((pod) => [ordinal[pod], startedAt[pod]]);
    };
    expect(startOfLast(0, 1)).toEqual(startOfLast());
    expect(new Set(startOfLast().map(([, at]) => at)).size).toBe(3);
  });
});
