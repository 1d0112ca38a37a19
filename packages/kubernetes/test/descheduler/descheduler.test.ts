import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DeschedulerCluster,
  type DeschedulerNode,
  type DeschedulerPod,
  PolicyError,
  readDeschedulerPolicy,
  runDescheduler,
} from '../../src/index.ts';

function policy(strategy: string, args: object, limits: object = {}): unknown {
  const point = ['RemoveDuplicates', 'LowNodeUtilization', 'HighNodeUtilization'].includes(strategy) ? 'balance' : 'deschedule';
  return {
    ...limits,
    profiles: [{ name: 'p', pluginConfig: [{ name: strategy, args }], plugins: { [point]: { enabled: [strategy] } } }],
  };
}

function node(name: string): DeschedulerNode {
  const allocatable = { cpu: 4000, memory: 2 ** 34, pods: 110 };
  return { name, ready: true, shape: { labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable } };
}

function pod(name: string, nodeName: string, createdAt = 0): DeschedulerPod {
  const containers = [{ image: 'i', requests: { cpu: 500 } }];
  const spec = { namespace: 'default', labels: {}, annotations: {}, controller: 'ReplicaSet', containers };
  const facts = { phase: 'Running', qosClass: 'Burstable', deleting: false } as const;
  const owners = [{ kind: 'ReplicaSet', name: 'a', uid: 'a' }];
  return { name, nodeName, spec, createdAt, owners, containers: [], initContainers: [], conditions: [], ...facts };
}

function evicted(
  raw: unknown,
  pods: readonly DeschedulerPod[],
  nodes: readonly DeschedulerNode[],
  refused: readonly string[] = [],
): string[] {
  const out: string[] = [];
  runDescheduler(new DeschedulerCluster(nodes, pods, { now: 100_000_000 }), readDeschedulerPolicy(raw), ({ name }) => {
    const accepted = !refused.includes(name);
    if (accepted) out.push(name);
    return accepted;
  });
  return out;
}

describe('the descheduler', () => {
  const nodes = [node('n1'), node('n2')];

  it('evicts old pods, the oldest first', () => {
    const pods = [pod('young', 'n1', 99_990_000), pod('old', 'n1', 5000), pod('oldest', 'n2', 0)];
    expect(evicted(policy('PodLifeTime', { maxPodLifeTimeSeconds: 600 }), pods, nodes)).toEqual(['oldest', 'old']);
  });

  it('spreads the pods of one owner over the nodes', () => {
    const pods = ['a', 'b', 'c', 'd'].map((name) => pod(name, 'n1'));
    expect(evicted(policy('RemoveDuplicates', {}), pods, nodes)).toEqual(['c', 'd']);
  });

  it('does nothing where fewer than two nodes are ready', () => {
    expect(evicted(policy('PodLifeTime', { maxPodLifeTimeSeconds: 1 }), [pod('a', 'n1')], [node('n1')])).toEqual([]);
  });

  it('never passes the limits of a cycle', () => {
    const limit = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(limit, limit, fc.array(fc.boolean(), { maxLength: 30 }), (maxTotal, maxPerNode, places) => {
        const pods = places.map((first, i) => pod(`p${String(i).padStart(2, '0')}`, first ? 'n1' : 'n2', i));
        const limits = { maxNoOfPodsToEvictTotal: maxTotal, maxNoOfPodsToEvictPerNode: maxPerNode };
        const gone = evicted(policy('PodLifeTime', { maxPodLifeTimeSeconds: 1 }, limits), pods, nodes, ['p03']);
        const onNode = (name: string): number =>
          gone.filter((one) => pods.find(({ name }) => name === one)?.nodeName === name).length;
        const open = (name: string): number => pods.filter((one) => one.nodeName === name && one.name !== 'p03').length;
        const perNode = ['n1', 'n2'].map((name) => Math.min(open(name), maxPerNode));
        expect([onNode('n1') <= maxPerNode, onNode('n2') <= maxPerNode]).toEqual([true, true]);
        expect(gone).toHaveLength(Math.min(maxTotal, perNode[0] + perNode[1]));
      }),
    );
  });

  it('tells what is wrong with a policy', () => {
    const refuse = (strategy: string, args: object): string => {
      try {
        readDeschedulerPolicy(policy(strategy, args));
      } catch (error) {
        if (error instanceof PolicyError) return error.message;
        throw error;
      }
      return 'accepted';
    };
    expect(refuse('LowNodeUtilization', { thresholds: { cpu: 50 }, targetThresholds: { cpu: 20 } })).toContain(
      'targetThresholds',
    );
    expect(refuse('HighNodeUtilization', { thresholds: { cpu: 150 } })).toContain('HighNodeUtilization.thresholds.cpu');
    expect(refuse('RemovePodsViolatingNodeAffinity', {})).toContain('nodeAffinityType');
    expect(refuse('PodLifeTime', { maxPodLifeTimeSeconds: 5 })).toBe('accepted');
    expect(refuse('Nonsense', {})).toContain('Nonsense');
  });
});
