/** A value that several cases of a file share, by kind and name: `definitions.instanceTypes['ec2-small']`. */
export type Definitions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One recorded decision of a real program: what it was given, and what it decided. */
export interface GoldenCase<Input = unknown, Expect = unknown> {
  /** Unique in its oracle. */
  readonly id: string;
  /** Program and version: `kube-scheduler/1.36.2`. */
  readonly oracle: string;
  readonly family: string;
  /** How to read `input` and `expect`, where the oracle has several ways: the line's `kind`, or else its input's. */
  readonly kind?: string;
  readonly input: Input;
  readonly expect: Expect;
  /** Cluster Autoscaler: false where the answer hangs on the order of a map walk. */
  readonly stable?: boolean;
  /** Karpenter: true where the answer hangs on the order of a map walk. */
  readonly tieDependent?: boolean;
  /** The definitions that stood before the case in its file. The same frozen objects for all its cases, so models may cache by identity. */
  readonly definitions: Definitions;
  /** File that holds the case, and its line, from 1. */
  readonly file: string;
  readonly line: number;
}

/** What is wrong with an input of the runner, and what would be accepted. */
export interface Problem {
  readonly file: string;
  /** Line in the file, from 1; absent where the file as a whole is meant. */
  readonly line?: number;
  readonly message: string;
  readonly suggestion: string;
}

/** Thrown by readers; becomes a {@link Problem}. */
export class GoldenFileError extends Error {
  override readonly name = 'GoldenFileError';
  readonly suggestion: string;
  /** Line of the file, from 1, where one line is meant. */
  line: number | undefined;

  constructor(message: string, suggestion: string) {
    super(message);
    this.suggestion = suggestion;
  }
}

/** The oracle's name without its version. */
export function oracleName(oracle: string): string {
  return oracle.split('/', 1)[0];
}

/** One line of a golden file. */
export type GoldenLine =
  | { readonly is: 'case'; readonly value: Omit<GoldenCase, 'definitions' | 'file' | 'line'> }
  | { readonly is: 'definition'; readonly kind: string; readonly name: string; readonly value: unknown };

const SUGGESTION = 'a golden file holds one case a line: {"id", "oracle", "family", "input", "expect"}';

/**
 * Parses one line of a golden file.
 *
 * @throws GoldenFileError where it is no JSON, or neither a case nor a definition.
 */
export function parseGoldenLine(text: string): GoldenLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GoldenFileError(
      `expected a JSON object, got ${preview(text)} (${(error as Error).message})`,
      text.length > 200
        ? 'the line may have been cut: record or copy the file anew'
        : 'a golden file holds one JSON object a line; is this another kind of file?',
    );
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new GoldenFileError(`expected a JSON object, got ${preview(text)}`, SUGGESTION);
  }
  const record = value as Record<string, unknown>;
  if (typeof record.define === 'string') {
    if (typeof record.name !== 'string' || record.value === undefined) {
      throw new GoldenFileError('the definition has no `name` or no `value`', 'write {"define", "name", "value"}');
    }
    return { is: 'definition', kind: record.define, name: record.name, value: deepFreeze(record.value) };
  }
  for (const field of ['id', 'oracle', 'family']) {
    if (typeof record[field] !== 'string' || record[field] === '') {
      throw new GoldenFileError(`\`${field}\`: expected a text, got ${preview(JSON.stringify(record[field]))}`, SUGGESTION);
    }
  }
  for (const field of ['input', 'expect']) {
    if (record[field] === undefined) throw new GoldenFileError(`the case has no \`${field}\``, SUGGESTION);
  }
  const inner = (record.input as { kind?: unknown } | null)?.kind;
  if (record.kind === undefined && typeof inner === 'string') record.kind = inner;
  return { is: 'case', value: record as unknown as Omit<GoldenCase, 'definitions' | 'file' | 'line'> };
}

function preview(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Definitions are shared by all cases of a file: a model that wrote to one would change the cases after it. */
function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
