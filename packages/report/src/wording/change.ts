import type { ComparisonRow } from '@plimsoll/lab';
import { grouped, signed } from './numbers.ts';

/** How a run stands against the baseline in one measure. `none`: nothing to judge. */
export type Verdict = 'better' | 'worse' | 'same' | 'none';

/** A change against the baseline, for people. */
export interface Change {
  /** `−19.6 %`, `+16.0 pp`, `×7.8`, or `–`. */
  readonly text: string;
  readonly verdict: Verdict;
}

/** Values this close, as a share of the baseline, count as the same. */
const SAME = 0.005;

/** From this factor on, a multiple reads better than a percentage. */
const MULTIPLE = 3;

/** The mark of each verdict. */
export const MARK: Readonly<Record<Verdict, string>> = { better: '✔', worse: '✖', same: '~', none: '' };

/** The change of run `run` against the first, in one line of a comparison. */
export function changeOf(row: ComparisonRow, run: number): Change {
  const base = row.values[0];
  const value = row.values[run];
  if (Number.isNaN(base) || Number.isNaN(value)) return { text: '–', verdict: 'none' };
  return { text: changeText(row, run), verdict: verdictOf(row, base, value) };
}

function changeText({ id, values, texts }: ComparisonRow, run: number): string {
  const [base, value] = [values[0], values[run]];
  if (base === value) return base === 0 ? '–' : '0.0 %';
  // A change of a share in per cent would be misread, so it is told in percentage points.
  if (id === 'cpuPacking' || id === 'memoryPacking') return `${signed((value - base) * 100, 1)} pp`;
  if (base === 0) return `+${texts[run]}`;
  const ratio = value / base;
  if (ratio >= MULTIPLE) return `×${grouped(ratio, ratio < 100 ? 1 : 0)}`;
  return `${signed((ratio - 1) * 100, 1)} %`;
}

function verdictOf({ better }: ComparisonRow, base: number, value: number): Verdict {
  if (better === 'neither') return 'none';
  if (Math.abs(value - base) <= SAME * Math.abs(base)) return 'same';
  return value < base === (better === 'less') ? 'better' : 'worse';
}
