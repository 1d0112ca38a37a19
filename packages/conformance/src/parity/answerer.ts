import type { Difference } from './difference.ts';
import { type GoldenCase, oracleName } from './golden-case.ts';

/**
 * A model under test: answers golden cases of one oracle.
 *
 *     const scheduler: Answerer<CycleInput, CycleExpect> = {
 *       oracle: 'kube-scheduler',
 *       families: ['fit', 'taints'],
 *       answer: ({ input }) => runCycle(input),
 *       compare: comparing({ 'rejected.*.reasons': 'set' }),
 *     };
 */
export interface Answerer<Input = unknown, Expect = unknown> {
  /** The part of the case's `oracle` before the slash: `kube-scheduler`. */
  readonly oracle: string;
  /** Families that it answers; absent for all. */
  readonly families?: readonly string[];
  /** Kinds that it answers; absent for all. */
  readonly kinds?: readonly string[];
  /**
   * The model's answer, in the shape of the case's `expect`. It must come from `input` and `definitions` alone; `expect` is there for
   * the formats that say to follow the recorded choice among equals and to go on from there. What it throws fails the case.
   */
  answer(golden: GoldenCase<Input, Expect>): unknown;
  /** What differs. Default: everything must be equal, and a key too many is a difference. See `comparing`. */
  compare?(golden: GoldenCase<Input, Expect>, expected: Expect, got: unknown): readonly Difference[];
}

/** The first answerer of a list that answers a case. */
export function answererOf(
  answerers: readonly Answerer[],
  { oracle, family, kind }: Pick<GoldenCase, 'oracle' | 'family' | 'kind'>,
): Answerer | undefined {
  const name = oracleName(oracle);
  return answerers.find(
    (answerer) =>
      answerer.oracle === name &&
      (answerer.families?.includes(family) ?? true) &&
      (answerer.kinds === undefined || (kind !== undefined && answerer.kinds.includes(kind))),
  );
}
