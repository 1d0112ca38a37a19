import type { JsonValue } from '@plimsoll/core';

/** Whether an event may help pods of a class that these filters rejected. */
export type Helps = (podClass: number, rejectors: number) => boolean;

/** Where rejected pods wait for an event. It says which pods an event, or too long a wait, brings back; the queue takes them. */
export interface Parking {
  /** A pod was rejected. */
  park(pod: number, podClass: number, rejectors: number, now: number): void;
  /** Brings back the pods that an event may help. */
  wake(helps: Helps, bringBack: (pod: number) => void): void;
  /** Brings back the pods whose last attempt was so long ago that they count as stale at a tick. */
  flush(isStale: (since: number) => boolean, bringBack: (pod: number) => void): void;
  /** A pod that may have been here, or been brought back from here, is bound or gone. */
  left(pod: number, podClass: number, bringBack: (pod: number) => void): void;
  /** Whether no pod is here; false also where all that were have left. */
  readonly empty: boolean;
  /** The earliest last attempt of a waiting pod; Infinity where none waits. */
  readonly oldest: number;
  snapshot(): JsonValue;
  restore(value: JsonValue): void;
}
