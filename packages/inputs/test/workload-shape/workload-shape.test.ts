import { type PodSpec, Workload } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { largestRequest, workloadShape } from '../../src/workload-shape/workload-shape.ts';

const pod = (requests: PodSpec['containers'][0]['requests']): PodSpec => ({
  namespace: 'default',
  labels: {},
  annotations: {},
  controller: 'Job',
  containers: [{ requests }],
});

describe('workloadShape', () => {
  it('counts what would run at a time if nothing waited; an end makes room for an arrival at the same moment', () => {
    const workload = Workload.of(
      [pod({ cpu: 1000, memory: 100 }), pod({ cpu: 500 })],
      [
        { name: 'a', template: 0, time: 0, duration: 10_000, count: 2 },
        { name: 'b', template: 0, time: 10_000, duration: 5000, count: 1 },
        { name: 'c', template: 1, time: 12_000, duration: Infinity, count: 4 },
        { name: 'd', template: 0, time: 20_000, duration: 1000, count: 1 },
      ],
    );
    expect(workloadShape(workload)).toEqual({
      rows: 4,
      pods: 8,
      servicePods: 4,
      templates: 2,
      firstArrivalMs: 0,
      lastArrivalMs: 20_000,
      endMs: 21_000,
      largest: { cpu: 1000, memory: 100 },
      // Pods: 2, then 1, then 1 + 4, then 4 + 1. CPU: 2000, 1000, 3000, 3000.
      peak: { pods: 5, requests: { cpu: 3000, memory: 200 } },
      // CPU: 2×1000×10 + 1000×5 + 4×500×8 (until the last arrival) + 1000×1.
      demandSeconds: { cpu: 42_000, memory: 2600 },
    });
  });

  it('is all zeros for no rows', () => {
    expect(workloadShape(Workload.of([], []))).toMatchObject({ rows: 0, pods: 0, endMs: 0, largest: {} });
  });
});

describe('largestRequest', () => {
  it('keeps the pods that no other covers', () => {
    const row = (name: string, template: number) => ({ name, template, time: 0, duration: 1000, count: 2 });
    const workload = Workload.of(
      [
        pod({ cpu: 4000, memory: 10 }),
        pod({ cpu: 1000, memory: 99 }),
        pod({ cpu: 900, memory: 99 }),
        pod({ gpu: 1 }),
        pod({ cpu: 9e9 }),
      ],
      [row('cpu', 0), row('memory', 1), row('covered', 2), row('gpu', 3)],
    );
    expect(largestRequest(workload).map((large) => [large.name, large.pods])).toEqual([
      ['cpu', 2],
      ['memory', 2],
      ['gpu', 2],
    ]);
  });
});
