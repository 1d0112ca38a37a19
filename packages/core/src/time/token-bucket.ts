/** How often a client may call: so many at once, then so many a second. */
export interface ClientLimit {
  readonly qps: number;
  readonly burst: number;
}

/**
 * The limit that a client of the API puts on itself: a bucket that starts full. Calls are let through in the order in which they ask.
 *
 * Source: Kubernetes v1.36, `client-go/util/flowcontrol/throttle.go` over `golang.org/x/time/rate`.
 */
export class TokenBucket {
  readonly #interval: number;
  readonly #slack: number;
  /** When the bucket would be full again, were it to drip on without limit. */
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor({ qps, burst }: ClientLimit) {
    this.#interval = 1000 / qps;
    this.#slack = (burst - 1) * this.#interval;
  }

  /** Takes a token. Returns when the call may go, in milliseconds, not before `now`. */
  reserve(now: number): number {
    const due = Math.max(this.#fullAt, now);
    this.#fullAt = due + this.#interval;
    return Math.max(now, due - this.#slack);
  }

  snapshot(): number | null {
    return Number.isFinite(this.#fullAt) ? this.#fullAt : null;
  }

  restore(saved: number | null): void {
    this.#fullAt = saved ?? Number.NEGATIVE_INFINITY;
  }
}
