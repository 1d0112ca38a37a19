/** Tokens that fill at a rate and hold one at most. */
class SingleToken {
  /** Tokens a second; 0 never gives one. In 32 bits, as the real settings are. */
  readonly rate: number;
  #at: number;
  #tokens = 1;

  constructor(rate: number, now: number) {
    this.rate = rate;
    this.#at = now;
  }

  take(now: number): boolean {
    if (this.rate <= 0) return false;
    const tokens = Math.min(1, this.#tokens + ((now - this.#at) / 1000) * Math.fround(this.rate));
    if (tokens < 1) return false;
    this.#at = now;
    this.#tokens = tokens - 1;
    return true;
  }
}

/**
 * The nodes of a zone that wait for their NoExecute taint, at a limited rate.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go`.
 */
export class TaintingQueue {
  readonly #waiting: string[] = [];
  /** Those that wait and those that were handled: neither is taken again before it is removed. */
  readonly #known = new Set<string>();
  #token: SingleToken;

  constructor(rate: number, now: number) {
    this.#token = new SingleToken(rate, now);
  }

  add(node: string): void {
    if (this.#known.has(node)) return;
    this.#known.add(node);
    this.#waiting.push(node);
  }

  remove(node: string): void {
    this.#known.delete(node);
    const index = this.#waiting.indexOf(node);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** Hands out as many waiting nodes as the rate allows. A node costs its token whatever is done with it. */
  process(now: number, handle: (node: string) => void): void {
    while (this.#waiting.length > 0 && this.#token.take(now)) handle(this.#waiting.shift() as string);
  }

  /** Another rate: one that was used up starts used up. */
  setRate(rate: number, now: number): void {
    if (rate === this.#token.rate) return;
    const spent = rate > 0 && !this.#token.take(now);
    this.#token = new SingleToken(rate, now);
    if (spent) this.#token.take(now);
  }
}
