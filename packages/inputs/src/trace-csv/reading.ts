import type { Workload } from '@plimsoll/core';
import type { Problem } from '../problems/problem.ts';
import type { Receipt } from '../receipt/receipt.ts';
import type { WorkloadShape } from '../workload-shape/workload-shape.ts';

/** Facts about a trace that defaults are chosen by. */
export interface TraceShape extends WorkloadShape {
  /** Whether no row says how much memory, or CPU, its pods ask for. */
  readonly memoryMissing: boolean;
  readonly cpuMissing: boolean;
  /** Models of GPU that any row names, in text order. */
  readonly gpuModels: readonly string[];
}

/** Where a row of a workload stands in the input that it came from. */
export interface RowPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly width?: number;
  /** The line itself, where the reader had it at hand. */
  readonly excerpt?: string;
}

/** What came of reading a trace. */
export interface TraceReading {
  readonly workload: Workload;
  readonly receipt: Receipt;
  readonly shape: TraceShape;
  /** Warnings and notes; errors are thrown. */
  readonly problems: readonly Problem[];
  /** Where a row of the workload stands. Searches for it, so it is for messages and not for loops. */
  placeOf(row: number): RowPlace;
}
