import { describe, expect, it } from 'vitest';
import { type Container, effectiveRequests, nonZeroRequests, type PodSpec } from '../../src/model/pod-spec.ts';

const MI = 2 ** 20;

function pod(parts: Partial<PodSpec> & { containers: readonly Container[] }): PodSpec {
  return { namespace: 'default', labels: {}, annotations: {}, controller: 'ReplicaSet', ...parts };
}
const needs = (cpu: number, memory = 0): Container => ({ requests: { cpu, memory } });
const sidecar = (cpu: number, memory = 0): Container => ({ requests: { cpu, memory }, restartPolicy: 'Always' });

describe('what a node must have free for a pod', () => {
  it('is the sum of its containers', () => {
    expect(effectiveRequests(pod({ containers: [needs(100, 5), needs(200, 7), { requests: { 'nvidia.com/gpu': 1 } }] }))).toEqual(
      {
        cpu: 300,
        memory: 12,
        'nvidia.com/gpu': 1,
      },
    );
  });

  it('is at least the largest init container, resource by resource', () => {
    // CPU: max(300, 500) ; memory: max(12, 3)
    const spec = pod({ containers: [needs(300, 12)], initContainers: [needs(500, 3), needs(400, 2)] });
    expect(effectiveRequests(spec)).toEqual({ cpu: 500, memory: 12 });
  });

  it('counts a sidecar for the whole life of the pod', () => {
    expect(effectiveRequests(pod({ containers: [needs(300)], initContainers: [sidecar(50)] })).cpu).toBe(350);
  });

  it('adds to an init container only the sidecars that started before it', () => {
    // Steps: 200 alone; 200 + 300 of the first sidecar = 500 … the containers with both sidecars: 100 + 300 + 40 = 440.
    const spec = pod({ containers: [needs(100)], initContainers: [needs(450), sidecar(300), needs(200), sidecar(40)] });
    expect(effectiveRequests(spec).cpu).toBe(500);
    const later = pod({ containers: [needs(100)], initContainers: [needs(200), sidecar(300), sidecar(40)] });
    expect(effectiveRequests(later).cpu).toBe(440);
  });

  it('is replaced by pod-level requests for CPU, memory and huge pages, and for nothing else', () => {
    const spec = pod({
      containers: [{ requests: { cpu: 300, memory: 12, 'ephemeral-storage': 9, 'hugepages-2Mi': 4 } }],
      podRequests: { cpu: 200, 'hugepages-2Mi': 8, 'ephemeral-storage': 100 },
    });
    expect(effectiveRequests(spec)).toEqual({ cpu: 200, memory: 12, 'ephemeral-storage': 9, 'hugepages-2Mi': 8 });
  });

  it('has the overhead on top, of pod-level requests too', () => {
    const spec = pod({ containers: [needs(300, 12)], podRequests: { cpu: 200 }, overhead: { cpu: 25, memory: 4 } });
    expect(effectiveRequests(spec)).toEqual({ cpu: 225, memory: 16 });
  });

  it('changes nothing of the spec', () => {
    const spec = pod({ containers: [Object.freeze(needs(300, 12))], initContainers: [Object.freeze(sidecar(1))] });
    expect(() => effectiveRequests(Object.freeze(spec))).not.toThrow();
    expect(() => nonZeroRequests(spec)).not.toThrow();
    expect(spec.containers).toEqual([needs(300, 12)]);
  });
});

describe('what scores count for a pod', () => {
  it('takes 100m and 200 MiB for each container that names none', () => {
    expect(nonZeroRequests(pod({ containers: [{ requests: {} }, { requests: { cpu: 300 } }] }))).toEqual({
      cpu: 400,
      memory: 400 * MI,
    });
  });

  it('leaves an explicit zero at zero', () => {
    expect(nonZeroRequests(pod({ containers: [needs(0, 0)] }))).toEqual({ cpu: 0, memory: 0 });
  });

  it('fills in init containers and sidecars too', () => {
    // Containers and sidecar: 50 + 100 = 150m; 1 + 200 MiB. The init container before it: 100m, 200 MiB.
    const spec = pod({
      containers: [needs(50, MI)],
      initContainers: [{ requests: {} }, { requests: {}, restartPolicy: 'Always' }],
    });
    expect(nonZeroRequests(spec)).toEqual({ cpu: 150, memory: 201 * MI });
  });

  it('fills in nothing for a resource that the pod level names', () => {
    const spec = pod({ containers: [{ requests: {} }, { requests: {} }], podRequests: { cpu: 70 }, overhead: { cpu: 5 } });
    expect(nonZeroRequests(spec)).toEqual({ cpu: 75, memory: 400 * MI });
  });
});
