import type { Taint } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import {
  defaultNodeLifecycleSettings,
  type LifecycleNode,
  type NodeCondition,
  NodeMonitor,
  PodGc,
  TaintEviction,
  taintsByCondition,
} from '../../src/index.ts';

/** Nodes that fall silent as a test says. */
class Cluster {
  readonly nodes = new Map<string, LifecycleNode>();
  readonly unready: string[] = [];
  readonly monitor = new NodeMonitor(defaultNodeLifecycleSettings, {
    setConditions: (name, conditions) => this.#update(name, { conditions }),
    setTaints: (name, taints) => this.#update(name, { taints }),
    markPodsNotReady: (name) => this.unready.push(name),
  });

  constructor(zones: Readonly<Record<string, number>>) {
    const conditions: NodeCondition[] = [{ type: 'Ready', status: 'True' }];
    for (const [zone, count] of Object.entries(zones))
      for (let i = 0; i < count; i++) {
        const name = `${zone}${i}`;
        this.nodes.set(name, { name, zone, conditions, taints: [], unschedulable: false, renewedAt: 0 });
      }
  }

  /** Monitors every 5 s and taints every 100 ms, up to and with an instant; `silent` nodes renew nothing after 0. */
  run(until: number, silent: (name: string) => boolean): void {
    for (let now = 0; now <= until; now += 50) {
      for (const [name, node] of this.nodes)
        if (now % 10_000 === 0 && !silent(name)) this.nodes.set(name, { ...node, renewedAt: now });
      if (now % 5000 === 0) this.monitor.monitor([...this.nodes.keys()], (name) => this.nodes.get(name) as LifecycleNode, now);
      if (now % 100 === 50) this.monitor.taint((name) => this.nodes.get(name), now);
    }
  }

  get evicting(): number {
    return [...this.nodes.values()].filter(({ taints }) => taints.some(({ effect }) => effect === 'NoExecute')).length;
  }

  #update(name: string, change: { readonly conditions?: readonly NodeCondition[]; readonly taints?: readonly Taint[] }): void {
    const node = { ...(this.nodes.get(name) as LifecycleNode), ...change };
    this.nodes.set(name, { ...node, taints: taintsByCondition(node) });
  }
}

describe('nodes that fall silent', () => {
  it('are unknown after 50 s without a sign of life, and their pods are not ready then', () => {
    const cluster = new Cluster({ a: 5 });
    cluster.run(50_000, (name) => name === 'a0');
    expect(cluster.unready).toEqual([]);
    cluster.run(55_000, (name) => name === 'a0');
    expect(cluster.unready).toEqual(['a0']);
    expect(cluster.nodes.get('a0')?.taints).toContainEqual({ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' });
  });

  it('are tainted one every ten seconds in a zone', () => {
    const cluster = new Cluster({ a: 10 });
    const silent = (name: string): boolean => ['a0', 'a1', 'a2'].includes(name);
    cluster.run(55_050, silent);
    expect(cluster.evicting).toBe(1);
    cluster.run(65_050, silent);
    expect(cluster.evicting).toBeGreaterThanOrEqual(1);
  });

  it('are left alone where most of a small zone is down, or everything', () => {
    const partly = new Cluster({ a: 10 });
    partly.run(120_000, (name) => Number(name.slice(1)) < 6);
    expect(partly.monitor.zones.get('a')).toBe('PartialDisruption');
    expect(partly.evicting).toBe(0);
    const whole = new Cluster({ a: 3, b: 3 });
    whole.run(120_000, () => true);
    expect([...whole.monitor.zones.values()]).toEqual(['FullDisruption', 'FullDisruption']);
    expect(whole.evicting).toBe(0);
  });
});

describe('eviction by taints', () => {
  const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
  const tolerated = (tolerationSeconds?: number) => [
    { key: unreachable.key, operator: 'Exists' as const, ...(tolerationSeconds !== undefined && { tolerationSeconds }) },
  ];

  it('waits as long as the shortest toleration, or for ever, or not at all', () => {
    const evictions = new TaintEviction();
    evictions.consider('patient', tolerated(300), [unreachable], 1000);
    evictions.consider('for ever', tolerated(), [unreachable], 1000);
    evictions.consider('at once', [], [unreachable], 1000);
    expect(evictions.due(1000)).toEqual(['at once']);
    expect(evictions.next).toBe(301_000);
    expect(evictions.due(301_000)).toEqual(['patient']);
  });

  it('is called off when the taint goes', () => {
    const evictions = new TaintEviction();
    evictions.consider('p', tolerated(300), [unreachable], 0);
    evictions.consider('p', tolerated(300), [], 100_000);
    expect(evictions.due(300_000)).toEqual([]);
  });
});

describe('the collector of pods', () => {
  it('waits 40 s for a node that is missing', () => {
    const collector = new PodGc();
    const orphan = { name: 'p', nodeName: 'gone', phase: 'Running', createdAt: 0, deleting: false } as const;
    const at = (now: number) =>
      collector.collect(
        [orphan],
        () => false,
        () => false,
        now,
      );
    expect([at(0), at(20_000), at(40_000)]).toEqual([[], [], [{ pod: orphan, reason: 'DeletionByPodGC' }]]);
  });

  it('removes finished pods beyond its limit, evicted ones first and then the oldest', () => {
    const collector = new PodGc({ terminatedPodThreshold: 1, quarantineMs: 0 });
    const pod = (name: string, createdAt: number, reason?: string) =>
      ({ name, phase: 'Failed', createdAt, deleting: false, ...(reason && { reason }) }) as const;
    const pods = [pod('old', 1), pod('new', 3), pod('evicted', 5, 'Evicted')];
    expect(
      collector
        .collect(
          pods,
          () => true,
          () => false,
          0,
        )
        .map((one) => one.pod.name),
    ).toEqual(['evicted', 'old']);
  });
});
