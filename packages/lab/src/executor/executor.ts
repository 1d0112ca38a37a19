import type { RunResult, RunSpec } from '../run-spec.ts';

/** Called while a run goes on: simulated milliseconds and events so far. */
export type Progress = (now: number, events: number) => void;

/** How a run is done. Pure: equal specs, equal results. */
export type RunFunction = (spec: RunSpec, onProgress?: Progress) => RunResult;

/** Runs specs, here or in threads. Results come in the order of the specs, whatever finishes first. */
export interface Executor {
  run(
    specs: readonly RunSpec[],
    onProgress?: (index: number, now: number, events: number) => void,
  ): Promise<readonly RunResult[]>;
  close(): Promise<void>;
}

/** A run that failed: which one, why, and how to repeat it. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly spec: RunSpec;
  /** Kind of the original error. */
  readonly kind: string;
  /** The command that repeats the run alone. */
  readonly command: string;

  constructor(spec: RunSpec, kind: string, message: string, command: string, stack?: string) {
    super(
      `run ${spec.scenario.metadata.name}/${spec.autoscaler} with seed ${spec.seed} failed: ${kind}: ${message}\n  repeat it with: ${command}`,
    );
    this.spec = spec;
    this.kind = kind;
    this.command = command;
    if (stack !== undefined) this.stack = `${this.message}\n${stack}`;
  }
}

/** The command that repeats a run alone, in one thread, given how the user named the scenario. */
export type CommandOf = (spec: RunSpec) => string;

/** Where nobody knows how the scenario was named, its name stands for its file. */
export const defaultCommandOf: CommandOf = (spec) =>
  `plimsoll replay ${spec.scenario.metadata.name} --autoscaler ${spec.autoscaler} --seed ${spec.seed} --threads 1`;
