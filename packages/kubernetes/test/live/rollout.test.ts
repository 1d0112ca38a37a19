import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rolloutStep } from '../../src/live/rollout.ts';

const set = (replicas: number, available = replicas) => ({ replicas, available });

describe('a Deployment', () => {
  it('goes straight to its replicas while there is one set', () => {
    expect(rolloutStep({ replicas: 5 }, set(2), [])).toEqual({ current: 5, old: [] });
    expect(rolloutStep({ replicas: 1 }, set(5), [])).toEqual({ current: 1, old: [] });
  });

  it('begins a rollout of ten with three more, and then spares two old ones', () => {
    expect(rolloutStep({ replicas: 10 }, set(0), [set(10)])).toEqual({ current: 3, old: [10] });
    expect(rolloutStep({ replicas: 10 }, set(3, 0), [set(10)])).toEqual({ current: 3, old: [8] });
  });

  it('never goes below what must be available, whatever the surge', () => {
    expect(rolloutStep({ replicas: 1 }, set(1, 0), [set(1)])).toEqual({ current: 1, old: [1] });
    expect(rolloutStep({ replicas: 4, maxSurge: 0, maxUnavailable: 0 }, set(0), [set(4)])).toEqual({ current: 0, old: [3] });
  });

  it('takes old replicas that do not serve first', () => {
    expect(rolloutStep({ replicas: 4, maxUnavailable: 1, maxSurge: 0 }, set(1), [set(2, 2), set(1, 0)])).toEqual({
      current: 1,
      old: [2, 0],
    });
  });

  it('waits for all old pods with Recreate', () => {
    expect(rolloutStep({ replicas: 3, strategy: 'Recreate' }, set(0), [set(3)])).toEqual({ current: 0, old: [0] });
    expect(rolloutStep({ replicas: 3, strategy: 'Recreate' }, set(0), [])).toEqual({ current: 3, old: [] });
  });

  it('ends, with the new set alone and complete, when every pod becomes available', () => {
    const count = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(count, fc.array(count, { maxLength: 3 }), fc.integer({ min: 0, max: 100 }), (replicas, old, percent) => {
        let state = { current: 0, old: old as readonly number[] };
        const deployment = { replicas, maxUnavailable: `${percent}%`, maxSurge: `${100 - percent}%` };
        for (let steps = 0; steps < 500; steps++) {
          const next = rolloutStep(
            deployment,
            set(state.current),
            state.old.map((n) => set(n)),
          );
          if (next.current === state.current && next.old.every((n, i) => n === state.old[i])) break;
          state = next;
        }
        expect(state).toEqual({ current: replicas, old: old.map(() => 0) });
      }),
    );
  });
});
