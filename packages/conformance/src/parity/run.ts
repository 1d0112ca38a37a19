import { type Answerer, answererOf } from './answerer.ts';
import { type Difference, differences } from './difference.ts';
import { type GoldenCase, GoldenFileError, oracleName, type Problem, parseGoldenLine } from './golden-case.ts';

/** Where cases come from: a file, or lines in memory. */
export interface Source {
  /** As messages name it. */
  readonly name: string;
  /** Its lines, without line ends. May throw {@link GoldenFileError}. */
  lines(): Iterable<string> | AsyncIterable<string>;
}

/** A case that was not answered as the real program did. */
export interface CaseFailure {
  readonly id: string;
  readonly oracle: string;
  readonly family: string;
  readonly file: string;
  readonly line: number;
  /** One line: the first difference, the error, or that no model answers. */
  readonly reason: string;
  /** Empty where there was no answer to compare. */
  readonly differences: readonly Difference[];
  /** What the model threw, with its stack. */
  readonly thrown?: string;
}

/** What one family came to. */
export interface FamilyResult {
  /** The oracle's name without its version. */
  readonly oracle: string;
  readonly family: string;
  readonly passed: number;
  readonly failed: number;
  /** Time spent in the model and in comparing, milliseconds of the host. */
  readonly millis: number;
  /** In the order of the files. */
  readonly failures: readonly CaseFailure[];
}

/** What a run of cases came to. */
export interface ParityReport {
  readonly passed: number;
  readonly failed: number;
  /** In order of first appearance. */
  readonly families: readonly FamilyResult[];
  /** Files that could not be read to their end. */
  readonly problems: readonly Problem[];
}

/** What a run may be told. */
export interface ParityOptions {
  /** Run only cases with these ids, of whatever oracle. */
  readonly only?: readonly string[];
  /** Called after each case, with its failure where it failed. */
  readonly onCase?: (golden: GoldenCase, failure: CaseFailure | undefined) => void;
}

/**
 * Asks models for the answer of every case and compares. A case that nobody answers fails: a number of passed cases always means all
 * that were given. A file is read up to its first problem.
 */
export async function runParity(
  sources: Iterable<Source>,
  answerers: readonly Answerer[],
  { only, onCase }: ParityOptions = {},
): Promise<ParityReport> {
  const families = new Map<string, Tally>();
  const problems: Problem[] = [];
  const wanted = only?.map((id) => JSON.stringify(id));
  for (const source of sources) {
    const definitions: Record<string, Record<string, unknown>> = {};
    let line = 1;
    let found = 0;
    try {
      for await (const text of source.lines()) {
        const here = line++;
        if (text.trim() === '') continue;
        if (wanted !== undefined && !text.includes('"define"') && !wanted.some((id) => text.includes(id))) {
          found++;
          continue;
        }
        const parsed = parseAt(text, here);
        if (parsed.is === 'definition') {
          definitions[parsed.kind] = { ...definitions[parsed.kind], [parsed.name]: parsed.value };
          continue;
        }
        found++;
        if (only !== undefined && !only.includes(parsed.value.id)) continue;
        const golden = { ...parsed.value, definitions, file: source.name, line: here };
        const failure = judge(golden, answerers, families);
        onCase?.(golden, failure);
      }
      if (found === 0) throw new GoldenFileError('the file holds no case', 'was it cut, or is it still being written?');
    } catch (error) {
      if (!(error instanceof GoldenFileError)) throw error;
      const { message, suggestion } = error;
      problems.push({ file: source.name, ...(found > 0 || line > 1 ? { line: error.line ?? line } : {}), message, suggestion });
    }
  }
  const results = [...families.values()].map(({ passed, failures, ...rest }) => ({
    ...rest,
    passed,
    failed: failures.length,
    failures,
  }));
  const sum = (field: 'passed' | 'failed'): number => results.reduce((total, family) => total + family[field], 0);
  return { passed: sum('passed'), failed: sum('failed'), families: results, problems };
}

interface Tally {
  readonly oracle: string;
  readonly family: string;
  passed: number;
  millis: number;
  readonly failures: CaseFailure[];
}

function judge(golden: GoldenCase, answerers: readonly Answerer[], families: Map<string, Tally>): CaseFailure | undefined {
  const { id, family, file, line } = golden;
  const oracle = oracleName(golden.oracle);
  const key = `${oracle}/${family}`;
  let tally = families.get(key);
  if (tally === undefined) families.set(key, (tally = { oracle, family, passed: 0, millis: 0, failures: [] }));
  const fail = (reason: string, rest: Partial<CaseFailure> = {}): CaseFailure => {
    const failure = { id, oracle: golden.oracle, family, file, line, reason, differences: [], ...rest };
    tally.failures.push(failure);
    return failure;
  };
  const answerer = answererOf(answerers, golden);
  if (answerer === undefined) return fail(`no model answers ${key} yet`);
  const start = performance.now();
  try {
    const got = answerer.answer(golden);
    const differs = answerer.compare?.(golden, golden.expect, got) ?? differences(golden.expect, got);
    if (differs.length > 0) return fail(describe(differs[0]), { differences: differs });
    tally.passed++;
    return undefined;
  } catch (error) {
    return fail(firstLine(String(error)), { thrown: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  } finally {
    tally.millis += performance.now() - start;
  }
}

function parseAt(text: string, line: number): ReturnType<typeof parseGoldenLine> {
  try {
    return parseGoldenLine(text);
  } catch (error) {
    if (error instanceof GoldenFileError) error.line = line;
    throw error;
  }
}

/** A difference on one line: `steps[3].best: expected ["a"], got ["b"]`. */
export function describe({ path, expected, got }: Difference, width = 80): string {
  return `${path === '' ? 'the answer' : path}: expected ${show(expected, width)}, got ${show(got, width)}`;
}

/** A value as JSON, cut to a width; `nothing` where it is absent. */
export function show(value: unknown, width: number): string {
  if (value === undefined) return 'nothing';
  const text = asJson(value);
  return text.length > width ? `${text.slice(0, width)}…` : text;
}

/** JSON of whatever a model may have answered: what JSON does not have is told by its kind, so that printing a failure never fails. */
export function asJson(value: unknown): string {
  const printable = (_key: string, inner: unknown): unknown => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner === 'number' && !Number.isFinite(inner)) return String(inner);
    if (inner instanceof Map || inner instanceof Set) return { [inner.constructor.name]: [...inner] };
    return inner;
  };
  try {
    return JSON.stringify(value, printable) ?? typeof value;
  } catch (error) {
    return `(${firstLine(String(error))})`;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0];
}
