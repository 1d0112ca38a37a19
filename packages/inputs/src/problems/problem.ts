import { compareText } from '@plimsoll/core';
import type { ProblemCode } from './codes.ts';

/** How bad a problem is: an error refuses the input, a warning and a note do not. */
export type Severity = 'error' | 'warning' | 'note';

/** One thing that is wrong with an input, told so that it can be found and put right. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly file: string;
  /** Line, counted from 1; 0 where the input was a value and no text. */
  readonly line: number;
  /** Column in UTF-16 code units, counted from 1; 0 where the line is 0. */
  readonly column: number;
  /** How many code units the caret covers. Default 1. */
  readonly width?: number;
  /** Where in the document, such as `spec.template.spec`, or the name of a column. */
  readonly path?: string;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** The value met. */
  readonly seen?: string;
  /** What would have been accepted. */
  readonly accepted?: string;
  /** What to do about it. */
  readonly help?: string;
  /** The line itself, where the reader had it at hand. */
  readonly excerpt?: string;
}

/** How many problems of one input are kept; the others are only counted. */
export const PROBLEMS_SHOWN = 20;

/** An input that can't be used. Carries all its errors and warnings, at most {@link PROBLEMS_SHOWN}, errors first. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];
  /** How many problems there were in all. */
  readonly total: number;

  constructor(problems: readonly Problem[], total: number = problems.length) {
    const lines = problems.map(
      (problem) => `${positionOf(problem)}: ${problem.message}${problem.help ? `; ${problem.help}` : ''}`,
    );
    if (total > problems.length) lines.push(`… and ${total - problems.length} more`);
    super(lines.join('\n'));
    this.problems = problems;
    this.total = total;
  }

  /** Code of the first problem. */
  get code(): ProblemCode | undefined {
    return this.problems[0]?.code;
  }

  /** File of the first problem. */
  get file(): string | undefined {
    return this.problems[0]?.file;
  }

  /** Line of the first problem. */
  get line(): number | undefined {
    return this.problems[0]?.line;
  }
}

/** Where a problem is, as editors and terminals understand it: `file:line:column`, or file and path where there is no line. */
export function positionOf(problem: Pick<Problem, 'file' | 'line' | 'column' | 'path'>): string {
  if (problem.line > 0) return `${problem.file}:${problem.line}:${problem.column}`;
  return problem.path === undefined || problem.path === '' ? problem.file : `${problem.file}: ${problem.path}`;
}

/** Gathers the problems of one input, so that all are told at once. */
export class ProblemList {
  readonly #errors: Problem[] = [];
  readonly #others: Problem[] = [];
  #errorCount = 0;
  #otherCount = 0;

  /** How many errors there are so far. */
  get errors(): number {
    return this.#errorCount;
  }

  add(problem: Problem): void {
    const [kept, count] =
      problem.severity === 'error' ? [this.#errors, (this.#errorCount += 1)] : [this.#others, (this.#otherCount += 1)];
    if (count <= PROBLEMS_SHOWN) kept.push(problem);
  }

  /** The problems kept: errors first, then in the order of the file. */
  list(): Problem[] {
    return [...inOrder(this.#errors), ...inOrder(this.#others)].slice(0, PROBLEMS_SHOWN);
  }

  /** How many problems there were in all. */
  get total(): number {
    return this.#errorCount + this.#otherCount;
  }

  /** @throws InputError where there is an error; returns the warnings and notes otherwise. */
  settle(): Problem[] {
    if (this.#errorCount > 0) throw new InputError(this.list(), this.total);
    return this.list();
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column);
}
