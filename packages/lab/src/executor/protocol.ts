import type { RunResult, RunSpec } from '../run-spec.ts';

/** What a worker answers. Errors cross as values: a thrown error would arrive without its kind. */
type RunOutcome =
  | { readonly ok: true; readonly result: RunResult }
  | { readonly ok: false; readonly kind: string; readonly message: string; readonly stack?: string };

/** What a worker offers to the pool. One call per run, never per event. */
export interface RunService {
  run(spec: RunSpec, onProgress: ((now: number, events: number) => void) | undefined): Promise<RunOutcome>;
}
