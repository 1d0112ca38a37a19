import type { ComparedRun } from '../comparison.ts';
import { parquet } from './parquet.ts';

/** `series.parquet`: one row a step of time. */
export function seriesTable({ result, series }: ComparedRun): Uint8Array {
  const of = (values: readonly number[]) => (row: number) => values[row];
  return parquet(
    [
      { name: 'autoscaler', type: 'STRING', of: () => result.autoscaler },
      { name: 't_ms', type: 'DOUBLE', of: of(series.time) },
      { name: 'nodes', type: 'DOUBLE', of: of(series.nodes) },
      { name: 'cost_per_hour', type: 'DOUBLE', of: of(series.costPerHour) },
      { name: 'cpu_requested', type: 'DOUBLE', of: of(series.cpuRequested) },
      { name: 'cpu_allocatable', type: 'DOUBLE', of: of(series.cpuAllocatable) },
      { name: 'pending', type: 'DOUBLE', of: of(series.pending) },
    ],
    series.time.length,
  );
}
