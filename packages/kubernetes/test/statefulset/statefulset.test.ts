import { describe, expect, it } from 'vitest';
import { type StatefulPod, type StatefulSetSpec, syncStatefulSet } from '../../src/index.ts';

const SPEC: StatefulSetSpec = { replicas: 3, parallel: false, onDelete: false, partition: 0, firstOrdinal: 0, minReadyMs: 0 };

function pod(ordinal: number, facts: Partial<StatefulPod> = {}): StatefulPod {
  const name = `web-${ordinal}`;
  const state = { phase: 'Running', ready: true, createdAt: 0, deleting: false } as const;
  return { name, uid: name, labels: {}, ordinal, revision: 'one', ...state, ...facts };
}

function sync(spec: StatefulSetSpec, pods: readonly StatefulPod[], updateRevision = 'one'): string[] {
  const done: string[] = [];
  syncStatefulSet(
    spec,
    { currentRevision: 'one', updateRevision },
    pods,
    { create: (ordinal, revision) => done.push(`+${ordinal} ${revision}`), delete: ({ ordinal }) => done.push(`-${ordinal}`) },
    0,
  );
  return done;
}

describe('a StatefulSet', () => {
  it('creates one pod after the other, each when the one before is ready', () => {
    expect(sync(SPEC, [])).toEqual(['+0 one']);
    expect(sync(SPEC, [pod(0, { ready: false })])).toEqual([]);
    expect(sync(SPEC, [pod(0)])).toEqual(['+1 one']);
  });

  it('creates all at once where it may', () => {
    expect(sync({ ...SPEC, parallel: true }, [])).toEqual(['+0 one', '+1 one', '+2 one']);
  });

  it('takes pods away from the top, one at a time, and not before all below are ready', () => {
    const four = [pod(0), pod(1), pod(2), pod(3), pod(4)];
    expect(sync(SPEC, four)).toEqual(['-4']);
    expect(sync(SPEC, [pod(0), pod(1, { ready: false }), pod(2), pod(3)])).toEqual([]);
  });

  it('updates from the top down to the partition', () => {
    const pods = [pod(0), pod(1), pod(2)];
    expect(sync(SPEC, pods, 'two')).toEqual(['-2']);
    expect(sync({ ...SPEC, partition: 2 }, [pod(0), pod(1), pod(2, { revision: 'two' })], 'two')).toEqual([]);
  });

  it('waits for a pod that is stuck on its way out', () => {
    expect(sync(SPEC, [pod(0, { deleting: true })])).toEqual([]);
  });
});
