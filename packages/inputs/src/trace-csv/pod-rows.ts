import { Workload, type WorkloadRow } from '@plimsoll/core';
import type { ProblemList } from '../problems/problem.ts';
import { ReceiptWriter } from '../receipt/receipt.ts';
import { workloadShape } from '../workload-shape/workload-shape.ts';
import type { TraceColumn } from './columns.ts';
import { type RecordReader, Tally } from './csv-form.ts';
import { NameIndex } from './name-index.ts';
import type { CompleteTraceOptions } from './options.ts';
import { PodMapping } from './pod-mapping.ts';
import type { TraceReading } from './reading.ts';
import type { RecordFields } from './record-fields.ts';
import { TraceRow } from './row.ts';

/** A run time of zero becomes this. */
const SHORTEST_RUN_MS = 1000;

/** The rows of a pod trace: each is an owner whose pods arrive together. */
export class PodRows implements RecordReader {
  readonly #fields: RecordFields<TraceColumn>;
  readonly #row: TraceRow;
  readonly #mapping: PodMapping;
  readonly #file: string;
  readonly #rows: WorkloadRow[] = [];
  readonly #ids = new NameIndex();
  /** Line of each id, in the order of the index. */
  readonly #lines: number[] = [];
  readonly #early = new Tally();
  readonly #zeroes = new Tally();
  #latest = 0;

  constructor(fields: RecordFields<TraceColumn>, options: CompleteTraceOptions) {
    this.#fields = fields;
    this.#row = new TraceRow(fields);
    this.#mapping = new PodMapping(options);
    this.#file = options.file;
  }

  get empty(): boolean {
    return this.#rows.length === 0;
  }

  record(): void {
    const row = this.#row;
    if (!row.read()) return;
    const { line } = this.#fields.scanner;
    const first = this.#ids.add(row.id);
    if (first >= 0) {
      const message = `id ${JSON.stringify(row.id)} is also that of line ${this.#lines[first]}`;
      this.#fields.fault('id', 'E0108', message, { seen: row.id });
      return;
    }
    this.#lines.push(line);
    if (row.arriveMs < this.#latest) this.#early.add(line);
    else this.#latest = row.arriveMs;
    let duration = row.durationMs;
    if (duration === 0) {
      this.#zeroes.add(line);
      duration = SHORTEST_RUN_MS;
    }
    const template = this.#mapping.template(row, line);
    this.#rows.push({ name: row.id, template, time: row.arriveMs, duration, count: row.count });
  }

  conclude(problems: ProblemList): void {
    const at = { severity: 'warning', file: this.#file, column: 1 } as const;
    if (this.#early.count > 0) {
      const { line, count } = this.#early;
      const message = `rows are not in the order of arrive_s (${count} arrive before a row above them); they were sorted`;
      problems.add({ ...at, code: 'W0201', line, path: 'arrive_s', message });
    }
    if (this.#zeroes.count > 0) {
      const { line, count } = this.#zeroes;
      const message = `${count} ${count === 1 ? 'row' : 'rows'} with a run time of zero run for one second`;
      problems.add({ ...at, code: 'W0202', line, path: 'duration_s', message });
    }
  }

  result(): Omit<TraceReading, 'problems'> {
    const workload = Workload.of(this.#mapping.templates, this.#rows);
    const receipt = new ReceiptWriter();
    this.#mapping.report(receipt, workload.length);
    const { count, line } = this.#zeroes;
    receipt.approximated('duration_s', line, 'F0309', 'a run time of zero became one second', count);
    const { memoryDefault, cpuDefault, models } = this.#mapping;
    return {
      workload,
      placeOf: (row) => {
        const name = workload.name(row);
        const record = this.#rows.findIndex((other) => other.name === name);
        return { file: this.#file, line: this.#lines[record], column: 1, width: name.length };
      },
      receipt: receipt.finish(this.#file, 'rows', workload.length),
      shape: {
        ...workloadShape(workload),
        memoryMissing: memoryDefault.count === workload.length,
        cpuMissing: cpuDefault.count === workload.length,
        gpuModels: [...models].sort(),
      },
    };
  }
}
