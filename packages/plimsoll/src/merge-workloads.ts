import { type PodSpec, Workload, type WorkloadRow } from '@plimsoll/core';

/** Several workloads as one. Rows of equal time stand in the order of the workloads. */
export function mergeWorkloads(parts: readonly Workload[]): Workload {
  if (parts.length === 1) return parts[0];
  const templates: PodSpec[] = [];
  const rows: WorkloadRow[] = [];
  for (const part of parts) {
    const offset = templates.length;
    templates.push(...part.templates);
    for (let row = 0; row < part.length; row++) {
      rows.push({
        name: part.name(row),
        template: part.template[row] + offset,
        time: part.time[row],
        duration: part.duration[row],
        count: part.count[row],
      });
    }
  }
  return Workload.of(
    templates,
    rows,
    parts.flatMap((part) => part.calls),
  );
}
