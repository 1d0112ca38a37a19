import type { Verdict } from './judge.ts';
import type { Curves } from './measures.ts';
import type { Parting } from './parting.ts';

/** A setting, its real runs and our simulations of it. */
export interface Comparison {
  readonly setting: string;
  /** Names of the real runs. */
  readonly runs: readonly string[];
  readonly seeds: number;
  readonly durationMs: number;
  readonly verdicts: readonly Verdict[];
  /** Of the first real run and the first seed. */
  readonly parting?: Parting;
  readonly realCurves: readonly Curves[];
  readonly ourCurves: readonly Curves[];
}
