import { describe, expect, it } from 'vitest';
import { FilterModel } from '../../src/filters/filter-model.ts';
import { Bench, nodeShape, podSpec } from '../support/build.ts';

const GI = 2 ** 30;

describe('FilterModel', () => {
  it('names every resource that is missing, in the real order, and says whether an eviction could help', () => {
    const bench = new Bench();
    const node = bench.node('n', nodeShape(4000, 8 * GI));
    bench.bound(podSpec({ cpu: 3000, memory: 2 * GI }), node);
    const model = new FilterModel(bench.view);
    const ask = (requests: Record<string, number>) => model.reject(bench.classes.pod(podSpec(requests)).id, node);

    expect(ask({ cpu: 1000, memory: 6 * GI })).toBeUndefined();
    expect(ask({ cpu: 1001 })).toEqual({ plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'], unresolvable: false });
    expect(ask({ cpu: 1001, memory: 7 * GI, 'nvidia.com/gpu': 1 })).toEqual({
      plugin: 'NodeResourcesFit',
      reasons: ['Insufficient cpu', 'Insufficient memory', 'Insufficient nvidia.com/gpu'],
      unresolvable: true,
    });
  });

  it('counts the place that a pod takes, even one that asks for nothing', () => {
    const bench = new Bench();
    const shape = nodeShape(4000, GI);
    const node = bench.node('n', { ...shape, allocatable: { ...shape.allocatable, pods: 1 } });
    const model = new FilterModel(bench.view);
    const nothing = bench.classes.pod(podSpec()).id;
    expect(model.fits(nothing, node)).toBe(true);
    bench.bound(podSpec(), node);
    expect(model.fits(nothing, node)).toBe(false);
    expect(model.reject(nothing, node)).toEqual({ plugin: 'NodeResourcesFit', reasons: ['Too many pods'], unresolvable: false });
  });

  it('asks cordon before name, name before taints, taints before affinity, affinity before room', () => {
    const bench = new Bench();
    const node = bench.node('n', nodeShape(100, GI, { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }));
    const model = new FilterModel(bench.view);
    const picky = podSpec({ cpu: 200 }, { nodeSelector: { disk: 'ssd' } });
    const first = (spec = picky) => model.reject(bench.classes.pod(spec).id, node)?.plugin;

    expect(first()).toBe('TaintToleration');
    expect(first({ ...picky, nodeName: 'other' })).toBe('NodeName');
    const tolerant = { ...picky, tolerations: [{ key: 'gpu', operator: 'Exists' as const }] };
    expect(first(tolerant)).toBe('NodeAffinity');
    bench.cluster.changeNode(node, { addLabels: { disk: 'ssd' } });
    expect(first(tolerant)).toBe('NodeResourcesFit');
    bench.cluster.changeNode(node, { unschedulable: true });
    expect(first(tolerant)).toBe('NodeUnschedulable');
  });

  it('keeps terms about the host name apart within a node class', () => {
    const bench = new Bench();
    const nodes = ['a', 'b'].map((name) => bench.node(name, nodeShape(1000, GI)));
    const model = new FilterModel(bench.view);
    const onlyB = bench.classes.pod(podSpec({}, { nodeSelector: { 'kubernetes.io/hostname': 'b' } })).id;
    const notB = bench.classes.pod(
      podSpec(
        {},
        { nodeAffinity: { required: [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['b'] }] }] } },
      ),
    ).id;
    expect(nodes.map((node) => model.fits(onlyB, node))).toEqual([false, true]);
    expect(nodes.map((node) => model.fits(notB, node))).toEqual([true, false]);
  });

  it('lets host ports meet only on a common address and protocol', () => {
    const bench = new Bench();
    const node = bench.node('n', nodeShape(1000, GI));
    const withPort = (port: number, ip = '', protocol: 'TCP' | 'UDP' = 'TCP') =>
      podSpec({}, { containers: [{ requests: {}, ports: [{ port, ip, protocol }] }] });
    bench.bound(withPort(80, '127.0.0.1'), node);
    const model = new FilterModel(bench.view);
    const fits = (spec: ReturnType<typeof withPort>) => model.fits(bench.classes.pod(spec).id, node);
    expect(fits(withPort(80))).toBe(false);
    expect(fits(withPort(80, '127.0.0.1'))).toBe(false);
    expect(fits(withPort(80, '127.0.0.2'))).toBe(true);
    expect(fits(withPort(80, '', 'UDP'))).toBe(true);
    expect(fits(withPort(81))).toBe(true);
  });

  it('sees a what-if while it is open, and nothing of it afterwards', () => {
    const bench = new Bench();
    const node = bench.node('n', nodeShape(1000, GI));
    const pod = bench.pending(podSpec({ cpu: 600 }));
    const model = new FilterModel(bench.view);
    const podClass = bench.cluster.pods.class[pod];
    const small = bench.classes.node(nodeShape(500, GI)).id;
    const large = bench.classes.node(nodeShape(5000, GI)).id;

    bench.view.speculate((whatIf) => {
      whatIf.bind(pod, node);
      expect(model.fits(podClass, node)).toBe(false);
      expect(model.fits(podClass, whatIf.imagineNode(small, 'imagined'))).toBe(false);
      expect(model.fits(podClass, whatIf.imagineNode(large, 'imagined'))).toBe(true);
      whatIf.changeNode(node, { addTaints: [{ key: 'k', effect: 'NoExecute' }] });
      expect(model.reject(podClass, node)?.plugin).toBe('TaintToleration');
    });
    expect(model.fits(podClass, node)).toBe(true);
  });
});
