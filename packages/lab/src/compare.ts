import { formatDuration } from '@plimsoll/core';
import type { Metrics } from './measure/metrics.ts';

/** One line of a comparison. */
export interface ComparisonRow {
  readonly id: keyof Metrics;
  readonly label: string;
  /** The value of each run, in the order of the runs. */
  readonly values: readonly number[];
  /** The same for people. */
  readonly texts: readonly string[];
  /** Change of each run against the first, as a share; NaN where it has no meaning. */
  readonly changes: readonly number[];
  /** Whether less is better, more is, or neither. */
  readonly better: 'less' | 'more' | 'neither';
}

interface Line {
  readonly id: keyof Metrics;
  readonly label: string;
  readonly better: ComparisonRow['better'];
  readonly text: (value: number) => string;
}

const whole = (value: number): string =>
  Number.isNaN(value) ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 0 }).replaceAll(',', ' ');
const duration = (value: number): string => (Number.isNaN(value) ? '–' : formatDuration(value));
const share = (value: number): string => (Number.isNaN(value) ? '–' : `${(value * 100).toFixed(1)} %`);
const money = (value: number): string =>
  `$ ${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replaceAll(',', ' ')}`;

const LINES: readonly Line[] = [
  { id: 'cost', label: 'cost', better: 'less', text: money },
  { id: 'nodeHours', label: 'node-hours', better: 'less', text: (value) => (value < 100 ? value.toFixed(2) : whole(value)) },
  { id: 'cpuPacking', label: 'cpu packing, mean', better: 'more', text: share },
  { id: 'memoryPacking', label: 'memory packing, mean', better: 'more', text: share },
  { id: 'waitP50', label: 'pod wait p50', better: 'less', text: duration },
  { id: 'waitP90', label: 'pod wait p90', better: 'less', text: duration },
  { id: 'waitP99', label: 'pod wait p99', better: 'less', text: duration },
  { id: 'evictions', label: 'evictions', better: 'less', text: whole },
  { id: 'neverScheduled', label: 'never scheduled', better: 'less', text: whole },
  { id: 'launches', label: 'launches', better: 'neither', text: whole },
  { id: 'failedOrders', label: 'failed orders', better: 'less', text: whole },
  { id: 'peakNodes', label: 'nodes at peak', better: 'neither', text: whole },
];

/** The comparison of runs on one workload and seed: one line a measure, changes against the first run. */
export function compare(runs: readonly Metrics[]): ComparisonRow[] {
  return LINES.map(({ id, label, better, text }) => {
    const values = runs.map((run) => Number(run[id]));
    const [base] = values;
    const changes = values.map((value) => (base === value ? 0 : base === 0 ? Number.NaN : value / base - 1));
    return { id, label, better, values, texts: values.map(text), changes };
  });
}
