import { CAPACITY_MAX } from '@plimsoll/core';
import type { TraceColumn } from './columns.ts';
import { EMPTY, type RecordFields } from './record-fields.ts';

/** Largest count of pods in a row. */
const COUNT_MAX = 10_000_000;
const MIB_MAX = Math.floor(CAPACITY_MAX / 2 ** 20);
const GIB_MAX = Math.floor(CAPACITY_MAX / 2 ** 30);
const CPU_MAX = 1e9;
const GPU_MAX = 1e6;

/**
 * The values of the scanner's current record, checked. One object is used for all rows. An empty number is {@link EMPTY}, an empty
 * `count` 1; an empty `duration_s` is Infinity.
 */
export class TraceRow {
  id = '';
  group = '';
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
  readonly fields: RecordFields<TraceColumn>;

  constructor(fields: RecordFields<TraceColumn>) {
    this.fields = fields;
  }

  /** Reads the current record. False where something was wrong with it, which is then in the list of problems. */
  read(): boolean {
    const { fields } = this;
    const before = fields.problems.errors;
    if (!fields.complete()) return false;
    this.id = fields.text('id');
    if (this.id === '') fields.fault('id', 'E0101', 'id is empty', { accepted: 'a name that no other row has' });
    this.group = fields.text('group');
    this.arriveMs = fields.seconds('arrive_s', true);
    this.durationMs = fields.seconds('duration_s', false);
    if (this.durationMs === EMPTY) this.durationMs = Number.POSITIVE_INFINITY;
    this.count = fields.whole('count', COUNT_MAX);
    if (this.count === EMPTY) this.count = 1;
    if (this.count === 0) fields.fault('count', 'E0110', 'count must be at least 1, got 0', { seen: '0' });
    this.cpuMilli = fields.whole('cpu_m', CPU_MAX);
    this.memoryMiB = fields.whole('mem_mib', MIB_MAX);
    this.gpu = fields.whole('gpu', GPU_MAX);
    this.gpuMilli = fields.whole('gpu_milli', 1000);
    this.gpuModels = fields.text('gpu_models');
    this.diskGiB = fields.whole('disk_gib', GIB_MAX);
    this.maxPerNode = fields.whole('max_per_node', COUNT_MAX);
    this.constraints = fields.text('constraints');
    return fields.problems.errors === before;
  }
}
