import { describe, expect, it } from 'vitest';
import { EvictionManager, type KubeletPod, type NodeStats, type PodUsage, qosClassOf } from '../../src/index.ts';

function pod(name: string, requestBytes: number, priority?: number): KubeletPod {
  const requests = requestBytes > 0 ? { memory: requestBytes } : {};
  const spec = { namespace: 'default', labels: {}, annotations: {}, controller: 'none', containers: [{ requests }] };
  const qosClass = requestBytes > 0 ? 'Burstable' : 'BestEffort';
  return { name, spec: { ...spec, ...(priority !== undefined && { priority }) }, limits: [{}], qosClass, isStatic: false };
}

function node(available: () => number, usage: Readonly<Record<string, number>>): NodeStats {
  return {
    observe: () => ({ available: available(), capacity: 1000 }),
    usage: ({ name }): PodUsage => ({ memory: usage[name] ?? 0, disk: 0 }),
    collectImages: () => false,
  };
}

const HARD = { signal: 'memory.available', value: { bytes: 100 } } as const;

describe('the eviction manager', () => {
  it('evicts one pod at a time: who exceeds its request, by priority, then by how much', () => {
    const pods = [pod('within', 500), pod('important', 10, 5), pod('over', 100), pod('far over', 10)];
    const manager = new EvictionManager({ thresholds: [HARD], transitionMs: 0, maxPodGraceSeconds: 0 });
    const stats = node(() => 50, { within: 400, important: 900, over: 150, 'far over': 150 });
    expect(manager.synchronize(pods, stats, 0).evicted.map((one) => [one.pod.name, one.graceSeconds])).toEqual([['far over', 1]]);
  });

  it('gives a soft threshold its time', () => {
    const soft = { ...HARD, graceMs: 30_000 };
    const manager = new EvictionManager({ thresholds: [soft], transitionMs: 0, maxPodGraceSeconds: 60 });
    const stats = node(() => 50, { a: 10 });
    const at = (now: number) => manager.synchronize([pod('a', 0)], stats, now).evicted.map((one) => one.graceSeconds);
    expect([at(0), at(20_000), at(30_000)]).toEqual([[], [], [30]]);
  });

  it('keeps a condition for a while and refuses pods that request nothing meanwhile', () => {
    let available = 50;
    const manager = new EvictionManager({ thresholds: [HARD], transitionMs: 300_000, maxPodGraceSeconds: 0 });
    const stats = node(() => available, {});
    manager.synchronize([], stats, 0);
    available = 900;
    manager.synchronize([], stats, 299_000);
    expect(manager.conditions).toEqual(['MemoryPressure']);
    expect([manager.admits(pod('best effort', 0)), manager.admits(pod('burstable', 10))]).toEqual([false, true]);
    manager.synchronize([], stats, 300_000);
    expect(manager.conditions).toEqual([]);
  });
});

describe('the quality of service', () => {
  it('is guaranteed only where every container has equal requests and limits', () => {
    const both = { cpu: 100, memory: 100 };
    expect(qosClassOf([{ requests: both, limits: both }])).toBe('Guaranteed');
    expect(
      qosClassOf([
        { requests: both, limits: both },
        { requests: {}, limits: {} },
      ]),
    ).toBe('Burstable');
    expect(qosClassOf([{ requests: {}, limits: {} }])).toBe('BestEffort');
  });
});
