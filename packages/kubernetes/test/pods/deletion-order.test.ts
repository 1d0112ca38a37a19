import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deletionCost, deletionOrder, type PodState, planReplicas, slowStart } from '../../src/index.ts';

const NOW = 1_000_000_000;

function pod(name: string, facts: Partial<PodState> = {}): PodState {
  return {
    name,
    uid: name,
    labels: {},
    nodeName: 'n0',
    phase: 'Running',
    ready: true,
    readyChangedAt: NOW - 3_600_000,
    createdAt: NOW - 3_600_000,
    deleting: false,
    ...facts,
  };
}

const names = (pods: readonly PodState[]): string[] => pods.map(({ name }) => name);

describe('the order in which a ReplicaSet gives up pods', () => {
  it('goes by place, phase, readiness, cost, crowding and age', () => {
    const { nodeName: _, ...unassigned } = pod('unassigned', { phase: 'Pending', ready: false });
    const pods = [
      pod('ready 3 h', { readyChangedAt: NOW - 3 * 3_600_000, nodeName: 'n2' }),
      pod('ready 2 min', { readyChangedAt: NOW - 120_000, nodeName: 'n1' }),
      pod('crowded', { nodeName: 'n3' }),
      pod('cheap', { deletionCost: -5 }),
      pod('unready', { ready: false }),
      pod('pending', { phase: 'Pending', ready: false }),
      unassigned,
    ];
    const neighbours = [pod('a', { nodeName: 'n3' }), pod('b', { nodeName: 'n3' })];
    expect(names(deletionOrder(pods, [...pods, ...neighbours], NOW))).toEqual([
      'unassigned',
      'pending',
      'unready',
      'cheap',
      'crowded',
      'ready 2 min',
      'ready 3 h',
    ]);
  });

  it('takes ages within one power of two for equal, and goes by UID then', () => {
    const pods = [pod('b', { readyChangedAt: NOW - 70_000 }), pod('a', { readyChangedAt: NOW - 100_000 })];
    expect(names(deletionOrder(pods, [], NOW))).toEqual(['a', 'b']);
  });

  it('does not depend on the order in which pods are given, where their ages differ', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { minLength: 2, maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (powers, chance) => {
          const pods = powers.map((power) => pod(`p${power}`, { readyChangedAt: NOW - 2 ** power }));
          const shuffled = pods
            .map((one) => [chance.next().value, one] as const)
            .sort(([a], [b]) => a - b)
            .map(([, one]) => one);
          expect(names(deletionOrder(shuffled, [], NOW))).toEqual(names(deletionOrder(pods, [], NOW)));
        },
      ),
    );
  });

  it('leaves an annotation that is no plain integer out', () => {
    expect(['5', '-5', '0', '+5', '05', 'x', '99999999999', undefined].map(deletionCost)).toEqual([5, -5, 0, 0, 0, 0, 0, 0]);
  });
});

describe('what a ReplicaSet plans', () => {
  it('creates or deletes at most 500 pods at once', () => {
    expect(planReplicas(2000, [], [], NOW).create).toBe(500);
    const many = Array.from({ length: 700 }, (_, i) => pod(`p${i}`));
    expect(planReplicas(0, many, [], NOW).victims).toHaveLength(500);
  });

  it('stops creating after the batch in which a creation was refused', () => {
    expect(slowStart(10, Infinity)).toEqual({ attempts: 10, created: 10 });
    expect(slowStart(100, 4)).toEqual({ attempts: 7, created: 4 });
    expect(slowStart(100, 0)).toEqual({ attempts: 1, created: 0 });
  });
});
