import { enablePatches, type Patch, produceWithPatches } from 'immer';
import * as z from 'zod/mini';
import { OptionsError } from '../contracts/provider.ts';
import { canonical } from '../model/classes.ts';
import { type Scenario, scenarioSchema } from './schema.ts';

enablePatches();

/** What is expected, in one sentence. The schema's own sentences win. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.message !== 'Invalid input') return issue.message;
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_type':
      return `expected ${issue.expected === 'int' ? 'a whole number' : issue.expected === 'record' ? 'object' : issue.expected}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${issue.origin === 'array' ? (issue.minimum === 1 ? ' entry' : ' entries') : ''}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    case 'invalid_key':
      return issue.issues.map(describe).join('; ');
    case 'invalid_union':
      return `expected one of: ${issue.errors.flatMap((branch) => branch.map(describe)).join('; or ')}`;
    default:
      return 'invalid value';
  }
}

/** One thing that is wrong with a scenario: where, and what would be accepted. */
export interface ScenarioIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Keys that the schema does not know, where that is the problem. */
  readonly unknownKeys?: readonly string[];
}

/** Checks a document and fills in defaults. The result is frozen; the document stays as it is, and the caller's own. */
export function parseScenario(
  document: unknown,
): { readonly ok: true; readonly scenario: Scenario } | { readonly ok: false; readonly issues: readonly ScenarioIssue[] } {
  const result = z.safeParse(scenarioSchema, copy(document));
  if (result.success) return { ok: true, scenario: freeze(result.data) };
  const issues = result.error.issues.map((issue): ScenarioIssue => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    return { path, message: describe(issue), ...(issue.code === 'unrecognized_keys' && { unknownKeys: issue.keys }) };
  });
  return { ok: false, issues };
}

/** A scenario with one autoscaler edited, and what was edited. */
export interface EditedScenario {
  readonly scenario: Scenario;
  /** The patches that lead from the original to it. */
  readonly patches: readonly Patch[];
  /** The patches for people: `config.nodePools.0.spec.weight = 10`. */
  readonly label: string;
}

/**
 * A copy of a scenario in which an autoscaler's entry has other values at some paths (dotted, below the entry; list indices as
 * numbers). The original stays as it is. An entry without `config` counts as one with an empty one.
 *
 * @throws OptionsError when the autoscaler or a path's parent does not exist.
 */
export function editAutoscaler(scenario: Scenario, name: string, edits: Readonly<Record<string, unknown>>): EditedScenario {
  if (scenario.autoscalers[name] === undefined) {
    throw new OptionsError(
      ['autoscalers', name],
      `there is no such autoscaler; the scenario has ${Object.keys(scenario.autoscalers).join(', ')}`,
    );
  }
  const [next, patches] = produceWithPatches(scenario, (draft) => {
    for (const [path, value] of Object.entries(edits)) assign(draft.autoscalers[name], path.split('.'), copy(value), name);
  });
  const label = patches.map((patch) => `${patch.path.slice(2).join('.')} = ${canonical(patch.value)}`).join(', ');
  return { scenario: freeze(next), patches, label };
}

/** The scenario with every variant as an autoscaler of its own, under the variant's name. Variants stay listed. */
export function withVariants(scenario: Scenario): Scenario {
  const autoscalers: Record<string, Scenario['autoscalers'][string]> = { ...scenario.autoscalers };
  for (const [name, { of, set }] of Object.entries(scenario.variants)) {
    if (autoscalers[name] !== undefined) throw new OptionsError(['variants', name], 'an autoscaler has this name already');
    if (scenario.autoscalers[of] === undefined) {
      throw new OptionsError(
        ['variants', name, 'of'],
        `there is no autoscaler ${JSON.stringify(of)}; the scenario has ${Object.keys(scenario.autoscalers).join(', ')}`,
      );
    }
    const edits = Object.fromEntries(Object.entries(set).map(([path, value]) => [`config.${path}`, value]));
    autoscalers[name] = editAutoscaler(scenario, of, edits).scenario.autoscalers[of];
  }
  return freeze({ ...scenario, autoscalers });
}

/** Freezes a value and everything in it, buffers aside. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

/** A deep copy of plain data: what is kept of a caller's document must neither freeze it nor change with it. */
function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)])) as T;
}

function assign(target: unknown, path: readonly string[], value: unknown, name: string): void {
  let at = target as Record<string, unknown>;
  path.slice(0, -1).forEach((key, depth) => {
    if (depth === 0 && key === 'config' && at[key] === undefined) at[key] = {};
    const inner = at[key];
    if (typeof inner !== 'object' || inner === null) {
      throw new OptionsError(
        ['autoscalers', name, ...path.slice(0, depth + 1)],
        'there is nothing here that a variant could edit',
      );
    }
    at = inner as Record<string, unknown>;
  });
  at[path[path.length - 1]] = value;
}
