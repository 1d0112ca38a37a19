/** One row of a trace: an owner and its pods. Seconds, millicores, MiB. */
export interface TraceRow {
  readonly id: string;
  readonly group: string;
  readonly arrive: number;
  /** Empty for a service that runs to the end. */
  readonly duration?: number;
  readonly count?: number;
  readonly cpu: number;
  readonly memory: number;
  readonly gpu?: number;
}

/** The rows as trace CSV, sorted by arrival; rows of equal time keep their order. */
export function traceCsv(rows: readonly TraceRow[]): string {
  const sorted = rows.map((row, index) => ({ row, index })).sort((x, y) => x.row.arrive - y.row.arrive || x.index - y.index);
  const lines = sorted.map(
    ({ row: { id, group, arrive, duration, count = 1, cpu, memory, gpu = 0 } }) =>
      `${id},${group},${arrive},${duration ?? ''},${count},${cpu},${memory},${gpu}`,
  );
  return `id,group,arrive_s,duration_s,count,cpu_m,mem_mib,gpu\n${lines.join('\n')}\n`;
}
