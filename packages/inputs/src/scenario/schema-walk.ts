import { duration } from '@plimsoll/core';
import * as z from 'zod/mini';

type Schema = z.core.$ZodType;

/** The parts of a schema's definition that are walked. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
}

const definition = (schema: Schema): Definition => schema._zod.def as unknown as Definition;

/** The schema without what only wraps it: optional, default, and the part after a pipe. */
function unwrapped(schema: Schema): Schema {
  const { type, innerType, in: input } = definition(schema);
  if (type === 'pipe' && input !== undefined) return unwrapped(input);
  return innerType === undefined ? schema : unwrapped(innerType);
}

/** The schema of the value at a path below a document. Of a union, the branch that suits the value best. */
export function schemaAt(schema: Schema, path: readonly (string | number)[], value: unknown): Schema | undefined {
  let at: Schema | undefined = schema;
  let current = value;
  for (const step of path) {
    at = at === undefined ? undefined : branchFor(at, current);
    if (at === undefined) return undefined;
    const { shape, element, valueType } = definition(at);
    at = shape?.[String(step)] ?? element ?? valueType;
    current = (current as Record<string | number, unknown> | undefined)?.[step];
  }
  return at === undefined ? undefined : branchFor(at, current);
}

/** Whether the schema wants a duration at a path. */
export function isDurationAt(schema: Schema, path: readonly (string | number)[], value: unknown): boolean {
  const parent = schemaAt(schema, path.slice(0, -1), value);
  const { shape, element, valueType } = parent === undefined ? ({} as Partial<Definition>) : definition(parent);
  let at: Schema | undefined = shape?.[String(path.at(-1))] ?? element ?? valueType;
  for (; at !== undefined && at !== duration; at = definition(at).innerType);
  return at === duration;
}

/** The branch of a union that a value most likely means: for objects the one with the most keys in common, at least one. */
function branchFor(schema: Schema, value: unknown): Schema | undefined {
  const plain = unwrapped(schema);
  const { options } = definition(plain);
  if (options === undefined) return plain;
  const branches = options.map(unwrapped);
  if (typeof value !== 'object' || value === null) return branches.find((branch) => definition(branch).type === typeof value);
  const shared = (branch: Schema): number => Object.keys(value).filter((key) => key in (definition(branch).shape ?? {})).length;
  const best = branches.reduce((a, b) => (shared(b) > shared(a) ? b : a));
  const objects = branches.filter((branch) => definition(branch).shape !== undefined);
  return shared(best) > 0 ? best : objects.length === 1 ? objects[0] : undefined;
}

/** The keys that an object of this schema may have. */
export function keysOf(schema: Schema | undefined): string[] {
  return Object.keys((schema && definition(schema).shape) ?? {});
}

/** The words that a value of this schema may be. */
export function wordsOf(schema: Schema | undefined): string[] {
  if (schema === undefined) return [];
  const { entries, values } = definition(schema);
  return [...Object.values(entries ?? {}), ...(values ?? [])].map(String);
}

/** The issues of a value against a schema, with those of a union's branches replaced by those of the branch that was meant. */
export function issuesOf(schema: Schema, value: unknown): z.core.$ZodIssue[] {
  const result = z.safeParse(schema, value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const inner = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], value);
    const branch = schemaAt(schema, issue.path as (string | number)[], value);
    if (branch === undefined || definition(branch).type === 'union') return [issue];
    const issues = issuesOf(branch, inner);
    // A check without words of its own says what the whole union says.
    const wordless = ({ code, message }: z.core.$ZodIssue): boolean => code === 'custom' && message === 'Invalid input';
    return issues.length === 0
      ? [issue]
      : issues.map((found) => ({
          ...found,
          path: [...issue.path, ...found.path],
          ...(wordless(found) && { message: issue.message }),
        }));
  });
}
