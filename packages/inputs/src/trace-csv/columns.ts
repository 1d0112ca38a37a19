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

/** Name of a column of a pod trace. */
export type TraceColumn = (typeof TRACE_COLUMNS)[number];

/** Columns that every pod trace must have. Their fields may be empty, but for `id` and `arrive_s`. */
export const REQUIRED_COLUMNS: readonly TraceColumn[] = ['id', 'arrive_s', 'duration_s', 'cpu_m'];

/** Where each column is in a row, -1 where the file lacks it, and how many fields a row has. */
export interface Header<Column extends string> {
  readonly index: Readonly<Record<Column, number>>;
  readonly width: number;
}

/** A name in the header, and the column at which it starts. */
export interface HeaderName {
  readonly name: string;
  readonly column: number;
}

/** The names in the first line of a file, and where that line is. */
export interface HeaderLine {
  readonly file: string;
  readonly line: number;
  readonly excerpt: string;
  readonly names: readonly HeaderName[];
}

/** The columns that a form of CSV file has. */
export interface CsvForm<Column extends string> {
  /** What a file of this form is called in messages. */
  readonly what: string;
  readonly columns: readonly Column[];
  readonly required: readonly Column[];
}

/** The form of a pod trace. */
export const POD_TRACE: CsvForm<TraceColumn> = { what: 'a trace', columns: TRACE_COLUMNS, required: REQUIRED_COLUMNS };

/** Columns by which a list of nodes, which often lies beside a trace, is known. */
const NODE_LIST = ['sn', 'cpu_milli', 'memory_mib'];

/** Tells a file that is no workload at all. Returns whether it is one. */
export function refuseOtherForms(header: HeaderLine, problems: ProblemList): boolean {
  const given = new Set(header.names.map(({ name }) => name));
  const nodes = NODE_LIST.every((name) => given.has(name));
  if (!nodes && REQUIRED_COLUMNS.some((name) => given.has(name))) return false;
  const { file, line, excerpt } = header;
  problems.add({
    code: 'E0004',
    severity: 'error',
    file,
    line,
    column: 1,
    width: excerpt.length,
    excerpt,
    message: nodes
      ? 'this is a list of nodes, not a trace of pods'
      : 'the first line names none of the columns that a trace of pods must have',
    accepted: TRACE_COLUMNS.join(','),
    help: nodes
      ? 'give the trace of pods that lies beside it; the nodes of a run come from the scenario'
      : `the first line must name the columns: ${REQUIRED_COLUMNS.join(', ')}, and any of the others`,
  });
  return true;
}

/** Finds the columns of a form. Adds a problem for each unknown, missing or repeated one; returns undefined where there was any. */
export function resolveHeader<Column extends string>(
  { names, ...position }: HeaderLine,
  { what, columns, required }: CsvForm<Column>,
  problems: ProblemList,
): Header<Column> | undefined {
  const before = problems.errors;
  const given = new Set(names.map(({ name }) => name));
  const index = Object.fromEntries(columns.map((column) => [column, -1])) as Record<Column, number>;
  names.forEach(({ name, column }, at) => {
    const here = { ...position, severity: 'error' as const, column, width: Math.max(1, name.length), seen: name };
    if (!(columns as readonly string[]).includes(name)) {
      // A name that is misspelt is most likely one of those that are not there.
      const absent = columns.filter((candidate) => !given.has(candidate));
      const help = suggestion(name, absent);
      problems.add({
        ...here,
        code: 'E0102',
        message: `unknown column ${JSON.stringify(name)}`,
        accepted: columns.join(', '),
        ...(help !== undefined && { help }),
      });
    } else if (index[name as Column] >= 0) {
      problems.add({ ...here, code: 'E0108', message: `column ${JSON.stringify(name)} is named twice` });
    } else index[name as Column] = at;
  });
  for (const column of required) {
    if (given.has(column)) continue;
    problems.add({
      code: 'E0101',
      severity: 'error',
      ...position,
      column: position.excerpt.length + 1,
      path: column,
      message: `column ${JSON.stringify(column)} is missing`,
      accepted: columns.join(', '),
      help: `${what} must have the columns ${required.join(', ')}`,
    });
  }
  return problems.errors > before ? undefined : { index, width: names.length };
}
