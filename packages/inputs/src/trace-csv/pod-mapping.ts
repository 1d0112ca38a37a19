import { formatDuration, type Labels, type PodSpec, type ResourceList } from '@plimsoll/core';
import type { ReceiptWriter } from '../receipt/receipt.ts';
import type { TraceColumn } from './columns.ts';
import { Tally } from './csv-form.ts';
import type { CompleteTraceOptions } from './options.ts';
import { EMPTY } from './record-fields.ts';
import type { TraceRow } from './row.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Columns that describe the source and decide nothing here. */
const FOR_INFORMATION: readonly { readonly column: TraceColumn; readonly why: string }[] = [
  { column: 'group', why: 'pods of a group are not told apart from others' },
  { column: 'class', why: "the source's own classes have no meaning here" },
  { column: 'wait_s', why: 'how long the source let it wait is a result, not an input' },
  { column: 'outcome', why: 'how it ended in the source is a result, not an input' },
];

/** What the pods of a row belong to: a service, a Job, or a Job that autoscalers are asked not to move. */
type OwnerKind = 'service' | 'job' | 'protected job';

/** Annotations that keep Karpenter and Cluster Autoscaler from moving a pod. */
const PROTECTED: Labels = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false', 'karpenter.sh/do-not-disrupt': 'true' };

/** Turns rows of a trace into pod templates, one for each distinct shape, and counts what became of each column. */
export class PodMapping {
  readonly templates: PodSpec[] = [];
  readonly models = new Set<string>();
  /** Rows whose memory, or CPU, had to be made up. */
  readonly memoryDefault = new Tally();
  readonly cpuDefault = new Tally();
  readonly #options: CompleteTraceOptions;
  readonly #ids = new Map<string, number>();
  readonly #memoryGiven = new Tally();
  readonly #cpuGiven = new Tally();
  readonly #gpu = new Tally();
  readonly #shares = new Tally();
  readonly #modelsMapped = new Tally();
  readonly #modelsIgnored = new Tally();
  readonly #disk = new Tally();
  readonly #caps = new Tally();
  readonly #constraints = new Map<string, Tally>();
  readonly #ends = new Tally();
  readonly #services = new Tally();
  readonly #scaled = new Tally();
  readonly #protected = new Tally();
  readonly #counts = new Tally();
  readonly #information = FOR_INFORMATION.map(() => new Tally());
  /** The shape of the row before: most rows repeat it. */
  #last = { cpu: Number.NaN, memory: 0, gpu: 0, disk: 0, models: '', owner: '', id: 0 };

  constructor(options: CompleteTraceOptions) {
    this.#options = options;
  }

  /** The template of a row. Counts its columns. */
  template(row: TraceRow, line: number): number {
    const options = this.#options;
    const owner = this.#ownerKind(row, line);
    if (row.count > 1) this.#counts.add(line);
    const gpu = this.#gpus(row, line);
    const cpu = this.#cpu(row, gpu, line);
    const memory = this.#memory(row, gpu, cpu, line);
    const models = this.#modelTerm(row, line);
    if (row.diskGiB > 0) this.#disk.add(line);
    const disk = options.disk === 'request' && row.diskGiB > 0 ? row.diskGiB * GIB : 0;
    if (row.maxPerNode !== EMPTY) this.#caps.add(line);
    if (row.constraints !== '') this.#countConstraints(row.constraints, line);
    for (let i = 0; i < FOR_INFORMATION.length; i++) {
      if (row.fields.has(FOR_INFORMATION[i].column)) this.#information[i].add(line);
    }
    const last = this.#last;
    if (
      last.cpu === cpu &&
      last.memory === memory &&
      last.gpu === gpu &&
      last.disk === disk &&
      last.models === models &&
      last.owner === owner
    ) {
      return last.id;
    }
    const key = `${cpu} ${memory} ${gpu} ${disk} ${owner} ${models}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      const requests: Record<string, number> = {};
      // A zero in a trace means that the pod asked for nothing, which Kubernetes treats otherwise than an explicit zero.
      if (cpu > 0) requests.cpu = cpu;
      if (memory > 0) requests.memory = memory;
      if (gpu > 0) requests[options.gpuResource] = gpu;
      if (disk > 0) requests['ephemeral-storage'] = disk;
      id = this.templates.push(this.#spec(requests, owner, models)) - 1;
      this.#ids.set(key, id);
    }
    this.#last = { cpu, memory, gpu, disk, models, owner, id };
    return id;
  }

  #ownerKind(row: TraceRow, line: number): OwnerKind {
    const { services, protectJobsLongerThan } = this.#options;
    if (row.durationMs === Number.POSITIVE_INFINITY) {
      this.#services.add(line);
      return 'service';
    }
    this.#ends.add(line);
    if (row.group !== '' && services.includes(row.group)) {
      this.#scaled.add(line);
      return 'service';
    }
    if (row.durationMs <= protectJobsLongerThan) return 'job';
    this.#protected.add(line);
    return 'protected job';
  }

  #gpus(row: TraceRow, line: number): number {
    const whole = row.gpu === EMPTY ? 0 : row.gpu;
    if (row.gpuMilli <= 0 || row.gpuMilli >= 1000 || whole > 1) {
      if (whole > 0) this.#gpu.add(line);
      return whole === 0 && row.gpuMilli === 1000 ? 1 : whole;
    }
    this.#shares.add(line);
    return this.#options.gpuShares === 'whole' ? 1 : 0;
  }

  #cpu(row: TraceRow, gpu: number, line: number): number {
    if (row.cpuMilli !== EMPTY) {
      this.#cpuGiven.add(line);
      return row.cpuMilli;
    }
    this.cpuDefault.add(line);
    return gpu > 0 ? gpu * this.#options.cpuPerGpuMilli : this.#options.cpuPerPodMilli;
  }

  #memory(row: TraceRow, gpu: number, cpu: number, line: number): number {
    if (row.memoryMiB !== EMPTY) {
      this.#memoryGiven.add(line);
      return row.memoryMiB * MIB;
    }
    this.memoryDefault.add(line);
    const { memoryPerGpuMiB, memoryPerCpuMiB, memoryPerPodMiB } = this.#options;
    if (row.cpuMilli === EMPTY && gpu > 0) return gpu * memoryPerGpuMiB * MIB;
    if (memoryPerPodMiB !== undefined) return memoryPerPodMiB * MIB;
    return Math.ceil((cpu * memoryPerCpuMiB) / 1000) * MIB;
  }

  /** The node label's values that the row's models stand for, joined by bars; empty where any GPU will do. */
  #modelTerm(row: TraceRow, line: number): string {
    if (row.gpuModels === '') return '';
    const models = row.gpuModels.split('|');
    for (const model of models) this.models.add(model);
    const { gpuModels } = this.#options;
    const values = gpuModels === undefined ? [] : models.flatMap((model) => gpuModels.values[model] ?? []);
    (values.length > 0 ? this.#modelsMapped : this.#modelsIgnored).add(line);
    return [...new Set(values)].sort().join('|');
  }

  /** Constraints are counted by their name: what stands before an equals sign. */
  #countConstraints(constraints: string, line: number): void {
    for (const constraint of constraints.split('|')) {
      const name = constraint.split('=', 1)[0];
      let tally = this.#constraints.get(name);
      if (tally === undefined) this.#constraints.set(name, (tally = new Tally()));
      tally.add(line);
    }
  }

  #spec(requests: ResourceList, owner: OwnerKind, models: string): PodSpec {
    const label = this.#options.gpuModels?.label ?? '';
    return {
      namespace: 'default',
      labels: {},
      annotations: owner === 'protected job' ? PROTECTED : {},
      controller: owner === 'service' ? 'ReplicaSet' : 'Job',
      containers: [{ requests }],
      ...(models !== '' && {
        nodeAffinity: { required: [{ matchExpressions: [{ key: label, operator: 'In', values: models.split('|') }] }] },
      }),
    };
  }

  /** Writes what was counted. `rows` is the number of rows. */
  report(receipt: ReceiptWriter, rows: number): void {
    const { memoryPerCpuMiB, memoryPerPodMiB, memoryPerGpuMiB, cpuPerPodMilli, cpuPerGpuMilli, gpuShares, gpuModels, disk } =
      this.#options;
    receipt.honoured('id', 2, rows);
    receipt.honoured('arrive_s', 2, rows);
    const honoured: readonly (readonly [string, Tally])[] = [
      ['duration_s', this.#ends],
      ['duration_s (empty: runs until the end)', this.#services],
      ['group (replicas of a service)', this.#scaled],
      ['count', this.#counts],
      ['cpu_m', this.#cpuGiven],
      ['mem_mib', this.#memoryGiven],
      ['gpu', this.#gpu],
      ['gpu_models', this.#modelsMapped],
    ];
    for (const [column, { line, count }] of honoured) receipt.honoured(column, line, count);
    const c = this.cpuDefault;
    const cpuWhy = `not in the trace: ${cpuPerPodMilli}m of CPU for a pod, or ${cpuPerGpuMilli}m for each of its GPUs`;
    receipt.approximated('cpu_m', c.line, 'F0302', cpuWhy, c.count);
    const m = this.memoryDefault;
    const each = memoryPerPodMiB === undefined ? `${memoryPerCpuMiB} MiB for each CPU` : `${memoryPerPodMiB} MiB for a pod`;
    const memoryWhy = `not in the trace: ${each}, or ${memoryPerGpuMiB} MiB for each GPU where CPU is missing too`;
    receipt.approximated('mem_mib', m.line, 'F0301', memoryWhy, m.count);
    const p = this.#protected;
    const limit = formatDuration(this.#options.protectJobsLongerThan);
    receipt.approximated('duration_s', p.line, 'F0310', `jobs longer than ${limit} ask autoscalers not to move them`, p.count);
    const s = this.#shares;
    if (gpuShares === 'whole')
      receipt.approximated('gpu_milli', s.line, 'F0303', 'a share of a GPU counts as a whole one', s.count);
    else receipt.ignored('gpu_milli', s.line, 'F0303', 'pods that share a GPU ask for none', s.count);
    const g = this.#modelsIgnored;
    const modelWhy = gpuModels === undefined ? 'any model of GPU will do' : 'models without a mapping: any model of GPU will do';
    receipt.ignored('gpu_models', g.line, 'F0304', modelWhy, g.count);
    const d = this.#disk;
    if (disk === 'request') receipt.honoured('disk_gib', d.line, d.count);
    else
      receipt.ignored(
        'disk_gib',
        d.line,
        'F0307',
        "local disk is not asked for, as a node's disk is as large as its owner wants",
        d.count,
      );
    const caps = this.#caps;
    receipt.ignored(
      'max_per_node',
      caps.line,
      'F0305',
      'caps on pods of one group per node have no equal in Kubernetes',
      caps.count,
    );
    const names = [...this.#constraints].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
    for (const [name, { line, count }] of names.slice(0, CONSTRAINTS_SHOWN)) {
      receipt.ignored(`constraints: ${name}`, line, 'F0306', constraintWhy(name), count);
    }
    const others = names.slice(CONSTRAINTS_SHOWN);
    if (others.length > 0) {
      const count = others.reduce((sum, [, tally]) => sum + tally.count, 0);
      const line = Math.min(...others.map(([, tally]) => tally.line));
      receipt.ignored('constraints: others', line, 'F0306', `${others.length} further constraints`, count);
    }
    this.#information.forEach(({ line, count }, i) => {
      receipt.ignored(FOR_INFORMATION[i].column, line, 'F0308', FOR_INFORMATION[i].why, count);
    });
  }
}

/** More kinds of constraints than this share one line of the receipt. */
const CONSTRAINTS_SHOWN = 6;

function constraintWhy(name: string): string {
  if (name === 'gang') return 'pods that should start together start one by one';
  if (name === 'exclusive') return 'pods that should have a node alone share it';
  return 'a demand of the source that pods here do not have';
}
