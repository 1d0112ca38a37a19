import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Classes, canonical, type NodeShape } from '../../src/model/classes.ts';
import type { PodSpec } from '../../src/model/pod-spec.ts';
import { CAPACITY_MAX } from '../../src/model/resources.ts';
import type { Taint } from '../../src/model/taints.ts';

const spec: PodSpec = {
  namespace: 'default',
  labels: { app: 'web', tier: 'front' },
  annotations: {},
  controller: 'ReplicaSet',
  containers: [{ requests: { cpu: 250, memory: 1024, 'nvidia.com/gpu': 1 } }],
};
const shape: NodeShape = {
  labels: { zone: 'a' },
  taints: [],
  unschedulable: false,
  capacity: { cpu: 4000, memory: 8192, pods: 110 },
  allocatable: { cpu: 3920, memory: 7168, pods: 110 },
};
const taint = (key: string, value?: string): Taint => ({ key, effect: 'NoSchedule', ...(value !== undefined && { value }) });

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

describe('canonical text', () => {
  it('does not depend on the order of keys, and leaves absent values out', () => {
    expect(canonical({ b: 1, a: [{ d: undefined, c: null }] })).toBe('{"a":[{"c":null}],"b":1}');
  });

  it('is equal for equal values in another order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonical(reversed(value))).toBe(canonical(value));
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 41, numRuns: 300 },
    );
  });
});

describe('pod classes', () => {
  it('are shared by equal specs, whatever the order of their keys', () => {
    const classes = new Classes();
    const first = classes.pod(spec);
    expect(classes.pod(reversed(spec) as PodSpec)).toBe(first);
    expect(classes.pod({ ...spec, priority: undefined } as unknown as PodSpec)).toBe(first);
    expect(classes.pods).toEqual([first]);
  });

  it('differ where anything differs', () => {
    const classes = new Classes();
    const ids = [
      spec,
      { ...spec, priority: 0 },
      { ...spec, labels: { app: 'web' } },
      { ...spec, controller: 'Job' },
      { ...spec, containers: [...spec.containers, ...spec.containers] },
    ].map((each) => classes.pod(each).id);
    expect(ids).toEqual([0, 1, 2, 3, 4]);
  });

  it('hold requests by index, one pod included, and what scores count', () => {
    const { requests, nonZeroCpu, nonZeroMemory, priority } = new Classes().pod(spec);
    expect(requests).toEqual([250, 1024, 0, 1, 1]);
    expect([nonZeroCpu, nonZeroMemory, priority]).toEqual([250, 1024, 0]);
  });
});

describe('node classes', () => {
  it('are shared by equal shapes and hold both vectors', () => {
    const classes = new Classes();
    const first = classes.node(shape);
    expect(classes.node(reversed(shape) as NodeShape)).toBe(first);
    expect(first.capacity).toEqual([4000, 8192, 0, 110]);
    expect(first.allocatable).toEqual([3920, 7168, 0, 110]);
  });

  it('refuse an amount beyond which scores are not exact, and intern nothing then', () => {
    const classes = new Classes();
    classes.node({ ...shape, allocatable: { memory: CAPACITY_MAX } });
    expect(() => classes.node({ ...shape, allocatable: { memory: CAPACITY_MAX + 1 } })).toThrow(RangeError);
    expect(classes.nodes.length).toBe(1);
  });
});

describe('a change of a node', () => {
  const changed = (taints: readonly Taint[], change: Parameters<Classes['changed']>[1]): NodeShape => {
    const classes = new Classes();
    return classes.nodes[classes.changed(classes.node({ ...shape, taints }).id, change)].shape;
  };

  it('adds taints at the end and takes them away by key', () => {
    expect(changed([taint('a')], { addTaints: [taint('b')] }).taints).toEqual([taint('a'), taint('b')]);
    expect(changed([taint('a'), taint('b')], { removeTaints: [{ key: 'a' }] }).taints).toEqual([taint('b')]);
  });

  it('takes away only the effect that it names', () => {
    const both: Taint[] = [taint('a'), { key: 'a', effect: 'NoExecute' }];
    expect(changed(both, { removeTaints: [{ key: 'a', effect: 'NoExecute' }] }).taints).toEqual([taint('a')]);
    expect(changed(both, { removeTaints: [{ key: 'a' }] }).taints).toEqual([]);
  });

  it('replaces a taint of the same key and effect in its place', () => {
    expect(changed([taint('a', '1'), taint('b')], { addTaints: [taint('a', '2')] }).taints).toEqual([
      taint('a', '2'),
      taint('b'),
    ]);
  });

  it('removes before it adds', () => {
    const change = { removeTaints: [{ key: 'a' }], addTaints: [taint('a', '2')] };
    expect(changed([taint('a', '1'), taint('b')], change).taints).toEqual([taint('b'), taint('a', '2')]);
  });

  it('sets cordon and labels and leaves the rest', () => {
    const after = changed([taint('a')], { unschedulable: true, addLabels: { zone: 'b', new: 'x' } });
    expect(after).toEqual({ ...shape, taints: [taint('a')], unschedulable: true, labels: { zone: 'b', new: 'x' } });
  });

  it('is the same class where nothing changes, and leads back to the class that it came from', () => {
    const classes = new Classes();
    const { id } = classes.node({ ...shape, taints: [taint('a'), taint('b')] });
    expect(classes.changed(id, {})).toBe(id);
    expect(classes.changed(id, { addTaints: [taint('a')], removeTaints: [{ key: 'c' }], unschedulable: false })).toBe(id);
    const there = classes.changed(id, { addTaints: [taint('c')], unschedulable: true });
    expect(there).not.toBe(id);
    expect(classes.changed(there, { removeTaints: [{ key: 'c' }], unschedulable: false })).toBe(id);
    expect(classes.nodes.length).toBe(2);
  });
});

describe('saved classes', () => {
  it('get the same ids and vectors again', () => {
    const classes = new Classes();
    classes.pod({ ...spec, containers: [{ requests: { 'example.com/late': 3 } }] });
    classes.pod(spec);
    const { id } = classes.node(shape);
    classes.changed(id, { unschedulable: true });

    const restored = new Classes();
    restored.restore(structuredClone(classes.snapshot()));
    expect(restored.pods).toEqual(classes.pods);
    expect(restored.nodes).toEqual(classes.nodes);
    expect(restored.resources.names).toEqual(classes.resources.names);
    expect(restored.changed(id, { unschedulable: true })).toBe(1);
  });

  it('go into a table that begins as they do, and into no other', () => {
    const classes = new Classes();
    classes.pod(spec);
    classes.pod({ ...spec, controller: 'Job' });
    const begun = new Classes();
    begun.pod(spec);
    begun.restore(classes.snapshot());
    expect(begun.pods.length).toBe(2);
    const other = new Classes();
    other.pod({ ...spec, controller: 'Job' });
    expect(() => other.restore(classes.snapshot())).toThrow('nothing else has been interned');
  });
});
