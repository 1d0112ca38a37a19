import { suggestion } from '../problems/did-you-mean.ts';
import type { ProblemList } from '../problems/problem.ts';

/** Columns of a pod trace, in the order in which they are usually written. */
export const TRACE_COLUMNS = [
  'id',
  'group',
  'arrive_s',
  'duration_s',
  'count',
  'cpu_m',
  'mem_mib',
  'gpu',
  'gpu_milli',
  'gpu_models',
  'class',
  'disk_gib',
  'max_per_node',
  'wait_s',
  'outcome',
  'constraints',
] as const;

/** Name of a column. */
export type TraceColumn = (typeof TRACE_COLUMNS)[number];

/** Columns that every pod trace must have. Their fields may be empty, but for `id` and `arrive_s`. */
export const REQUIRED_COLUMNS: readonly TraceColumn[] = ['id', 'arrive_s', 'duration_s', 'cpu_m'];

/** Where each column is in a row, -1 where the trace lacks it, and how many fields a row has. */
export type Header = Readonly<Record<TraceColumn, number>> & { readonly width: number };

/** A name in the header, and the column at which it starts. */
export interface HeaderName {
  readonly name: string;
  readonly column: number;
}

/** Files that people have beside a trace, and take for one. */
const OTHER_FORMS: readonly { readonly has: readonly string[]; readonly what: string; readonly help: string }[] = [
  {
    has: ['sn', 'cpu_milli', 'memory_mib'],
    what: 'this is a list of nodes, not a trace of pods',
    help: 'give the trace of pods that lies beside it; the nodes of a run come from the scenario',
  },
  {
    has: ['op', 'kind', 'name', 'replicas'],
    what: 'this is a recording of Kubernetes objects, not a trace of pods',
    help: 'read it with readSimKubeEvents, or readTrace, which tells the two apart',
  },
];

/** Finds the columns of a header. Adds a problem for each unknown, missing or repeated one; returns undefined where there was any. */
export function resolveHeader(
  names: readonly HeaderName[],
  position: { readonly file: string; readonly line: number; readonly excerpt: string },
  problems: ProblemList,
): Header | undefined {
  const before = problems.errors;
  const known = new Set<string>(TRACE_COLUMNS);
  const given = new Set(names.map(({ name }) => name));
  const required = REQUIRED_COLUMNS.filter((column) => !given.has(column));
  const form = OTHER_FORMS.find(({ has }) => has.every((name) => given.has(name)));
  if (form !== undefined || required.length === REQUIRED_COLUMNS.length) {
    problems.add({
      code: 'E0004',
      severity: 'error',
      ...position,
      column: 1,
      width: position.excerpt.length,
      message: form?.what ?? 'the first line names none of the columns that a trace of pods must have',
      accepted: TRACE_COLUMNS.join(','),
      help: form?.help ?? `the first line must name the columns: ${REQUIRED_COLUMNS.join(', ')}, and any of the others`,
    });
    return undefined;
  }
  const header = Object.fromEntries(TRACE_COLUMNS.map((column) => [column, -1])) as Record<TraceColumn, number>;
  names.forEach(({ name, column }, index) => {
    const at = { ...position, severity: 'error' as const, column, width: Math.max(1, name.length), seen: name };
    if (!known.has(name)) {
      // A name that is misspelt is most likely one of those that are not there.
      const absent = TRACE_COLUMNS.filter((candidate) => !given.has(candidate));
      const help = suggestion(name, absent);
      problems.add({
        ...at,
        code: 'E0102',
        message: `unknown column ${JSON.stringify(name)}`,
        accepted: TRACE_COLUMNS.join(', '),
        ...(help !== undefined && { help }),
      });
    } else if (header[name as TraceColumn] >= 0) {
      problems.add({ ...at, code: 'E0108', message: `column ${JSON.stringify(name)} is named twice` });
    } else header[name as TraceColumn] = index;
  });
  for (const column of required) {
    problems.add({
      code: 'E0101',
      severity: 'error',
      ...position,
      column: position.excerpt.length + 1,
      path: column,
      message: `column ${JSON.stringify(column)} is missing`,
      accepted: TRACE_COLUMNS.join(', '),
      help: `a trace must have the columns ${REQUIRED_COLUMNS.join(', ')}`,
    });
  }
  return problems.errors > before ? undefined : { ...header, width: names.length };
}
