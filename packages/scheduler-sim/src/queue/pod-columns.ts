/** Where a pod stands in the scheduler's queue. */
export const PLACE = {
  /** Not in the queue: bound, gone, or never seen. */
  none: 0,
  active: 1,
  /** Waits out its backoff after a filter had rejected it; an idle scheduler takes it early. */
  backoff: 2,
  /** Waits out its backoff after an attempt that failed for another reason, such as a cluster without nodes. */
  errorBackoff: 3,
  /** Waits for a change that could help. */
  unschedulable: 4,
  /** Its attempt is under way. */
  inFlight: 5,
  /** Held back by scheduling gates. */
  gated: 6,
} as const;

/** What the queue knows of each pod, by pod row. */
export class PodColumns {
  place = new Uint8Array(1024);
  /** When it entered the queue, or when its last attempt failed. */
  since = new Float64Array(1024);
  /** Breaks ties of priority and time. */
  sequence = new Float64Array(1024);
  /** Attempts so far. */
  attempts = new Uint32Array(1024);
  /** Attempts that filters ended, and attempts in a row that failed otherwise. */
  rejections = new Uint32Array(1024);
  errors = new Uint32Array(1024);
  /** Filters that rejected it last, as a mask. */
  rejectors = new Uint32Array(1024);
  priority = new Float64Array(1024);
  /** When its backoff is over. */
  expiry = new Float64Array(1024);

  reserve(pod: number): void {
    if (pod < this.place.length) return;
    const length = Math.max(pod + 1, this.place.length * 2);
    this.place = grown(this.place, new Uint8Array(length));
    this.since = grown(this.since, new Float64Array(length));
    this.sequence = grown(this.sequence, new Float64Array(length));
    this.attempts = grown(this.attempts, new Uint32Array(length));
    this.rejections = grown(this.rejections, new Uint32Array(length));
    this.errors = grown(this.errors, new Uint32Array(length));
    this.rejectors = grown(this.rejectors, new Uint32Array(length));
    this.priority = grown(this.priority, new Float64Array(length));
    this.expiry = grown(this.expiry, new Float64Array(length));
  }
}

function grown<T extends { set(from: ArrayLike<number>): void } & ArrayLike<number>>(from: T, to: T): T {
  to.set(from);
  return to;
}
