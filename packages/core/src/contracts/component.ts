/** What may be saved as JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Anything with state that lives in a run. Its events are those that it pushed itself, by its own codes.
 *
 * `snapshot` holds what cannot be rebuilt from the cluster, the queue and the streams; a component restored from it must go on
 * exactly as the saved one.
 */
export interface Component {
  /** Unique in a run; names the component in snapshots. */
  readonly id: string;
  /** Called once, at time 0 of a new run; not on restore. */
  start?(): void;
  /** One of its own events is due. */
  handle(code: number, a: number, b: number): void;
  /** A change of the cluster or the world, as its log record. Called after the change. */
  observe?(kind: number, a: number, b: number, c: number): void;
  snapshot(): JsonValue;
  restore(value: JsonValue): void;
}

/** How a component schedules its own events. */
export interface Timer {
  /** Current simulated time, milliseconds. */
  readonly now: number;
  /** Asks for `handle(code, a, b)` at a time from now on, in a phase of {@link PHASE}. Returns a handle for `cancel`. */
  at(time: number, phase: number, code: number, a?: number, b?: number): number;
  /** Takes an event back. Handles do not survive a restore: see {@link Timer.onRestored}. */
  cancel(handle: number): boolean;
  /** Called on restore for each pending event of the component, with its new handle. */
  onRestored(listener: (code: number, a: number, b: number, time: number, handle: number) => void): void;
}
