import { describe, expect, it } from 'vitest';
import { nodeShapeFrom } from '../../src/kubernetes/node-shape.ts';

describe('nodeShapeFrom', () => {
  it('keeps labels without the hostname, taints, cordon and amounts', () => {
    expect(
      nodeShapeFrom({
        metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1', zone: 'a' }, annotations: { x: 'y' } },
        spec: {
          unschedulable: true,
          taints: [
            { key: 'a', value: '', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:00Z' },
            { key: 'b', value: 'c', effect: 'NoExecute' },
          ],
        },
        status: { capacity: { cpu: '4', pods: '110' }, allocatable: { cpu: '3920m', memory: '7Gi', pods: 110 } },
      }),
    ).toEqual({
      labels: { zone: 'a' },
      annotations: { x: 'y' },
      taints: [
        { key: 'a', effect: 'NoSchedule' },
        { key: 'b', value: 'c', effect: 'NoExecute' },
      ],
      unschedulable: true,
      capacity: { cpu: 4000, pods: 110 },
      allocatable: { cpu: 3920, memory: 7 * 2 ** 30, pods: 110 },
    });
  });

  it('takes capacity for allocatable, and the other way round, where one is absent', () => {
    expect(nodeShapeFrom({ status: { capacity: { cpu: '1' } } }).allocatable).toEqual({ cpu: 1000 });
    expect(nodeShapeFrom({ status: { allocatable: { cpu: '1' } } }).capacity).toEqual({ cpu: 1000 });
    expect(nodeShapeFrom({})).toEqual({ labels: {}, taints: [], unschedulable: false, capacity: {}, allocatable: {} });
  });

  it('names the path of what is wrong', () => {
    expect(() => nodeShapeFrom({ spec: { taints: [{ key: 'a', effect: 'NoSchedul' }] } })).toThrow(
      'node: spec.taints[0].effect: "NoSchedul" is not one of NoSchedule, PreferNoSchedule, NoExecute; did you mean "NoSchedule"?',
    );
    expect(() => nodeShapeFrom({ status: { allocatable: { memory: 'lots' } } })).toThrow(
      'node: status.allocatable.memory: expected a',
    );
  });
});
