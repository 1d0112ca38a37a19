import { describe, expect, it } from 'vitest';
import { GIB, MINUTE, Run, SECOND, type WorldOptions } from '../world.ts';

const listen = (options: Omit<WorldOptions, 'listens'>, until = 5 * MINUTE) =>
  new Run({ ...options, listens: true }).until(until).remarks;

describe('what the autoscaler says of pods', () => {
  const groups = [
    { name: 'full', min: 1, max: 1, instanceTypes: ['4x16'] },
    { name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] },
    { name: 'tiny', min: 0, max: 5, instanceTypes: ['2x4'] },
  ];

  it('tells why a pod triggers nothing: how many groups gave each reason', () => {
    const remarks = listen({
      config: { nodeGroups: groups },
      arrivals: [{ at: SECOND, cpu: 6000, memory: 10 * GIB }],
    });
    const message = "pod didn't trigger scale-up: 1 Insufficient memory, 1 max node group size reached, 2 Insufficient cpu";
    expect(remarks.find(({ about }) => about === 'pod')).toEqual({
      at: expect.any(Number),
      about: 'pod',
      subject: 0,
      code: 'NotTriggerScaleUp',
      message,
    });
  });

  it('tells which growth a pod triggered', () => {
    const remarks = listen({
      config: { nodeGroups: groups },
      arrivals: [{ at: SECOND, count: 4, cpu: 3500, memory: GIB }],
    });
    expect(remarks.filter(({ code }) => code === 'TriggeredScaleUp').map(({ subject, message }) => [subject, message])).toEqual(
      [1, 2, 3].map((pod) => [pod, 'pod triggered scale-up: [{small 0->3 (max: 5)}]']),
    );
  });

  it('names the limit of the whole cluster where it is reached', () => {
    const remarks = listen({
      config: { nodeGroups: groups, 'max-nodes-total': 1 },
      arrivals: [{ at: SECOND, count: 2, cpu: 3500, memory: GIB }],
    });
    expect(remarks.find(({ code }) => code === 'NotTriggerScaleUp')?.message).toBe(
      "pod didn't trigger scale-up: max total nodes in cluster reached",
    );
  });
});

describe('what the autoscaler says of nodes', () => {
  it('names the reason, and the pod that blocks', () => {
    const options: WorldOptions = {
      config: { nodeGroups: [{ name: 'a', min: 0, max: 5, instanceTypes: ['4x16'] }] },
      arrivals: [
        { at: SECOND, cpu: 3500, memory: GIB, runs: 10 * MINUTE },
        { at: 2 * SECOND, cpu: 100, memory: GIB, spec: { controller: 'none' } },
        { at: 3 * SECOND, cpu: 3500, memory: GIB },
      ],
    };
    const of = listen(options, 30 * MINUTE).filter(({ about }) => about === 'node');
    const said = new Set(of.map(({ code, message }) => `${code} ${message}`));
    expect([...said].sort()).toEqual(['BlockedByPod pod-1: NotReplicated', 'NotUnderutilized ', 'RecentlyUnremovable ']);
  });
});
