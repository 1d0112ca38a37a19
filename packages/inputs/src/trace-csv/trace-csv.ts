import { Workload, type WorkloadRow } from '@plimsoll/core';
import { ProblemList } from '../problems/problem.ts';
import { ReceiptWriter } from '../receipt/receipt.ts';
import { workloadShape } from '../workload-shape/workload-shape.ts';
import { type Header, type HeaderName, resolveHeader } from './columns.ts';
import { CsvScanner } from './csv-scanner.ts';
import { anyText, text } from './fields.ts';
import { type ByteSource, GzipError, inflated } from './inflate.ts';
import { completeOptions, type TraceOptions } from './options.ts';
import { PodMapping } from './pod-mapping.ts';
import type { TraceReading } from './reading.ts';
import { positionIn, TraceRow } from './row.ts';

/** A run time of zero becomes this. */
const SHORTEST_RUN_MS = 1000;

/**
 * Reads a trace of pods in CSV form, plain or compressed with gzip: each row is an owner whose pods arrive together. A row with a
 * `duration_s` becomes a Job, one without a ReplicaSet that runs until the end.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export async function readTraceCsv(source: ByteSource, options: TraceOptions): Promise<TraceReading> {
  const reader = new TraceReader(options);
  try {
    for await (const chunk of inflated(source)) reader.push(chunk);
  } catch (error) {
    if (!(error instanceof GzipError)) throw error;
    reader.damagedGzip(error.message);
  }
  return reader.finish();
}

class TraceReader {
  readonly #file: string;
  readonly #problems = new ProblemList();
  readonly #scanner = new CsvScanner(() => this.#record());
  readonly #mapping: PodMapping;
  readonly #rows: WorkloadRow[] = [];
  readonly #lines = new Map<string, number>();
  #header: Header | undefined;
  #row: TraceRow | undefined;
  /** Set once the header or the form of the file is so wrong that its rows mean nothing. */
  #hopeless = false;
  #latest = 0;
  #disorder: { count: number; line: number } = { count: 0, line: 0 };
  #zeroes: { count: number; line: number } = { count: 0, line: 0 };

  constructor(options: TraceOptions) {
    this.#file = options.file;
    this.#mapping = new PodMapping(completeOptions(options));
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
    if (!this.#hopeless && this.#rows.length === 0 && problems.errors === 0) this.#empty();
    this.#warn();
    const warnings = problems.settle();
    const workload = Workload.of(this.#mapping.templates, this.#rows);
    const receipt = new ReceiptWriter();
    this.#mapping.report(receipt, workload.length);
    const { count, line } = this.#zeroes;
    receipt.approximated('duration_s', line, 'F0309', 'a run time of zero became one second', count);
    const { memoryDefault, cpuDefault, models } = this.#mapping;
    return {
      workload,
      receipt: receipt.finish(this.#file, 'rows', workload.length),
      shape: {
        ...workloadShape(workload),
        memoryMissing: memoryDefault.count === workload.length,
        cpuMissing: cpuDefault.count === workload.length,
        gpuModels: [...models].sort(),
      },
      problems: warnings,
    };
  }

  #record(): void {
    if (this.#hopeless) return;
    if (this.#header === undefined) {
      this.#readHeader();
      return;
    }
    const row = this.#row as TraceRow;
    if (!row.read()) return;
    const { line } = this.#scanner;
    const first = this.#lines.get(row.id);
    if (first !== undefined) {
      row.repeatedId(first);
      return;
    }
    this.#lines.set(row.id, line);
    if (row.arriveMs < this.#latest) {
      if (this.#disorder.count === 0) this.#disorder.line = line;
      this.#disorder.count += 1;
    } else this.#latest = row.arriveMs;
    let duration = row.durationMs;
    if (duration === 0) {
      if (this.#zeroes.count === 0) this.#zeroes.line = line;
      this.#zeroes.count += 1;
      duration = SHORTEST_RUN_MS;
    }
    this.#rows.push({
      name: row.id,
      template: this.#mapping.template(row, line),
      time: row.arriveMs,
      duration,
      count: row.count,
    });
  }

  #readHeader(): void {
    const scanner = this.#scanner;
    const { bytes, starts, ends, fields, line } = scanner;
    const names: HeaderName[] = [];
    for (let i = 0; i < Math.min(fields, starts.length); i++) {
      const name = text(bytes, starts[i], ends[i]);
      if (name === undefined) {
        this.#notText(starts[i], ends[i]);
        return;
      }
      const spaces = name.length - name.trimStart().length;
      names.push({ name: name.trim(), column: positionIn(scanner, starts[i], ends[i]).column + spaces });
    }
    const excerpt = anyText(bytes, scanner.recordStart, scanner.recordEnd).replace(/\r$/, '');
    this.#header = resolveHeader(names, { file: this.#file, line, excerpt }, this.#problems);
    if (this.#header === undefined) this.#hopeless = true;
    else this.#row = new TraceRow(scanner, this.#header, this.#file, this.#problems);
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
    const blank = this.#header === undefined;
    this.#problems.add({
      code: 'E0001',
      severity: 'error',
      file: this.#file,
      line: blank ? 1 : this.#scanner.line + 1,
      column: 1,
      message: blank ? 'the file is empty' : 'the trace has a header and no rows',
      accepted: 'a header and at least one row',
    });
  }

  #warn(): void {
    const at = { severity: 'warning', file: this.#file, column: 1 } as const;
    if (this.#disorder.count > 0) {
      const { line, count } = this.#disorder;
      const message = `rows are not in the order of arrive_s (${count} arrive before a row above them); they were sorted`;
      this.#problems.add({ ...at, code: 'W0201', line, path: 'arrive_s', message });
    }
    if (this.#zeroes.count > 0) {
      const { line, count } = this.#zeroes;
      this.#problems.add({
        ...at,
        code: 'W0202',
        line,
        path: 'duration_s',
        message: `${count} rows with a run time of zero run for one second`,
      });
    }
  }
}
