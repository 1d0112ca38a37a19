import { describe, expect, it } from 'vitest';
import { DaemonBackoff, type DaemonNode, type DaemonSetSpec, daemonRunsOn, planDaemonSet } from '../../src/index.ts';

const SPEC: DaemonSetSpec = { revision: 'one', tolerations: [], hostNetwork: false, minReadyMs: 0 };

function node(name: string, taints: DaemonNode['taints'] = []): DaemonNode {
  return { name, labels: {}, taints };
}

describe('a DaemonSet', () => {
  it('runs on cordoned, unready and pressed nodes, and not on tainted ones', () => {
    const tainted = (key: string, effect: 'NoSchedule' | 'NoExecute') => daemonRunsOn(SPEC, node('n', [{ key, effect }]));
    expect(tainted('node.kubernetes.io/unschedulable', 'NoSchedule').run).toBe(true);
    expect(tainted('node.kubernetes.io/not-ready', 'NoExecute').run).toBe(true);
    expect(tainted('node.kubernetes.io/memory-pressure', 'NoSchedule').run).toBe(true);
    expect(tainted('dedicated', 'NoSchedule')).toEqual({ run: false, stay: true });
    expect(tainted('dedicated', 'NoExecute')).toEqual({ run: false, stay: false });
  });

  it('creates a pod where there is none', () => {
    expect(planDaemonSet(SPEC, [node('a'), node('b')], [], new DaemonBackoff(), 0).create).toEqual(['a', 'b']);
  });

  it('replaces failed pods after 1 s, then 2 s', () => {
    const backoff = new DaemonBackoff();
    const failed = { name: 'p', uid: 'p', labels: {}, node: 'a', nodeName: 'a', phase: 'Failed', revision: 'one' } as const;
    const pod = { ...failed, ready: false, createdAt: 0, deleting: false };
    const plan = (now: number) => planDaemonSet(SPEC, [node('a')], [pod], backoff, now);
    expect(plan(0).delete).toEqual([pod]);
    expect(plan(999)).toMatchObject({ delete: [], resyncMs: 1000 });
    expect(plan(1000).delete).toEqual([pod]);
    expect(plan(2999)).toMatchObject({ delete: [], resyncMs: 2000 });
  });
});
