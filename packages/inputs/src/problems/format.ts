import { type Problem, positionOf, type Severity } from './problem.ts';

/** The texts that problems refer to, by file, for those that carry no excerpt of their own. */
export type Sources = Readonly<Record<string, string>>;

/** How {@link formatProblems} prints. */
export interface FormatOptions {
  /** Terminal colours. Default: none. */
  readonly color?: boolean;
  /** How many problems there were, where not all are in the list. */
  readonly total?: number;
}

/** Column at which positions start where messages are short enough. */
const POSITION_COLUMN = 64;
/** Longest part of a line that is shown. */
const EXCERPT_MAX = 120;

const COLORS: Readonly<Record<Severity, string>> = { error: '31;1', warning: '33;1', note: '36;1' };

/**
 * Prints problems as compilers do: severity and code, what is wrong, where, the line, a caret below the spot, and help.
 *
 *     error[E0102] unknown column "durations_s"                        trace.csv:1:13
 *         1 | id,arrive_s,durations_s,cpu_m
 *           |             ^^^^^^^^^^^ help: did you mean "duration_s"?
 */
export function formatProblems(problems: readonly Problem[], sources: Sources = {}, options: FormatOptions = {}): string {
  const paint = (code: string, text: string): string => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const blocks = problems.map((problem) => formatProblem(problem, sources, paint));
  const rest = (options.total ?? problems.length) - problems.length;
  if (rest > 0) blocks.push(`… and ${rest} more`);
  return blocks.join('\n');
}

function formatProblem(problem: Problem, sources: Sources, paint: (code: string, text: string) => string): string {
  const tag = `${problem.severity}[${problem.code}]`;
  const message = printable(problem.message);
  const gap = ' '.repeat(Math.max(2, POSITION_COLUMN - tag.length - 1 - message.length));
  const lines = [`${paint(COLORS[problem.severity], tag)} ${paint('1', message)}${gap}${printable(positionOf(problem))}`];
  const help = problem.help === undefined ? '' : `help: ${printable(problem.help)}`;
  const path = problem.path === undefined || problem.path === '' || problem.line === 0 ? '' : `   (${printable(problem.path)})`;
  const line = problem.excerpt ?? lineOf(sources[problem.file], problem.line);
  if (line === undefined || problem.line === 0) {
    if (help !== '') lines.push(`    ${help}${path}`);
    return lines.join('\n');
  }
  const { text, column } = windowed(line, problem.column);
  const number = String(problem.line).padStart(5);
  const width = Math.max(1, Math.min(problem.width ?? 1, text.length - column + 1));
  const caret = paint(COLORS[problem.severity], '^'.repeat(width));
  lines.push(`${paint('34', `${number} |`)} ${printable(text)}`);
  lines.push(`${paint('34', `${' '.repeat(number.length)} |`)} ${' '.repeat(column - 1)}${caret}${help && ` ${help}`}${path}`);
  return lines.join('\n');
}

function lineOf(text: string | undefined, line: number): string | undefined {
  return text?.split('\n', line)[line - 1]?.replace(/\r$/, '');
}

/** The part of a long line around a column. */
function windowed(line: string, column: number): { text: string; column: number } {
  if (line.length <= EXCERPT_MAX) return { text: line, column: Math.min(column, line.length + 1) };
  const start = Math.max(0, Math.min(column - 1 - EXCERPT_MAX / 2, line.length - EXCERPT_MAX));
  const shown = line.slice(start, start + EXCERPT_MAX);
  const [head, tail] = [start > 0 ? '…' : '', start + EXCERPT_MAX < line.length ? '…' : ''];
  return { text: `${head}${shown}${tail}`, column: Math.min(column, line.length + 1) - start + head.length };
}

/** Inputs are not trusted: control characters would reach the terminal. One character stays one character, so that carets fit. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd');
}
