import { parseDuration, parseResource } from '@plimsoll/core';
import type { ProblemCode } from '../problems/codes.ts';
import { suggestion } from '../problems/did-you-mean.ts';
import type { Problem, ProblemList, Severity } from '../problems/problem.ts';
import type { ReceiptWriter } from '../receipt/receipt.ts';

/** Keys and indexes from the root of a document to a value. */
export type Path = readonly (string | number)[];

/** A spot in a text. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly width: number;
  readonly excerpt: string;
}

/** Finds where a value, or the key before it, stands in the text. Answers for the nearest parent where the path itself has no place. */
export type Locate = (path: Path, part: 'key' | 'value') => Position;

/** What all fields of one document share. */
export interface DocumentContext {
  readonly file: string;
  readonly problems: ProblemList;
  /** Absent for plain JSON values, which have no lines. */
  readonly locate?: Locate;
  readonly receipt?: ReceiptWriter;
  /** The value was accepted by another program before: rules that the API server has checked (E0122) are not checked again. */
  readonly unchecked?: boolean;
}

/** Details of a problem beside its message. */
export type ProblemDetails = Partial<Pick<Problem, 'seen' | 'accepted' | 'help'>> & {
  readonly severity?: Severity;
  /** Points at the key in place of the value. */
  readonly part?: 'key' | 'value';
};

/**
 * A value in a document, with the way to it: reads typed values and reports what is wrong at the place where it stands. After a report
 * the reading goes on with `undefined`, so that all mistakes of a document are told at once. Null counts as absent, as in Kubernetes.
 */
export class Field {
  readonly value: unknown;
  readonly path: Path;
  readonly context: DocumentContext;

  constructor(value: unknown, path: Path, context: DocumentContext) {
    this.value = value ?? undefined;
    this.path = path;
    this.context = context;
  }

  get present(): boolean {
    return this.value !== undefined;
  }

  /** The field below a key; absent where this one is no object. */
  at(key: string): Field {
    const { value } = this;
    const inner = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return new Field(inner, [...this.path, key], this.context);
  }

  /** Fields by key; none, and a report, where this is no object. */
  entries(): (readonly [string, Field])[] {
    if (!this.#is(isRecord, 'an object')) return [];
    const { value } = this;
    return Object.keys(value as object).map((key) => [key, this.at(key)] as const);
  }

  /** Fields of a list; none, and a report, where this is no list. */
  items(): Field[] {
    if (!this.#is(Array.isArray, 'a list')) return [];
    return (this.value as unknown[]).map((item, index) => new Field(item, [...this.path, index], this.context));
  }

  text(): string | undefined {
    if (!this.#is((value) => typeof value === 'string', 'a text')) return undefined;
    return this.value as string | undefined;
  }

  /** A text that must be there and not be empty. */
  requiredText(): string {
    const value = this.text();
    if (value !== undefined && value !== '') return value;
    if (!this.present || value === '') this.missing();
    return '';
  }

  flag(): boolean {
    if (!this.#is((value) => typeof value === 'boolean', 'true or false')) return false;
    return this.value === true;
  }

  whole(range: { readonly min: number; readonly max: number }): number | undefined {
    if (!this.#is((value) => typeof value === 'number' && Number.isInteger(value), 'a whole number')) return undefined;
    const value = this.value as number | undefined;
    if (value === undefined || (value >= range.min && value <= range.max)) return value;
    const bound = value < range.min ? `≥ ${range.min}` : `≤ ${range.max}`;
    this.problem('E0110', `${pathText(this.path)} must be ${bound}, got ${value}`);
    return undefined;
  }

  oneOf<T extends string>(words: readonly T[]): T | undefined {
    const value = this.text();
    if (value === undefined || (words as readonly string[]).includes(value)) return value as T | undefined;
    const help = suggestion(value, words);
    this.problem('E0107', `${JSON.stringify(value)} is not one of ${words.join(', ')}`, {
      seen: value,
      accepted: words.join(', '),
      ...(help !== undefined && { help }),
    });
    return undefined;
  }

  /** A text that must be there, by which something is looked up: the key of a label, or of a topology. */
  requiredKey(): string {
    const key = this.requiredText();
    this.#refuseReserved(key, 'value');
    return key;
  }

  /** Texts by key: labels, annotations, selectors. */
  labels(): Record<string, string> {
    const out: Record<string, string> = {};
    for (const [key, field] of this.entries()) {
      if (field.#refuseReserved(key, 'key')) continue;
      const value = field.value;
      if (typeof value === 'string') out[key] = value;
      else if (value === undefined) out[key] = '';
      else
        field.wrongType(
          'a text',
          typeof value === 'object' ? undefined : `write it in quotes: ${JSON.stringify(field.#source() ?? String(value))}`,
        );
    }
    return out;
  }

  texts(): string[] {
    return this.items().flatMap((item) => item.text() ?? []);
  }

  /** A quantity of a named resource: millicores for `cpu`, whole units for all others. */
  quantity(resource: string): number | undefined {
    const { value } = this;
    if (!this.present) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') {
      this.wrongType('a quantity such as "500m" or "1.5Gi"');
      return undefined;
    }
    try {
      const amount = parseResource(resource, value);
      if (amount >= 0) return amount;
      this.problem('E0110', `${pathText(this.path)} must not be negative, got ${value}`, { seen: String(value) });
    } catch (error) {
      this.problem('E0105', (error as Error).message, { seen: String(value) });
    }
    return undefined;
  }

  /** Quantities by resource name. */
  quantities(): Record<string, number> | undefined {
    if (!this.present) return undefined;
    const out: Record<string, number> = {};
    for (const [resource, field] of this.entries()) {
      if (field.#refuseReserved(resource, 'key')) continue;
      const amount = field.quantity(resource);
      if (amount !== undefined) out[resource] = amount;
    }
    return out;
  }

  /** A duration such as `"90s"` in milliseconds. */
  duration(): number | undefined {
    const value = this.text();
    if (value === undefined) return undefined;
    try {
      return parseDuration(value);
    } catch (error) {
      this.problem('E0106', (error as Error).message, { seen: value });
      return undefined;
    }
  }

  /** Reports a value of the wrong type. */
  wrongType(wanted: string, help?: string): void {
    const seen = shown(this.value);
    const message = `${pathText(this.path) || 'the document'} must be ${wanted}, got ${seen}`;
    this.problem('E0103', message, { seen, accepted: wanted, ...(help !== undefined && { help }) });
  }

  /** Reports that the field is missing, at the object that should have it. */
  missing(help?: string): void {
    const key = String(this.path.at(-1));
    const parent = new Field(undefined, this.path.slice(0, -1), this.context);
    parent.problem('E0101', `${JSON.stringify(key)} is missing`, { part: 'key', ...(help !== undefined && { help }) });
  }

  problem(code: ProblemCode, message: string, details: ProblemDetails = {}): void {
    const { severity = 'error', part = 'value', ...rest } = details;
    const { file, locate, problems, unchecked } = this.context;
    if (unchecked && code === 'E0122') return;
    const position = locate?.(this.path, part) ?? { line: 0, column: 0 };
    problems.add({ code, severity, file, ...position, path: pathText(this.path), message, ...rest });
  }

  /** Line on which the field stands; 0 where it has none. */
  get line(): number {
    return this.context.locate?.(this.path, 'key').line ?? 0;
  }

  /** Every object has something of these names: a look-up would find it where nothing was meant to be. */
  #refuseReserved(key: string, part: 'key' | 'value'): boolean {
    if (!(key in Object.prototype)) return false;
    this.problem('E0112', `${JSON.stringify(key)} cannot be a name here`, { seen: key, part, help: 'give it another name' });
    return true;
  }

  /** The value as it stands in the text, so that `1.0` is not told as `1`. */
  #source(): string | undefined {
    const position = this.context.locate?.(this.path, 'value');
    return position?.excerpt.slice(position.column - 1, position.column - 1 + position.width);
  }

  #is(test: (value: unknown) => boolean, wanted: string): boolean {
    if (!this.present) return false;
    if (test(this.value)) return true;
    this.wrongType(wanted);
    return false;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A path as people write it: `spec.containers[0].image`. Keys with dots or slashes stand in quotes: `metadata.labels["app.io/name"]`. */
export function pathText(path: Path): string {
  let out = '';
  for (const step of path) {
    if (typeof step === 'number') out += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) out += out === '' ? step : `.${step}`;
    else out += `[${JSON.stringify(step)}]`;
  }
  return out;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'an object';
  return JSON.stringify(value) ?? 'nothing';
}
