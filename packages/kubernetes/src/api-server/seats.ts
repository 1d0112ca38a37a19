/** How long a request waits for a seat before it is refused, milliseconds: a quarter of the request timeout of 60 s. Source: Kubernetes v1.36, `apiserver/pkg/server/filters/priority-and-fairness.go`. */
export const QUEUE_WAIT_MAX = 15_000;
/** After how long a refused client tries again, milliseconds: the Retry-After of a 429. Same source. */
export const RETRY_AFTER = 1000;

/** What became of a request. */
export interface Seating {
  /** When it is worked on. */
  readonly from: number;
  /** When it is answered. */
  readonly to: number;
  /** How often it was refused with 429 before. */
  readonly refusals: number;
}

/**
 * The seats of an API server: how many requests it works on at once. A request that finds none free waits in a queue; one that would
 * wait too long is refused with 429 and comes again. The more seats are taken, the longer each request takes.
 *
 * Priority levels and fair queues are left out: all requests share the seats in the order in which they come. A model of Kubernetes
 * v1.36, `apiserver/pkg/util/flowcontrol`; that a request slows down as 1 ÷ (1 − share taken) is a modelling default.
 */
export class Seats {
  readonly #total: number;
  /** Requests that are worked on: when they end, and the seats that they take. */
  #taken: { to: number; seats: number }[] = [];

  constructor(total: number) {
    this.#total = total;
  }

  /** Seats a request that arrives at a time, takes so many seats and, were it alone, so many milliseconds. */
  request(at: number, seats: number, serviceMs: number): Seating {
    const wanted = Math.min(seats, this.#total);
    let arrival = at;
    let refusals = 0;
    let from = this.#freeFrom(arrival, wanted);
    while (from - arrival > QUEUE_WAIT_MAX) {
      arrival += QUEUE_WAIT_MAX + RETRY_AFTER;
      refusals++;
      from = Math.max(from, arrival);
    }
    this.#taken = this.#taken.filter(({ to }) => to > at);
    const busy = this.#busyAt(from);
    // Never slower than twenty times: at the last seat the formula has no bound.
    const slower = Math.min(20, 1 / Math.max(0.05, 1 - busy / this.#total));
    const to = from + Math.ceil(serviceMs * slower);
    this.#taken.push({ to, seats: wanted });
    return { from, to, refusals };
  }

  snapshot(): readonly (readonly [number, number])[] {
    return this.#taken.map(({ to, seats }) => [to, seats]);
  }

  restore(saved: readonly (readonly [number, number])[]): void {
    this.#taken = saved.map(([to, seats]) => ({ to, seats }));
  }

  #busyAt(time: number): number {
    let busy = 0;
    for (const { to, seats } of this.#taken) if (to > time) busy += seats;
    return busy;
  }

  /** The first time from which so many seats are free. */
  #freeFrom(at: number, seats: number): number {
    let busy = this.#busyAt(at);
    if (busy + seats <= this.#total) return at;
    const ends = this.#taken.filter(({ to }) => to > at).sort((a, b) => a.to - b.to);
    for (const end of ends) {
      busy -= end.seats;
      if (busy + seats <= this.#total) return end.to;
    }
    return at;
  }
}
