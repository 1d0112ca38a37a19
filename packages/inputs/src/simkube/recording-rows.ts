import { CAPACITY_MAX, type ControllerKind, didYouMean, type PodSpec, Workload } from '@plimsoll/core';
import { suggestion } from '../problems/did-you-mean.ts';
import type { ProblemList } from '../problems/problem.ts';
import { ReceiptWriter } from '../receipt/receipt.ts';
import type { CsvForm, HeaderName } from '../trace-csv/columns.ts';
import { type RecordReader, Tally } from '../trace-csv/csv-form.ts';
import type { CompleteTraceOptions } from '../trace-csv/options.ts';
import type { TraceReading } from '../trace-csv/reading.ts';
import { EMPTY, type RecordFields } from '../trace-csv/record-fields.ts';
import { workloadShape } from '../workload-shape/workload-shape.ts';
import { Replicas } from './replicas.ts';

const COLUMNS = [
  'recording',
  't_s',
  'op',
  'kind',
  'name',
  'replicas',
  'req_cpu_m',
  'req_mem_mib',
  'lim_cpu_m',
  'lim_mem_mib',
  'containers',
  'node_selector',
  'has_affinity',
  'spread_constraints',
  'tolerations',
  'priority_class',
  'grace_s',
] as const;

type RecordingColumn = (typeof COLUMNS)[number];

/** The form of a recording: a row for each object that was applied or deleted. */
export const RECORDING: CsvForm<RecordingColumn> = {
  what: 'a recording',
  columns: COLUMNS,
  required: ['t_s', 'op', 'kind', 'name', 'replicas'],
};

/** Whether a header is that of a recording: no pod trace has these columns. */
export function isRecording(names: readonly HeaderName[]): boolean {
  const given = new Set(names.map(({ name }) => name));
  return given.has('op') && given.has('kind') && given.has('replicas');
}

const MIB = 2 ** 20;
const MIB_MAX = Math.floor(CAPACITY_MAX / MIB);
const CPU_MAX = 1e9;
const REPLICAS_MAX = 10_000_000;
const GRACE_MAX = 2 ** 31;

/** Kinds that bring pods, and the controller of those pods. */
const CONTROLLER: Readonly<Record<string, ControllerKind>> = {
  Deployment: 'ReplicaSet',
  ReplicaSet: 'ReplicaSet',
  StatefulSet: 'StatefulSet',
  Pod: 'none',
};

/** What a pod template has beyond requests: the file only counts it. */
const NOT_READ = ['node_selector', 'has_affinity', 'spread_constraints', 'tolerations', 'priority_class'] as const;

/** The rows of a recording of objects, as SimKube makes it. */
export class RecordingRows implements RecordReader {
  readonly #fields: RecordFields<RecordingColumn>;
  readonly #options: CompleteTraceOptions;
  readonly #replicas = new Replicas();
  readonly #recordings = new Map<string, Tally>();
  readonly #receipt = new ReceiptWriter();
  readonly #early = new Tally();
  #rows = 0;
  #latest = 0;
  #memoryGiven = false;
  #cpuGiven = false;

  constructor(fields: RecordFields<RecordingColumn>, options: CompleteTraceOptions) {
    this.#fields = fields;
    this.#options = options;
  }

  /** Recordings that were seen count as rows: the one asked for may be misspelt, which is then told. */
  get empty(): boolean {
    return this.#recordings.size === 0;
  }

  record(): void {
    const fields = this.#fields;
    const before = fields.problems.errors;
    if (!fields.complete()) return;
    const { line } = fields.scanner;
    const recording = fields.text('recording');
    let tally = this.#recordings.get(recording);
    if (tally === undefined) this.#recordings.set(recording, (tally = new Tally()));
    tally.add(line);
    const { recording: wanted = [...this.#recordings.keys()][0] } = this.#options;
    if (recording !== wanted) return;
    const time = fields.seconds('t_s', true);
    const op = fields.text('op');
    const kind = fields.text('kind');
    const name = fields.text('name');
    const replicas = fields.whole('replicas', REPLICAS_MAX);
    const spec = this.#spec(name, CONTROLLER[kind] ?? 'none');
    if (op !== 'apply' && op !== 'delete') {
      const message = `${JSON.stringify(op)} is not one of apply, delete`;
      const help = suggestion(op, ['apply', 'delete']);
      fields.fault('op', 'E0107', message, { seen: op, accepted: 'apply, delete', ...(help !== undefined && { help }) });
    }
    for (const column of ['kind', 'name'] as const) if (!fields.has(column)) fields.fault(column, 'E0101', `${column} is empty`);
    if (fields.problems.errors > before) return;
    this.#rows += 1;
    if (time < this.#latest) this.#early.add(line);
    else this.#latest = time;
    if (CONTROLLER[kind] === undefined) {
      this.#receipt.ignored(
        kind,
        line,
        'F0320',
        'only Deployments, ReplicaSets, StatefulSets and Pods bring pods from a recording',
      );
      return;
    }
    this.#receipt.honoured(kind, line);
    this.#countFields(line);
    const wantedReplicas = op === 'delete' ? 0 : replicas === EMPTY ? 1 : replicas;
    this.#replicas.set({ kind, name, replicas: wantedReplicas, time, line, spec });
  }

  #spec(name: string, controller: ControllerKind): PodSpec {
    const fields = this.#fields;
    const either = (request: number, limit: number): number => (request === EMPTY ? limit : request);
    const cpu = either(fields.whole('req_cpu_m', CPU_MAX), fields.whole('lim_cpu_m', CPU_MAX));
    const memory = either(fields.whole('req_mem_mib', MIB_MAX), fields.whole('lim_mem_mib', MIB_MAX));
    const grace = fields.whole('grace_s', GRACE_MAX);
    this.#cpuGiven ||= cpu !== EMPTY;
    this.#memoryGiven ||= memory !== EMPTY;
    const slash = name.indexOf('/');
    return {
      namespace: slash > 0 ? name.slice(0, slash) : 'default',
      labels: {},
      annotations: {},
      controller,
      containers: [{ requests: { ...(cpu !== EMPTY && { cpu }), ...(memory !== EMPTY && { memory: memory * MIB }) } }],
      ...(grace !== EMPTY && { gracePeriodSeconds: grace }),
    };
  }

  #countFields(line: number): void {
    const fields = this.#fields;
    for (const column of ['replicas', 'req_cpu_m', 'req_mem_mib', 'grace_s'] as const) {
      if (fields.has(column)) this.#receipt.honoured(column, line);
    }
    if (fields.text('containers') !== '' && fields.text('containers') !== '1') {
      this.#receipt.approximated('containers', line, 'F0321', 'the sums over the containers count as one container');
    }
    for (const column of NOT_READ) {
      const value = fields.text(column);
      if (value === '' || value === '0' || value === 'false') continue;
      this.#receipt.ignored(column, line, 'F0321', 'the recording says that there is such a rule, but not what it says');
    }
  }

  conclude(problems: ProblemList): void {
    const { recording, file } = this.#options;
    if (recording !== undefined && !this.#recordings.has(recording) && this.#recordings.size > 0) {
      const known = [...this.#recordings.keys()];
      const near = didYouMean(recording, known);
      problems.add({
        code: 'E0107',
        severity: 'error',
        file,
        line: 1,
        column: 1,
        message: `the file has no recording ${JSON.stringify(recording)}; it has ${known.join(', ')}`,
        ...(near !== undefined && { help: `did you mean ${JSON.stringify(near)}?` }),
      });
    }
    if (this.#early.count > 0) {
      const { line, count } = this.#early;
      const message = `rows are not in the order of t_s (${count} are earlier than a row above them), so replicas can't be followed`;
      problems.add({ code: 'E0110', severity: 'error', file, line, column: 1, path: 't_s', message });
    }
  }

  result(): Omit<TraceReading, 'problems'> {
    const { templates, rows, taken } = this.#replicas.finish();
    const receipt = this.#receipt;
    const { recording: wanted = [...this.#recordings.keys()][0], file } = this.#options;
    const why = 'the newest replicas end when fewer are wanted; a pod that waited ends that much later';
    receipt.approximated('replicas taken away', 0, 'F0330', why, taken);
    for (const [name, { line, count }] of this.#recordings) {
      if (name !== wanted) receipt.ignored(`recording ${name}`, line, 'F0331', `only the recording ${wanted} is read`, count);
    }
    const workload = Workload.of(templates, rows);
    return {
      workload,
      placeOf: (row) => {
        const name = workload.name(row);
        return { file, line: rows.find((other) => other.name === name)?.line ?? 1, column: 1 };
      },
      receipt: receipt.finish(file, 'rows', this.#rows),
      shape: { ...workloadShape(workload), memoryMissing: !this.#memoryGiven, cpuMissing: !this.#cpuGiven, gpuModels: [] },
    };
  }
}
