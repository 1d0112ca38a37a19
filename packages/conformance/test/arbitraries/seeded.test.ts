import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seeded } from '../../src/arbitraries/seeded.ts';

afterEach(() => vi.unstubAllEnvs());

describe('seeded', () => {
  it('meets the same values each time', () => {
    vi.stubEnv('PLIMSOLL_RUNS', undefined);
    vi.stubEnv('PLIMSOLL_SEED', undefined);
    const values = (): number[] => {
      const seen: number[] = [];
      fc.assert(
        fc.property(fc.nat(), (value) => {
          seen.push(value);
        }),
        seeded({ numRuns: 5 }),
      );
      return seen;
    };
    expect(values()).toHaveLength(5);
    expect(values()).toEqual(values());
  });

  it('lets the environment ask for more values, another seed, or one counterexample', () => {
    vi.stubEnv('PLIMSOLL_RUNS', '5000');
    vi.stubEnv('PLIMSOLL_SEED', '-7');
    vi.stubEnv('PLIMSOLL_PATH', '12:0:1');
    expect(seeded({ numRuns: 5, seed: 1 })).toEqual({ numRuns: 5000, seed: -7, path: '12:0:1' });
  });

  it('refuses a number that is none', () => {
    vi.stubEnv('PLIMSOLL_RUNS', 'many');
    expect(() => seeded()).toThrow('PLIMSOLL_RUNS: expected a whole number from 1, got "many"');
  });
});
