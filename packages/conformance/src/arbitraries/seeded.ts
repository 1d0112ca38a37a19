import type { Parameters } from 'fast-check';

/** Settings of a property whose values come from the arbitraries' fixed seed. */
export interface SeededSettings {
  /** Generated values by default. Default 100. */
  readonly numRuns?: number;
  /** Default 20260101. */
  readonly seed?: number;
}

/**
 * Parameters of `fc.assert` that make a property meet the same values on every machine:
 * `fc.assert(property, seeded({ numRuns: 200 }))`.
 *
 * The environment overrides them for long runs and for replays: `PLIMSOLL_RUNS` the number of values, `PLIMSOLL_SEED` the seed,
 * `PLIMSOLL_PATH` the path to one counterexample, as a failure prints it.
 *
 * @throws RangeError where a variable is no whole number.
 */
export function seeded<T>({ numRuns = 100, seed = 20_260_101 }: SeededSettings = {}): Parameters<T> {
  const path = process.env.PLIMSOLL_PATH;
  return {
    numRuns: whole('PLIMSOLL_RUNS', 1) ?? numRuns,
    seed: whole('PLIMSOLL_SEED', -(2 ** 31)) ?? seed,
    ...(path !== undefined && path !== '' && { path }),
  };
}

function whole(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name}: expected a whole number from ${least}, got ${JSON.stringify(text)}`);
  }
  return value;
}
