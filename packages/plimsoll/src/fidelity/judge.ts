import { type Measures, TOLERANCES } from './measures.ts';

/** One measure, real against simulated. */
export interface Verdict {
  readonly measure: keyof Measures;
  /** Of each real run. */
  readonly real: readonly number[];
  readonly realMean: number;
  /** Mean over the seeds, and the least and the most. */
  readonly ours: number;
  readonly oursLeast: number;
  readonly oursMost: number;
  /** (ours − real mean) ÷ real mean. */
  readonly difference: number;
  /** (most − least) ÷ mean of the real runs. */
  readonly spread: number;
  /** What the difference may be; undefined where the measure is told and not judged. */
  readonly allowed: number | undefined;
  readonly passed: boolean;
}

/** Judges the mean of simulated runs by the mean of real ones: within the tolerance, or the real runs' own spread where that is wider. */
export function judge(real: readonly Measures[], ours: readonly Measures[]): Verdict[] {
  return (Object.keys(real[0]) as (keyof Measures)[]).map((measure) => {
    const [of, by] = [real.map((run) => run[measure]), ours.map((run) => run[measure])];
    const [realMean, mean] = [meanOf(of), meanOf(by)];
    const difference = realMean === mean ? 0 : (mean - realMean) / realMean;
    const spread = realMean === 0 ? 0 : (Math.max(...of) - Math.min(...of)) / realMean;
    const tolerance = TOLERANCES[measure];
    const allowed = tolerance === undefined ? undefined : Math.max(tolerance, spread);
    return {
      measure,
      real: of,
      realMean,
      ours: mean,
      oursLeast: Math.min(...by),
      oursMost: Math.max(...by),
      difference,
      spread,
      allowed,
      passed: allowed === undefined || Math.abs(difference) <= allowed,
    };
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
