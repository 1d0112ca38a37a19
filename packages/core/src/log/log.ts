import type { LoggedDecision } from '../contracts/decision.ts';
import { Digest } from './digest.ts';
import { RECORD } from './records.ts';

const CHUNK = 65_536;

/** The columns of a log, in order of time. Row i is one record: see {@link RECORD} for the meaning of a, b and c. */
export interface LogColumns {
  readonly length: number;
  readonly time: Float64Array;
  readonly kind: Uint8Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly c: Int32Array;
}

/** What a {@link Log} saves. */
export interface LogSnapshot {
  readonly columns: LogColumns;
  readonly decisions: readonly LoggedDecision[];
  readonly digest: readonly [number, number];
}

interface Chunk {
  time: Float64Array;
  kind: Uint8Array;
  a: Int32Array;
  b: Int32Array;
  c: Int32Array;
}

/**
 * Everything that happened, in columns of 21 bytes a record, with a running digest. Everything that people see is computed
 * from it.
 */
export class Log {
  readonly #chunks: Chunk[] = [];
  readonly #digest = new Digest();
  readonly #decisions: LoggedDecision[] = [];
  #length = 0;
  #current: Chunk;

  constructor() {
    this.#current = this.#open();
  }

  get length(): number {
    return this.#length;
  }

  /** Time of the last record; 0 where there is none. */
  get lastTime(): number {
    return this.#length === 0 ? 0 : this.#current.time[(this.#length - 1) % CHUNK];
  }

  /** Decisions in the order taken; a decision's row in this list is its id. */
  get decisions(): readonly LoggedDecision[] {
    return this.#decisions;
  }

  /** Appends a record. `time` is the current simulated time. */
  append(time: number, kind: number, a: number, b = -1, c = -1): void {
    const row = this.#length % CHUNK;
    if (row === 0 && this.#length > 0) this.#current = this.#open();
    const chunk = this.#current;
    chunk.time[row] = time;
    chunk.kind[row] = kind;
    chunk.a[row] = a;
    chunk.b[row] = b;
    chunk.c[row] = c;
    this.#length++;
    const digest = this.#digest;
    digest.whole(time);
    digest.int(kind);
    digest.int(a);
    digest.int(b);
    digest.int(c);
  }

  /** Appends a decision and its record; returns the decision's id. Names and messages are no part of the digest. */
  decide(decision: LoggedDecision): number {
    const id = this.#decisions.push(decision) - 1;
    this.#digest.text(decision.kind);
    this.#digest.int(decision.subject);
    this.#digest.text(decision.because.code);
    this.append(decision.at, RECORD.decided, id);
    return id;
  }

  /** The digest of all records and decisions so far. */
  digest(): string {
    return this.#digest.hex();
  }

  /** All records as one set of columns (copied). */
  columns(): LogColumns {
    const length = this.#length;
    const out = {
      length,
      time: new Float64Array(length),
      kind: new Uint8Array(length),
      a: new Int32Array(length),
      b: new Int32Array(length),
      c: new Int32Array(length),
    };
    this.#chunks.forEach((chunk, index) => {
      const from = index * CHUNK;
      const count = Math.min(CHUNK, length - from);
      if (count <= 0) return;
      out.time.set(chunk.time.subarray(0, count), from);
      out.kind.set(chunk.kind.subarray(0, count), from);
      out.a.set(chunk.a.subarray(0, count), from);
      out.b.set(chunk.b.subarray(0, count), from);
      out.c.set(chunk.c.subarray(0, count), from);
    });
    return out;
  }

  snapshot(): LogSnapshot {
    return { columns: this.columns(), decisions: [...this.#decisions], digest: this.#digest.snapshot() };
  }

  /** Fills an empty log. */
  restore({ columns, decisions, digest }: LogSnapshot): void {
    if (this.#length !== 0) throw new Error('a log is restored only while it is empty');
    for (let row = 0; row < columns.length; row++) {
      this.append(columns.time[row], columns.kind[row], columns.a[row], columns.b[row], columns.c[row]);
    }
    this.#decisions.push(...decisions);
    this.#digest.restore(digest);
  }

  #open(): Chunk {
    const chunk = {
      time: new Float64Array(CHUNK),
      kind: new Uint8Array(CHUNK),
      a: new Int32Array(CHUNK),
      b: new Int32Array(CHUNK),
      c: new Int32Array(CHUNK),
    };
    this.#chunks.push(chunk);
    return chunk;
  }
}
