import type { ProblemCode } from '../problems/codes.ts';
import type { ProblemList } from '../problems/problem.ts';
import type { Header } from './columns.ts';
import type { CsvScanner } from './csv-scanner.ts';
import { anyText, milliseconds, text, wholeNumber } from './fields.ts';
import { numberFault } from './number-problem.ts';

/** Largest time in seconds: three hundred years. */
const SECONDS_MAX = 1e10;

/** Stands for an empty field of a number, or for a column that the file lacks. */
export const EMPTY = -1;

/** Typed fields of the scanner's current record, by the name of their column. What is wrong goes to the list of problems. */
export class RecordFields<Column extends string> {
  readonly scanner: CsvScanner;
  readonly problems: ProblemList;
  readonly #header: Header<Column>;
  readonly #file: string;

  constructor(scanner: CsvScanner, header: Header<Column>, file: string, problems: ProblemList) {
    this.scanner = scanner;
    this.problems = problems;
    this.#header = header;
    this.#file = file;
  }

  /** Whether the record has as many fields as the header; reports it where not. */
  complete(): boolean {
    const { scanner } = this;
    const { width } = this.#header;
    if (scanner.fields === width) return true;
    const extra = scanner.fields > width && width < scanner.starts.length;
    const at = extra ? scanner.starts[width] : scanner.recordEnd;
    this.problems.add({
      code: 'E0109',
      severity: 'error',
      file: this.#file,
      ...positionIn(scanner, at, extra ? scanner.recordEnd : at),
      message: `expected ${width} fields as in the header, got ${scanner.fields}`,
      seen: String(scanner.fields),
      accepted: String(width),
      ...(extra && { help: 'put quotes around a field that holds a comma' }),
    });
    return false;
  }

  /** Whether a column is there and its field is not empty. */
  has(column: Column): boolean {
    const index = this.#header.index[column];
    return index >= 0 && this.scanner.ends[index] > this.scanner.starts[index];
  }

  /** A whole number of at most `max`. */
  whole(column: Column, max: number): number {
    const index = this.#header.index[column];
    if (index < 0) return EMPTY;
    const { bytes, starts, ends } = this.scanner;
    if (starts[index] === ends[index]) return EMPTY;
    const value = wholeNumber(bytes, starts[index], ends[index]);
    if (value <= max) return value;
    return this.#notNumber(column, { seconds: false, max }, (trimmed) => wholeNumber(trimmed, 0, trimmed.length));
  }

  /** Seconds, as whole milliseconds. */
  seconds(column: Column, required: boolean): number {
    const index = this.#header.index[column];
    if (index < 0) return EMPTY;
    const { bytes, starts, ends } = this.scanner;
    if (starts[index] === ends[index] && !required) return EMPTY;
    const value = milliseconds(bytes, starts[index], ends[index]);
    if (value <= SECONDS_MAX * 1000) return value;
    return this.#notNumber(column, { seconds: true, max: SECONDS_MAX }, (trimmed) => milliseconds(trimmed, 0, trimmed.length));
  }

  /** Spaces around a number are forgiven; all else is told. */
  #notNumber(
    column: Column,
    wants: { readonly seconds: boolean; readonly max: number },
    parse: (bytes: Uint8Array) => number,
  ): number {
    const { bytes, starts, ends } = this.scanner;
    const index = this.#header.index[column];
    const seen = anyText(bytes, starts[index], ends[index]).trim();
    const value = parse(new TextEncoder().encode(seen));
    if (value <= wants.max * (wants.seconds ? 1000 : 1)) return value;
    const { code, message, accepted } = numberFault(column, seen, wants);
    this.fault(column, code, message, { accepted, seen });
    return EMPTY;
  }

  /** A text; empty where the column is absent. */
  text(column: Column): string {
    const index = this.#header.index[column];
    if (index < 0) return '';
    const { bytes, starts, ends } = this.scanner;
    const start = starts[index];
    const out = text(bytes, start, ends[index]);
    if (out === undefined) {
      this.fault(column, 'E0002', `${column} holds bytes that are no text`, { accepted: 'UTF-8 text' });
      return '?';
    }
    // Only a quoted field can hold doubled quotes that stand for one.
    return start > 0 && bytes[start - 1] === 34 && out.includes('""') ? out.replaceAll('""', '"') : out;
  }

  /** Reports an error at a field. */
  fault(
    column: Column,
    code: ProblemCode,
    message: string,
    details: { readonly accepted?: string; readonly seen?: string; readonly help?: string } = {},
  ): void {
    const index = this.#header.index[column];
    const position = positionIn(this.scanner, this.scanner.starts[index], this.scanner.ends[index]);
    this.problems.add({ code, severity: 'error', file: this.#file, ...position, path: column, message, ...details });
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
