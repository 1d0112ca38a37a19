/** One key of a delaying work queue: of several times it keeps the earliest, until that has come. */
export class DelayedKey {
  #at: number | undefined;
  readonly #wakeAt: (at: number) => void;

  constructor(wakeAt: (at: number) => void) {
    this.#wakeAt = wakeAt;
  }

  add(at: number): void {
    if (this.#at !== undefined && this.#at <= at) return;
    this.#at = at;
    this.#wakeAt(at);
  }

  /** Whether the time that is kept has come. */
  fire(now: number): boolean {
    if (this.#at === undefined || this.#at > now) return false;
    this.#at = undefined;
    return true;
  }
}
