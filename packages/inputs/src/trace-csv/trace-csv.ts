import { ProblemList } from '../problems/problem.ts';
import { isRecording, RECORDING, RecordingRows } from '../simkube/recording-rows.ts';
import { type HeaderLine, type HeaderName, POD_TRACE, REQUIRED_COLUMNS, refuseOtherForms, resolveHeader } from './columns.ts';
import type { RecordReader } from './csv-form.ts';
import { CsvScanner } from './csv-scanner.ts';
import { anyText, text } from './fields.ts';
import { type ByteSource, GzipError, inflated } from './inflate.ts';
import { type CompleteTraceOptions, completeOptions, type TraceOptions } from './options.ts';
import { PodRows } from './pod-rows.ts';
import type { TraceReading } from './reading.ts';
import { positionIn, RecordFields } from './record-fields.ts';

/**
 * Reads a trace in CSV form, plain or compressed with gzip. The header tells which of two forms it is:
 *
 * - a trace of pods: each row is an owner whose pods arrive together. A row with a `duration_s` becomes a Job, one without a ReplicaSet
 *   that runs until the end;
 * - a recording of objects made with SimKube: each row is an object that was applied or deleted. Replicas that are added become rows of
 *   their own, which run until they are taken away.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export async function readTraceCsv(source: ByteSource, options: TraceOptions): Promise<TraceReading> {
  const reader = new CsvReader(completeOptions(options));
  try {
    for await (const chunk of inflated(source)) reader.push(chunk);
  } catch (error) {
    if (!(error instanceof GzipError)) throw error;
    reader.damagedGzip(error.message);
  }
  return reader.finish();
}

class CsvReader {
  readonly #options: CompleteTraceOptions;
  readonly #file: string;
  readonly #problems = new ProblemList();
  readonly #scanner = new CsvScanner(() => this.#record());
  #rows: RecordReader | undefined;
  /** Set once the header, or the form of the file, is so wrong that its rows mean nothing. */
  #hopeless = false;

  constructor(options: CompleteTraceOptions) {
    this.#options = options;
    this.#file = options.file;
  }

  push(chunk: Uint8Array): void {
    if (!this.#hopeless) this.#scanner.push(chunk);
  }

  /** Rows before the damage would give a smaller trace without a word, so nothing is kept. */
  damagedGzip(reason: string): void {
    this.#hopeless = true;
    this.#problems.add({
      code: 'E0003',
      severity: 'error',
      file: this.#file,
      line: 1,
      column: 1,
      message: `the gzip data ends early or is damaged (${reason})`,
      help: 'fetch the file again; nothing of it was used',
    });
  }

  finish(): TraceReading {
    const problems = this.#problems;
    if (!this.#hopeless) this.#scanner.end();
    if (this.#scanner.fault !== undefined && !this.#hopeless) this.#scanFault();
    if (!this.#hopeless) {
      if (problems.errors === 0 && this.#rows?.empty !== false) this.#empty();
      this.#rows?.conclude(problems);
    }
    const warnings = problems.settle();
    return { ...(this.#rows as RecordReader).result(), problems: warnings };
  }

  #record(): void {
    if (this.#hopeless) return;
    if (this.#rows !== undefined) this.#rows.record();
    else {
      this.#rows = this.#readHeader();
      this.#hopeless = this.#rows === undefined;
    }
  }

  #readHeader(): RecordReader | undefined {
    const scanner = this.#scanner;
    const { bytes, starts, ends, fields, line } = scanner;
    const names: HeaderName[] = [];
    for (let i = 0; i < Math.min(fields, starts.length); i++) {
      const name = text(bytes, starts[i], ends[i]);
      if (name === undefined) {
        this.#notText(starts[i], ends[i]);
        return undefined;
      }
      const spaces = name.length - name.trimStart().length;
      names.push({ name: name.trim(), column: positionIn(scanner, starts[i], ends[i]).column + spaces });
    }
    const excerpt = anyText(bytes, scanner.recordStart, scanner.recordEnd).replace(/\r$/, '');
    const header: HeaderLine = { file: this.#file, line, excerpt, names };
    const problems = this.#problems;
    if (isRecording(names)) {
      const columns = resolveHeader(header, RECORDING, problems);
      return columns && new RecordingRows(new RecordFields(scanner, columns, this.#file, problems), this.#options);
    }
    if (refuseOtherForms(header, problems)) return undefined;
    const columns = resolveHeader(header, POD_TRACE, problems);
    return columns && new PodRows(new RecordFields(scanner, columns, this.#file, problems), this.#options);
  }

  #notText(start: number, end: number): void {
    this.#hopeless = true;
    const { line, column } = positionIn(this.#scanner, start, end);
    this.#problems.add({
      code: 'E0002',
      severity: 'error',
      file: this.#file,
      line,
      column,
      message: 'this is no text file',
      accepted: 'a CSV file in UTF-8, plain or compressed with gzip',
      help: 'a trace is a CSV file in UTF-8, plain or compressed with gzip',
    });
  }

  #scanFault(): void {
    const scanner = this.#scanner;
    if (scanner.fault === 'length') {
      this.#notText(scanner.faultAt, scanner.faultAt + 1);
      return;
    }
    this.#problems.add({
      code: 'E0111',
      severity: 'error',
      file: this.#file,
      ...positionIn(scanner, scanner.faultAt, scanner.faultAt + 1),
      message: 'this quoted field has no proper end',
      accepted: 'a closing quote before a comma or the end of the line',
      help: 'a quote inside a quoted field is written twice',
    });
  }

  #empty(): void {
    const blank = this.#rows === undefined;
    this.#problems.add({
      code: 'E0001',
      severity: 'error',
      file: this.#file,
      line: blank ? 1 : this.#scanner.line + 1,
      column: 1,
      message: blank ? 'the file is empty' : 'the trace has a header and no rows',
      accepted: 'a header and at least one row',
      help: blank
        ? `the first line names the columns: ${REQUIRED_COLUMNS.join(',')}`
        : 'every pod, or group of equal pods, is a row',
    });
  }
}
