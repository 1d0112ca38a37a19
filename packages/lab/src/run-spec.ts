import type { LogColumns, LoggedDecision, Scenario, SharedWorkload } from '@plimsoll/core';

/** Everything that one run depends on. It crosses threads; the workload's buffers are shared, not copied. */
export interface RunSpec {
  readonly scenario: Scenario;
  readonly workload: SharedWorkload;
  /** Which autoscaler of the scenario runs. */
  readonly autoscaler: string;
  readonly seed: number;
  /** Whether calls of a provider that provably decide nothing are skipped. Default true; digests are equal either way. */
  readonly skipQuiet?: boolean;
}

/** What a run leaves behind: the log, and the tables that its rows refer to. */
export interface RunResult {
  readonly autoscaler: string;
  readonly seed: number;
  /** 16 hexadecimal digits over the whole log. */
  readonly digest: string;
  readonly log: LogColumns;
  readonly decisions: readonly LoggedDecision[];
  readonly tables: RunTables;
  /** Simulated milliseconds from the start to the end. */
  readonly span: number;
  /** How many events the engine handled. */
  readonly events: number;
}

/** The tables of a run. Rows are what the log's columns refer to. */
export interface RunTables {
  readonly nodeNames: readonly string[];
  readonly offerings: readonly OfferingRow[];
  readonly podClasses: readonly PodClassRow[];
  readonly nodeClasses: readonly NodeClassRow[];
}

/** An offering, as measures and reports need it. */
export interface OfferingRow {
  readonly type: string;
  readonly zone: string;
  readonly capacityType: string;
  /** Nano-dollars per hour. */
  readonly price: number;
}

/** Requests of a pod class: millicores and bytes. */
export interface PodClassRow {
  readonly cpu: number;
  readonly memory: number;
}

/** Allocatable of a node class: millicores and bytes. */
export interface NodeClassRow {
  readonly cpu: number;
  readonly memory: number;
}
