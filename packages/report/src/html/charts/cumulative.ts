import type { Series } from '@plimsoll/lab';

const HOUR = 3_600_000;

/** A run's cost over time: rate by step, and the instant at which the run ended. */
export interface CostRate {
  readonly series: Series;
  readonly span: number;
}

/** Dollars spent until each of `times` (ascending, milliseconds). After its end a run spends nothing. */
export function spentUntil({ series, span }: CostRate, times: readonly number[]): number[] {
  let step = 0;
  let before = 0;
  return times.map((at) => {
    const until = Math.min(at, span);
    while (step + 1 < series.time.length && series.time[step + 1] <= until) {
      before += (series.costPerHour[step] * (series.time[step + 1] - series.time[step])) / HOUR;
      step++;
    }
    return series.time.length === 0 ? 0 : before + (series.costPerHour[step] * (until - series.time[step])) / HOUR;
  });
}

/** `steps` + 1 instants from 0 to `span`. */
export function instants(span: number, steps = 240): number[] {
  return Array.from({ length: steps + 1 }, (_, index) => (span * index) / steps);
}
