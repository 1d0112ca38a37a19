import type { PodSpec } from '../model/pod-spec.ts';
import type { WorkloadCall } from './objects.ts';

/** One row: an owner and the pods that it creates at one moment. */
export interface WorkloadRow {
  /** Name of the owner; its pods are called after it. Unique in a workload. */
  readonly name: string;
  /** Row of {@link Workload.templates}; the template's `controller` says what kind of owner it is. */
  readonly template: number;
  /** Milliseconds from the scenario's start, whole. */
  readonly time: number;
  /** Milliseconds that each pod runs once started, whole; Infinity for a service. */
  readonly duration: number;
  /** How many pods. */
  readonly count: number;
}

/** What crosses threads: two buffers that all readers share, the templates, and the calls. */
export interface SharedWorkload {
  readonly length: number;
  readonly columns: ArrayBufferLike;
  readonly names: ArrayBufferLike;
  readonly templates: readonly PodSpec[];
  /** Absent where controllers have nothing to do but {@link WorkloadRow}. */
  readonly calls?: readonly WorkloadCall[];
}

/** Bytes of a row in the columns buffer: time, duration (f64), template, count, first and last byte of the name (i32). */
const ROW = 32;

/**
 * All arrivals of a run, as sorted columns in one buffer that threads share. A row is an owner: a Job whose pods run for
 * `duration`, a ReplicaSet whose pods run until the end, or a bare pod. Beside the rows there may be calls to the API, for objects that change
 * as the run goes on.
 */
export class Workload {
  readonly length: number;
  readonly templates: readonly PodSpec[];
  /** Calls to the API in order of time; none for most workloads. */
  readonly calls: readonly WorkloadCall[];
  readonly time: Float64Array;
  readonly duration: Float64Array;
  readonly template: Int32Array;
  readonly count: Int32Array;
  readonly #nameStart: Int32Array;
  readonly #nameEnd: Int32Array;
  readonly #names: Uint8Array;
  readonly #shared: SharedWorkload;

  private constructor(shared: SharedWorkload) {
    const { length, columns, names, templates, calls = [] } = shared;
    this.#shared = shared;
    this.calls = calls;
    this.length = length;
    this.templates = templates;
    this.time = new Float64Array(columns, 0, length);
    this.duration = new Float64Array(columns, 8 * length, length);
    this.template = new Int32Array(columns, 16 * length, length);
    this.count = new Int32Array(columns, 20 * length, length);
    this.#nameStart = new Int32Array(columns, 24 * length, length);
    this.#nameEnd = new Int32Array(columns, 28 * length, length);
    this.#names = new Uint8Array(names);
  }

  /** Opens a workload that another thread made. Nothing is copied. */
  static open(shared: SharedWorkload): Workload {
    return new Workload(shared);
  }

  /**
   * Makes a workload from rows and calls in any order; those of equal time keep their order.
   *
   * @throws RangeError when a row's time, duration, count or template, or a call's time, is out of range.
   */
  static of(templates: readonly PodSpec[], rows: readonly WorkloadRow[], calls: readonly WorkloadCall[] = []): Workload {
    const order = rows.map((_, index) => index).sort((x, y) => rows[x].time - rows[y].time || x - y);
    const encoded = order.map((index) => encode(rows[index].name));
    const columns = shareable(ROW * rows.length);
    const names = shareable(encoded.reduce((sum, name) => sum + name.length, 0));
    for (const { time } of calls) {
      if (!(time >= 0 && time < Infinity) || time !== Math.floor(time))
        throw new RangeError(`call: time: expected whole milliseconds, got ${time}`);
    }
    const sorted = [...calls].sort((x, y) => x.time - y.time);
    const workload = new Workload({
      length: rows.length,
      columns,
      names,
      templates,
      ...(sorted.length > 0 && { calls: sorted }),
    });
    let at = 0;
    order.forEach((index, row) => {
      const { name, time, duration, count, template } = rows[index];
      if (!(time >= 0 && time < Infinity) || time !== Math.floor(time))
        throw new RangeError(`${name}: time: expected whole milliseconds, got ${time}`);
      if (!(duration >= 0) || (duration !== Infinity && duration !== Math.floor(duration))) {
        throw new RangeError(`${name}: duration: expected whole milliseconds or Infinity, got ${duration}`);
      }
      if (!(count >= 0 && count < 2 ** 31) || count !== Math.floor(count))
        throw new RangeError(`${name}: count: expected a whole number, got ${count}`);
      if (templates[template] === undefined) throw new RangeError(`${name}: template ${template} does not exist`);
      // Adding zero turns -0 into 0.
      workload.time[row] = time + 0;
      workload.duration[row] = duration;
      workload.template[row] = template;
      workload.count[row] = count;
      workload.#nameStart[row] = at;
      workload.#names.set(encoded[row], at);
      at += encoded[row].length;
      workload.#nameEnd[row] = at;
    });
    return workload;
  }

  /** Name of a row's owner. */
  name(row: number): string {
    return decode(this.#names, this.#nameStart[row], this.#nameEnd[row]);
  }

  /** How many pods all rows create. */
  get pods(): number {
    let sum = 0;
    for (let row = 0; row < this.length; row++) sum += this.count[row];
    return sum;
  }

  /** Time of the last row or call; 0 where there is none. */
  get lastTime(): number {
    const row = this.length === 0 ? 0 : this.time[this.length - 1];
    return Math.max(row, this.calls.at(-1)?.time ?? 0);
  }

  /** The form that crosses threads. */
  share(): SharedWorkload {
    return this.#shared;
  }
}

/** Shared memory where the host has it; browsers have it only on isolated pages. */
function shareable(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

/** UTF-16 code units as bytes, low byte first: names round-trip exactly and no encoder of the host is needed. */
function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 255;
    bytes[2 * i + 1] = unit >>> 8;
  }
  return bytes;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
  return text;
}
