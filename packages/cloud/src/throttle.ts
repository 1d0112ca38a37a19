/** A token bucket: `burst` at once, then `perSecond`. */
export interface TokenRate {
  readonly burst: number;
  /** Whole tokens per second. */
  readonly perSecond: number;
}

/** How the API holds back callers. */
export interface Throttling {
  /** Calls that order machines; a merged call counts once. Default: no limit. */
  readonly calls?: TokenRate;
  /**
   * Machines launched, by fleets and groups together. Default: no limit. EC2's own default is 1,000 at once and then 2 per second for
   * each account and region (RunInstances resource tokens; docs.aws.amazon.com, "Request throttling for the Amazon EC2 API"). Whether
   * instant fleets share that bucket is not documented.
   */
  readonly machines?: TokenRate;
  /** How often a throttled call is tried before it fails. Default 3 (the AWS SDK's standard mode). */
  readonly attempts?: number;
  /** Pause before the second attempt, doubled before each further one, milliseconds. Default 1 s. */
  readonly pause?: number;
}

/**
 * A bucket of tokens that refills with time. Counted in thousandths, so that a whole rate per second is whole per millisecond and the
 * level never depends on how often anyone looked.
 */
export class TokenBucket {
  readonly #rate: TokenRate;
  #level: number;
  #at = 0;

  constructor(rate: TokenRate) {
    this.#rate = rate;
    this.#level = rate.burst * 1000;
  }

  /** Whole tokens that are there at a time, which never goes back. */
  has(now: number): number {
    this.#fill(now);
    return Math.floor(this.#level / 1000);
  }

  take(count: number, now: number): void {
    this.#fill(now);
    this.#level -= count * 1000;
  }

  snapshot(): readonly [number, number] {
    return [this.#level, this.#at];
  }

  restore([level, at]: readonly [number, number]): void {
    this.#level = level;
    this.#at = at;
  }

  #fill(now: number): void {
    this.#level = Math.min(this.#rate.burst * 1000, this.#level + (now - this.#at) * this.#rate.perSecond);
    this.#at = now;
  }
}
