/** The back-off of a controller's queue for one key: 5 ms doubled with each failure, at most 1000 s. Success forgets. */
export class Retries {
  #failures = 0;

  next(): number {
    return Math.min(5 * 2 ** this.#failures++, 1_000_000);
  }

  forget(): void {
    this.#failures = 0;
  }
}
