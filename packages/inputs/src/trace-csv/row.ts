import { CAPACITY_MAX } from '@plimsoll/core';
import type { ProblemCode } from '../problems/codes.ts';
import type { ProblemList } from '../problems/problem.ts';
import type { Header, TraceColumn } from './columns.ts';
import type { CsvScanner } from './csv-scanner.ts';
import { anyText, milliseconds, text, wholeNumber } from './fields.ts';
import { numberFault } from './number-problem.ts';

/** Largest count of pods in a row. */
const COUNT_MAX = 10_000_000;
/** Largest time in seconds: three hundred years. */
const SECONDS_MAX = 1e10;
const MIB_MAX = Math.floor(CAPACITY_MAX / 2 ** 20);
const GIB_MAX = Math.floor(CAPACITY_MAX / 2 ** 30);
const CPU_MAX = 1e9;
const GPU_MAX = 1e6;

/** Stands for an empty field of a number. */
export const EMPTY = -1;

/**
 * The values of the scanner's current record, checked. One object is used for all rows. An empty number is {@link EMPTY}, an empty
 * `count` 1; an empty `duration_s` is Infinity.
 */
export class TraceRow {
  id = '';
  arriveMs = 0;
  durationMs = 0;
  count = 1;
  cpuMilli = EMPTY;
  memoryMiB = EMPTY;
  gpu = EMPTY;
  gpuMilli = EMPTY;
  gpuModels = '';
  diskGiB = EMPTY;
  maxPerNode = EMPTY;
  constraints = '';
  readonly #scanner: CsvScanner;
  readonly #header: Header;
  readonly #file: string;
  readonly #problems: ProblemList;

  constructor(scanner: CsvScanner, header: Header, file: string, problems: ProblemList) {
    this.#scanner = scanner;
    this.#header = header;
    this.#file = file;
    this.#problems = problems;
  }

  /** Reads the current record. False where something was wrong with it, which is then in the list of problems. */
  read(): boolean {
    const scanner = this.#scanner;
    const header = this.#header;
    const before = this.#problems.errors;
    if (scanner.fields !== header.width) return this.#wrongWidth();
    this.id = this.#text('id');
    if (this.id === '') this.#fault('id', 'E0101', 'id is empty', 'a name that no other row has');
    this.arriveMs = this.#seconds('arrive_s', true);
    this.durationMs = this.#seconds('duration_s', false);
    if (this.durationMs === EMPTY) this.durationMs = Number.POSITIVE_INFINITY;
    this.count = this.#whole('count', COUNT_MAX);
    if (this.count === EMPTY) this.count = 1;
    if (this.count === 0) this.#fault('count', 'E0110', 'count must be at least 1, got 0', 'a whole number of at least 1');
    this.cpuMilli = this.#whole('cpu_m', CPU_MAX);
    this.memoryMiB = this.#whole('mem_mib', MIB_MAX);
    this.gpu = this.#whole('gpu', GPU_MAX);
    this.gpuMilli = this.#whole('gpu_milli', 1000);
    this.gpuModels = this.#text('gpu_models');
    this.diskGiB = this.#whole('disk_gib', GIB_MAX);
    this.maxPerNode = this.#whole('max_per_node', COUNT_MAX);
    this.constraints = this.#text('constraints');
    return this.#problems.errors === before;
  }

  /** Whether a column is there and its field is not empty. */
  has(column: TraceColumn): boolean {
    const index = this.#header[column];
    return index >= 0 && this.#scanner.ends[index] > this.#scanner.starts[index];
  }

  #whole(column: TraceColumn, max: number): number {
    const index = this.#header[column];
    if (index < 0) return EMPTY;
    const { bytes, starts, ends } = this.#scanner;
    if (starts[index] === ends[index]) return EMPTY;
    const value = wholeNumber(bytes, starts[index], ends[index]);
    if (value <= max) return value;
    return this.#notNumber(column, { seconds: false, max }, (trimmed) => wholeNumber(trimmed, 0, trimmed.length));
  }

  #seconds(column: TraceColumn, required: boolean): number {
    const index = this.#header[column];
    if (index < 0) return EMPTY;
    const { bytes, starts, ends } = this.#scanner;
    if (starts[index] === ends[index] && !required) return EMPTY;
    const value = milliseconds(bytes, starts[index], ends[index]);
    if (value <= SECONDS_MAX * 1000) return value;
    return this.#notNumber(column, { seconds: true, max: SECONDS_MAX }, (trimmed) => milliseconds(trimmed, 0, trimmed.length));
  }

  /** Spaces around a number are forgiven; all else is told. */
  #notNumber(
    column: TraceColumn,
    wants: { readonly seconds: boolean; readonly max: number },
    parse: (bytes: Uint8Array) => number,
  ): number {
    const { bytes, starts, ends } = this.#scanner;
    const index = this.#header[column];
    const seen = anyText(bytes, starts[index], ends[index]).trim();
    const value = parse(new TextEncoder().encode(seen));
    if (value <= wants.max * (wants.seconds ? 1000 : 1)) return value;
    const fault = numberFault(column, seen, wants);
    this.#fault(column, fault.code, fault.message, fault.accepted, seen);
    return EMPTY;
  }

  #text(column: TraceColumn): string {
    const index = this.#header[column];
    if (index < 0) return '';
    const { bytes, starts, ends } = this.#scanner;
    const start = starts[index];
    const out = text(bytes, start, ends[index]);
    if (out === undefined) {
      this.#fault(column, 'E0002', `${column} holds bytes that are no text`, 'UTF-8 text');
      return '?';
    }
    // Only a quoted field can hold doubled quotes that stand for one.
    return start > 0 && bytes[start - 1] === 34 && out.includes('""') ? out.replaceAll('""', '"') : out;
  }

  /** Adds an error at a field. */
  #fault(column: TraceColumn, code: ProblemCode, message: string, accepted: string, seen?: string): void {
    const index = this.#header[column];
    this.#problems.add({
      code,
      severity: 'error',
      file: this.#file,
      ...positionIn(this.#scanner, this.#scanner.starts[index], this.#scanner.ends[index]),
      path: column,
      message,
      accepted,
      ...(seen !== undefined && { seen }),
    });
  }

  /** Adds an error about the whole of a row's id. */
  repeatedId(firstLine: number): void {
    this.#fault(
      'id',
      'E0108',
      `id ${JSON.stringify(this.id)} is also that of line ${firstLine}`,
      'a name that no other row has',
      this.id,
    );
  }

  #wrongWidth(): false {
    const scanner = this.#scanner;
    const { width } = this.#header;
    const extra = scanner.fields > width && width < scanner.starts.length;
    const at = extra ? scanner.starts[width] : scanner.recordEnd;
    this.#problems.add({
      code: 'E0109',
      severity: 'error',
      file: this.#file,
      ...positionIn(scanner, at, extra ? scanner.recordEnd : at),
      message: `expected ${width} fields as in the header, got ${scanner.fields}`,
      seen: String(scanner.fields),
      accepted: String(width),
      ...(scanner.fields > width && { help: 'put quotes around a field that holds a comma' }),
    });
    return false;
  }
}

/** Line, column, width and excerpt of some bytes of the scanner's current record. */
export function positionIn(
  scanner: CsvScanner,
  start: number,
  end: number,
): { line: number; column: number; width: number; excerpt: string } {
  const { bytes } = scanner;
  let line = scanner.line;
  let lineStart = scanner.recordStart;
  for (let i = lineStart; i < start; i++) {
    if (bytes[i] !== 10) continue;
    line += 1;
    lineStart = i + 1;
  }
  let lineEnd = start;
  while (lineEnd < bytes.length && lineEnd < start + 2000 && bytes[lineEnd] !== 10 && bytes[lineEnd] !== 13) lineEnd += 1;
  return {
    line,
    column: anyText(bytes, lineStart, start).length + 1,
    width: Math.max(1, anyText(bytes, start, Math.min(end, lineEnd)).length),
    excerpt: anyText(bytes, lineStart, lineEnd),
  };
}
