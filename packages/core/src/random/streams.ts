import seedrandom from 'seedrandom';

/** A source of chance: whole 32-bit words in a fixed order. */
export interface RandomStream {
  /** A number in [0, 1) with 32 bits. */
  next(): number;
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
}

/** Chance by subject instead of by order: the same subject always meets the same number, however many others were asked before. */
export interface KeyedStream {
  /** The number in [0, 1) of a subject, a whole number. `draw` tells apart several numbers for one subject. */
  at(subject: number, draw?: number): number;
}

/** Saved state of every stream that was opened by order of calls. */
export type StreamsSnapshot = Readonly<Record<string, unknown>>;

type Alea = seedrandom.StatefulPRNG<seedrandom.State.Alea>;

/**
 * The named streams of one run. A stream's name says *what* it decides about, as a path: `stream('boot', nodeName)`.
 * Names never include the variant, so two variants meet the same chance. The same seed and path give the same numbers
 * on every machine.
 */
export class Streams {
  readonly #seed: string;
  readonly #open = new Map<string, { next: Alea }>();
  readonly #keyed = new Map<string, KeyedStream>();

  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`seed: expected a whole number, got ${seed}`);
    this.#seed = String(seed);
  }

  /** The stream of a path; numbers come in the order of calls. Its state is saved in snapshots. */
  stream(...path: readonly (string | number)[]): RandomStream {
    const name = JSON.stringify(path);
    let opened = this.#open.get(name);
    if (opened === undefined) {
      opened = { next: this.#fresh(name) };
      this.#open.set(name, opened);
    }
    // A restore replaces the generator behind a stream that someone holds already.
    const source = opened;
    return { next: () => source.next(), below: (below) => Math.floor(source.next() * below) };
  }

  /**
   * The keyed stream of a path. It has no state: cheap enough to be asked per pod (a seeded generator per pod would cost
   * microseconds each), and independent of the order of questions.
   */
  keyed(...path: readonly (string | number)[]): KeyedStream {
    const name = JSON.stringify(path);
    let stream = this.#keyed.get(name);
    if (stream === undefined) {
      const alea = seedrandom.alea(this.#seeded(name));
      const k0 = alea.int32();
      const k1 = alea.int32();
      stream = { at: (subject, draw = 0) => mix(subject, draw, k0, k1) / 2 ** 32 };
      this.#keyed.set(name, stream);
    }
    return stream;
  }

  snapshot(): StreamsSnapshot {
    const out: Record<string, unknown> = {};
    for (const [name, { next }] of this.#open) out[name] = next.state();
    return out;
  }

  /** Puts every stream where the snapshot has it, those that are held already included; others start afresh. */
  restore(snapshot: StreamsSnapshot): void {
    for (const [name, opened] of this.#open) opened.next = this.#fresh(name);
    for (const [name, state] of Object.entries(snapshot)) {
      const next = seedrandom.alea('', { state: state as seedrandom.State.Alea });
      const opened = this.#open.get(name);
      if (opened === undefined) this.#open.set(name, { next });
      else opened.next = next;
    }
  }

  #fresh(name: string): Alea {
    return seedrandom.alea(this.#seeded(name), { state: true });
  }

  #seeded(name: string): string {
    return `${this.#seed}:${name}`;
  }
}

/** Two rounds of a 32-bit finaliser over subject and draw, keyed; integer operations only. */
function mix(subject: number, draw: number, k0: number, k1: number): number {
  let h = Math.imul((subject | 0) ^ k0, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ Math.imul((subject / 2 ** 32) | 0, 0x9e3779b1), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16) ^ Math.imul(draw + 1, 0x27d4eb2f) ^ k1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
