import { parseScenario, type Scenario, scenarioSchema } from '@plimsoll/core';
import type * as z from 'zod/mini';
import { Field, isRecord, type Locate, type Path, pathText } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import type { ProblemCode } from '../problems/codes.ts';
import { suggestion } from '../problems/did-you-mean.ts';
import { InputError, type Problem, ProblemList } from '../problems/problem.ts';
import { isDurationAt, issuesOf, keysOf, schemaAt, wordsOf } from './schema-walk.ts';

/** What may be said of a problem beside its message. */
export interface ScenarioProblemDetails {
  readonly help?: string;
  /** Whether the key is pointed at, or the value (the default). */
  readonly part?: 'key' | 'value';
}

/** A scenario that was read, and the way back to its text. */
export interface ScenarioReading {
  readonly file: string;
  /** Checked, defaults filled in, frozen. */
  readonly scenario: Scenario;
  /** The document as it was written, without the keys that start with `x-`. */
  readonly document: unknown;
  /** Finds the line and column of a path. */
  readonly locate: Locate;
  /** An error at a path of the document, for what only its user can check: file names, an autoscaler's own options. */
  problem(path: Path, code: ProblemCode, message: string, details?: ScenarioProblemDetails): InputError;
}

/**
 * Reads a scenario file: YAML, one document. Keys that start with `x-` are free for notes; every other key that the schema does not
 * know is an error.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export function readScenario(text: string, file: string): ScenarioReading {
  const problems = new ProblemList();
  const documents = parseYaml(text, file, problems);
  problems.settle();
  if (documents.length !== 1) {
    const [, second] = documents;
    const problem =
      second === undefined
        ? { code: 'E0001', message: 'the scenario is empty', help: 'it starts with apiVersion: plimsoll/v1' }
        : {
            code: 'E0108',
            message: 'a scenario file holds one document, and here a second begins',
            help: 'give it a file of its own, or remove the line "---" before it',
          };
    const position = second?.locate([], 'value') ?? { line: 1, column: 1 };
    throw new InputError([{ severity: 'error', file, ...position, ...problem } as Problem]);
  }
  const [{ value, locate }] = documents;
  const document = withoutNotes(value);
  const context = { file, problems, locate };
  const root = new Field(document, [], context);
  const parsed = parseScenario(document);
  if (!parsed.ok) {
    for (const issue of issuesOf(scenarioSchema, document)) report(issue, root);
    problems.settle();
    // The walk above names the same issues more precisely; should it miss one, the schema's own words are better than none.
    for (const { path, message } of parsed.issues) fieldAt(root, path).problem('E0103', message);
    problems.settle();
    throw new Error('the scenario was refused without a reason');
  }
  return {
    file,
    scenario: parsed.scenario,
    document,
    locate,
    problem(path, code, message, details = {}) {
      const list = new ProblemList();
      new Field(undefined, placeInFile(document, path), { file, problems: list, locate }).problem(code, message, details);
      return new InputError(list.list().map((problem) => ({ ...problem, path: pathText(path) })));
    },
  };
}

/** Free keys are removed everywhere but inside an autoscaler's own options and the edits of a variant. */
function withoutNotes(value: unknown, key?: string): unknown {
  if (key === 'config' || key === 'set') return value;
  if (Array.isArray(value)) return value.map((item) => withoutNotes(item));
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !name.startsWith('x-'));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNotes(inner, name)]));
}

/**
 * A variant becomes an autoscaler of its own, which has no place in the file. What is wrong with its options stands in the edit that
 * they come from, or, where no edit has to do with it, in the autoscaler that it is a variant of.
 */
function placeInFile(document: unknown, path: Path): Path {
  const root = new Field(document, [], { file: '', problems: new ProblemList() });
  const [top, name, config, ...rest] = path.map(String);
  const variant = root.at('variants').at(name);
  if (top !== 'autoscalers' || root.at('autoscalers').at(name).present || !variant.present) return path;
  const edits = isRecord(variant.at('set').value) ? Object.keys(variant.at('set').value as object) : [];
  const place = rest.join('.');
  const within = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}.`);
  const edit = edits.find((key) => within(place, key)) ?? edits.find((key) => within(key, place));
  if (edit !== undefined) return ['variants', name, 'set', edit, ...path.slice(3 + edit.split('.').length)];
  const of = variant.at('of').value;
  return config === undefined || typeof of !== 'string' ? variant.path : ['autoscalers', of, ...path.slice(2)];
}

function fieldAt(root: Field, path: Path): Field {
  return path.reduce<Field>((field, step) => {
    const value = (field.value as Record<string | number, unknown> | undefined)?.[step];
    return new Field(value, [...field.path, step], field.context);
  }, root);
}

function report(issue: z.core.$ZodIssue, root: Field): void {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const field = fieldAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(scenarioSchema, path, root.value));
    for (const key of issue.keys) {
      // What is there already was hardly misspelt.
      const help = suggestion(
        key,
        known.filter((name) => !(name in (field.value as object))),
      );
      field.at(key).problem('E0102', `unknown field ${JSON.stringify(key)}`, {
        part: 'key',
        seen: key,
        accepted: known.join(', '),
        ...(help !== undefined && { help }),
      });
    }
  } else if (!field.present) field.missing();
  else reportValue(issue, field, root);
}

function reportValue(issue: z.core.$ZodIssue, field: Field, root: Field): void {
  const { value } = field;
  const plain = typeof value !== 'object';
  const seen = plain ? JSON.stringify(value) : Array.isArray(value) ? 'a list' : 'an object';
  const words = wordsOf(schemaAt(scenarioSchema, field.path, root.value));
  if (issue.code === 'invalid_value') {
    const help = typeof value === 'string' ? suggestion(value, words) : undefined;
    field.problem('E0107', `${seen} is not one of ${words.join(', ')}`, {
      seen,
      accepted: words.join(', '),
      ...(help !== undefined && { help }),
    });
    return;
  }
  if (issue.code === 'invalid_type' && isDurationAt(scenarioSchema, field.path, root.value)) {
    field.problem('E0106', `expected a duration such as "30s", "10m" or "1h30m", got ${seen}`, { seen });
    return;
  }
  if (issue.code === 'too_small' && Array.isArray(value)) {
    field.problem('E0110', `expected a list of at least ${issue.minimum}, got ${value.length}`, { seen });
    return;
  }
  const said = issue.message !== 'Invalid input' ? issue.message : expectation(issue);
  const range = issue.code === 'too_small' || issue.code === 'too_big' || issue.code === 'custom';
  const code: ProblemCode = said.includes('a duration such as') ? 'E0106' : range ? 'E0110' : 'E0103';
  const complete = said.includes(', got ') || (issue.code === 'custom' && !plain);
  const message = complete ? said : `${said}, got ${seen}`;
  field.problem(code, message, { seen });
}

/** What a schema without words of its own expects. */
function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const names: Readonly<Record<string, string>> = {
        int: 'a whole number',
        number: 'a number',
        string: 'a text',
        array: 'a list',
        object: 'an object',
        record: 'an object',
        boolean: 'true or false',
      };
      return `expected ${names[issue.expected] ?? issue.expected}`;
    }
    case 'too_small':
      return `expected at least ${issue.minimum}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    default:
      return 'this value is not valid here';
  }
}
