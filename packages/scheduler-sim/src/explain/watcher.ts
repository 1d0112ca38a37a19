import type { ExplainedAttempt } from './attempt.ts';

/** An attempt in a run: when, for which pod, and which try it was. */
export interface WatchedAttempt extends ExplainedAttempt {
  /** Simulated milliseconds. */
  readonly time: number;
  /** Row of the pod. Victims' names are `namespace/row`. */
  readonly pod: number;
  /** Counted from 1. */
  readonly attempt: number;
}

/** Hears of attempts as they are made. Watching changes no decision; each attempt for a watched pod is explained, which takes its time. */
export interface AttemptWatcher {
  wants(pod: number): boolean;
  attempt(attempt: WatchedAttempt): void;
}
