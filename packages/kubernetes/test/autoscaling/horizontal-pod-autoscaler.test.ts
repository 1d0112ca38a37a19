import { describe, expect, it } from 'vitest';
import {
  type AutoscalerSpec,
  defaultAutoscalingSettings,
  defaultScalingBehavior,
  HorizontalPodAutoscaler,
  type Sample,
  type ScaledPod,
} from '../../src/index.ts';

const NOW = 10_000_000;

function workload(usages: readonly (number | undefined)[], requestMilli: number) {
  const pods = usages.map(
    (_, i): ScaledPod => ({
      name: `p${i}`,
      phase: 'Running',
      deleting: false,
      startedAt: 0,
      readiness: { status: 'True', changedAt: 30_000 },
      requestMilli: () => requestMilli,
    }),
  );
  const samples = new Map<string, Sample>();
  usages.forEach((milli, i) => {
    if (milli !== undefined) samples.set(`p${i}`, { milli, at: NOW, windowMs: 30_000 });
  });
  return { pods, metrics: { samples: () => samples, total: () => 0 } };
}

function cpu(utilization: number, limits: Partial<AutoscalerSpec> = {}): AutoscalerSpec {
  return {
    minReplicas: 1,
    maxReplicas: 1000,
    metrics: [{ type: 'Resource', resource: 'cpu', target: { utilization } }],
    ...limits,
  };
}

function decide(spec: AutoscalerSpec, usages: readonly (number | undefined)[], requestMilli: number): number {
  const autoscaler = new HorizontalPodAutoscaler({ ...defaultAutoscalingSettings, downscaleStabilizationMs: 0 });
  const replicas = usages.length;
  const view = { replicas, statusReplicas: replicas, selected: true, ...workload(usages, requestMilli) };
  return autoscaler.reconcile(spec, { now: NOW, ...view }).replicas;
}

describe('a HorizontalPodAutoscaler', () => {
  it('works with whole percentages, and leaves a scale alone within a tenth of the target', () => {
    // 1499 of 1600 are 93 %: 1.094 of 85 %. 1505 are 94 %: 1.106.
    expect(decide(cpu(85), [374, 375, 375, 375], 400)).toBe(4);
    expect(decide(cpu(85), [376, 376, 376, 377], 400)).toBe(5);
  });

  it('counts a pod without a sample at its request when it would scale down', () => {
    expect(decide(cpu(50), [25, 25, 25, undefined], 100)).toBe(4);
  });

  it('goes to four or to double at most, without a behavior', () => {
    expect([1, 3, 10].map((replicas) => decide(cpu(10), new Array(replicas).fill(1000), 100))).toEqual([4, 6, 20]);
  });

  it('adds four pods or doubles in the first 15 s, with the default behavior', () => {
    const spec = cpu(10, { behavior: defaultScalingBehavior });
    expect([1, 10].map((replicas) => decide(spec, new Array(replicas).fill(1000), 100))).toEqual([5, 20]);
  });

  it('does not scale down in the five minutes after its start', () => {
    const autoscaler = new HorizontalPodAutoscaler();
    const at = (now: number): number => {
      const { pods, metrics } = workload(new Array(10).fill(1), 100);
      const fresh = new Map([...metrics.samples()].map(([name, sample]) => [name, { ...sample, at: now }]));
      const view = { replicas: 10, statusReplicas: 10, selected: true, pods, metrics: { ...metrics, samples: () => fresh } };
      return autoscaler.reconcile(cpu(50), { now, ...view }).replicas;
    };
    expect([at(NOW), at(NOW + 299_000), at(NOW + 300_001)]).toEqual([10, 10, 1]);
  });

  it('leaves a workload at zero alone', () => {
    const autoscaler = new HorizontalPodAutoscaler();
    const view = { now: NOW, replicas: 0, statusReplicas: 0, selected: true, ...workload([], 100) };
    expect(autoscaler.reconcile(cpu(50), view)).toMatchObject({ replicas: 0, scaled: false });
    expect(autoscaler.conditions.get('ScalingActive')).toEqual({ status: 'False', reason: 'ScalingDisabled' });
  });
});
