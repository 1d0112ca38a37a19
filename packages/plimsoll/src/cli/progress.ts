import { formatDuration } from '@plimsoll/core';

/** Least real time between two updates, milliseconds. */
const INTERVAL_MS = 200;

/** One line on stderr that says how far each run is; silent where stderr is no terminal. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #active: boolean;
  #runs: readonly { readonly name: string; readonly span: number }[] = [];
  #now: number[] = [];
  #shownAt = 0;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, wanted: boolean) {
    this.#stream = stream;
    this.#active = stream.isTTY === true && wanted;
  }

  /** The runs that will be told of, and how many simulated milliseconds each is expected to take. */
  expect(runs: readonly { readonly name: string; readonly span: number }[]): void {
    this.#runs = runs;
    this.#now = runs.map(() => 0);
  }

  update(index: number, now: number): void {
    if (!this.#active) return;
    this.#now[index] = now;
    const at = Date.now();
    if (at - this.#shownAt < INTERVAL_MS) return;
    this.#shownAt = at;
    this.#shown = true;
    const parts = this.#runs.map(({ name, span }, i) => {
      const share = span > 0 ? Math.min(99, Math.floor((this.#now[i] / span) * 100)) : 0;
      return `${name} ${formatDuration(this.#now[i])} (${share} %)`;
    });
    this.#stream.write(`\r\u001b[2K${parts.join('   ').slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[2K');
    this.#shown = false;
  }
}
