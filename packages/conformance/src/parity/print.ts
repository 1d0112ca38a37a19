import type { GoldenCase, Problem } from './golden-case.ts';
import { asJson, type CaseFailure, describe, type FamilyResult, type ParityReport, show } from './run.ts';

/** One line a family: counts, time, and what the first failed case says. */
export function printFamilies(families: readonly FamilyResult[]): string[] {
  const names = families.map(({ oracle, family }) => `${oracle}/${family}`);
  const width = Math.max(0, ...names.map((name) => name.length));
  const digits = Math.max(0, ...families.map(({ passed, failed }) => String(Math.max(passed, failed)).length));
  return families.map(({ passed, failed, millis, failures }, index) => {
    const counts = `${String(passed).padStart(digits)} passed  ${String(failed).padStart(digits)} failed`;
    const first = failures.length === 0 ? '' : `  ${failures[0].id}: ${cut(failures[0].reason)}`;
    return `${names[index].padEnd(width)}  ${counts}  ${(millis / 1000).toFixed(2).padStart(7)} s${first}`;
  });
}

/** The line that ends a run: `12 passed, 3 failed`. */
export function printTotal({ passed, failed }: Pick<ParityReport, 'passed' | 'failed'>): string {
  return `${passed} passed, ${failed} failed`;
}

/** One failed case on one line. */
export function printFailure({ oracle, id, reason }: CaseFailure): string {
  return `${oracle}  ${id}  ${cut(reason)}`;
}

/** A case that was asked for and passed. */
export function printPass({ oracle, family, id, file, line }: GoldenCase): string {
  return `${oracle}  ${family}/${id}  passed  (${file}:${line})`;
}

/** One failed case whole: its differences field by field. */
export function printCase({ oracle, family, id, file, line, reason, differences, thrown }: CaseFailure, limit: number): string[] {
  const out = [`${oracle}  ${family}/${id}  failed  (${file}:${line})`];
  if (thrown !== undefined) out.push(...thrown.split('\n').map((row) => `  ${row}`));
  else if (differences.length === 0) out.push(`  ${reason}`);
  for (const { path, expected, got } of differences.slice(0, limit)) {
    out.push(
      `  ${path === '' ? '(the answer)' : path}`,
      `    expected  ${show(expected, 2000)}`,
      `    got       ${show(got, 2000)}`,
    );
  }
  if (differences.length > limit)
    out.push(`  … and ${differences.length - limit} more; see all with --limit ${differences.length}`);
  return out;
}

/** `file:line: what is wrong`, and what would be accepted. */
export function printProblem({ file, line, message, suggestion }: Problem): string {
  return `${line === undefined ? file : `${file}:${line}`}: ${message}\n  ${suggestion}`;
}

/** The report for programs: counts by family, every failed case with its first differences. */
export function reportAsJson({ passed, failed, families, problems }: ParityReport, limit: number): string {
  return asJson({
    passed,
    failed,
    families: families.map(({ failures, millis, ...family }) => ({
      ...family,
      millis: Math.round(millis),
      failures: failures.map(({ thrown: _, ...failure }) => ({
        ...failure,
        differences: failure.differences
          .slice(0, limit)
          .map((difference) => ({ ...difference, text: describe(difference, 500) })),
      })),
    })),
    problems,
  });
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
