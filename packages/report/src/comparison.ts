import type { Scenario } from '@plimsoll/core';
import type { Metrics, RunResult, Series } from '@plimsoll/lab';

/** Everything that tables, reports and run folders are made from: runs on one workload and seed, the first being the baseline. */
export interface Comparison {
  readonly scenario: Scenario;
  readonly workload: WorkloadSummary;
  /** Defaults that were chosen, and what the inputs' fidelity receipts say: one sentence each. */
  readonly notes: readonly string[];
  readonly runs: readonly ComparedRun[];
  readonly versions: {
    readonly plimsoll: string;
    /** Shown in the report; no part of the manifest, which does not depend on the machine. */
    readonly node?: string;
  };
  /** SHA-256 by name of each input (trace, manifests, catalogue, scenario file), 64 hexadecimal digits. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** A run and what was measured of it. */
export interface ComparedRun {
  readonly result: RunResult;
  readonly metrics: Metrics;
  readonly series: Series;
}

/** What arrives in every run of a comparison. */
export interface WorkloadSummary {
  readonly pods: number;
  /** Owners: rows of the workload. */
  readonly rows: number;
  /** Milliseconds from the first arrival to the last. */
  readonly span: number;
  /** Where it comes from, for people: `workloads/quickstart/trace.csv`. */
  readonly source: string;
}
