import { type Distribution, quantile, type RandomStream, Streams } from '@plimsoll/core';

/** Chance for a generator: draws from one named stream. */
export class Chance {
  readonly #stream: RandomStream;

  constructor(seed: number, name: string) {
    this.#stream = new Streams(seed).stream('workload', name);
  }

  /** A whole number from a distribution, at least `least`. */
  draw(distribution: Distribution, least = 1): number {
    return Math.max(least, Math.round(quantile(distribution, this.#stream.next())));
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + this.#stream.below(to - from + 1);
  }

  /** One of the choices, by weight. */
  pick<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#stream.next() * total;
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    return choices[choices.length - 1][1];
  }

  /** Times of a Poisson process in [from, to), seconds: `rate` events per second. */
  arrivals(from: number, to: number, rate: number): number[] {
    const times: number[] = [];
    for (let at = from; ; ) {
      at += quantile({ kind: 'exponential', mean: 1 / rate }, this.#stream.next());
      if (at >= to) return times;
      times.push(Math.floor(at));
    }
  }
}
