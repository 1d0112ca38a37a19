import { type ClientLimit, type Distribution, quantileMs, type RandomStream, TokenBucket } from '@plimsoll/core';

/** How fast controllers are. */
export interface ControllerPace {
  /** From a change until a controller has heard of it and works on it: watch delay and a turn of the work queue. */
  readonly reaction: Distribution;
  /** How long one call to the API takes. */
  readonly write: Distribution;
  /** The limit of each controller's own client. Absent: none. */
  readonly limit?: ClientLimit;
  /** When a write is done that reaches the server at a time and takes so long there. Absent: it finds the server idle. */
  readonly call?: (at: number, serviceMs: number) => number;
}

/** One controller's way to the API: its calls wait for its own limit, and each takes its time. */
export class ControllerClient {
  readonly #pace: ControllerPace;
  readonly #chance: RandomStream;
  readonly #bucket: TokenBucket | undefined;

  constructor(pace: ControllerPace, chance: RandomStream) {
    this.#pace = pace;
    this.#chance = chance;
    this.#bucket = pace.limit && new TokenBucket(pace.limit);
  }

  /** When a controller begins to work on a change of now. */
  heard(now: number): number {
    return now + quantileMs(this.#pace.reaction, this.#chance.next());
  }

  /** When a call that is wanted now is done. */
  done(now: number): number {
    const from = this.#bucket === undefined ? now : Math.ceil(this.#bucket.reserve(now));
    const service = quantileMs(this.#pace.write, this.#chance.next());
    return this.#pace.call?.(from, service) ?? from + service;
  }

  /** The same for the API's answer of several calls: batches of 1, 2, 4, …, each after the one before. Returns the time of each call. */
  slowStart(count: number, now: number): number[] {
    const times: number[] = [];
    let from = now;
    for (let batch = Math.min(1, count); batch > 0; batch = Math.min(2 * batch, count - times.length)) {
      let end = from;
      for (let n = 0; n < batch; n++) {
        const at = this.done(from);
        times.push(at);
        if (at > end) end = at;
      }
      from = end;
    }
    return times;
  }

  snapshot(): number | null {
    return this.#bucket?.snapshot() ?? null;
  }

  restore(saved: number | null): void {
    this.#bucket?.restore(saved);
  }
}
