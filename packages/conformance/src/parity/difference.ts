import { canonical } from '@plimsoll/core';

/** One place where an answer differs. `undefined` stands for an absent key or element. */
export interface Difference {
  /** `rejected.n1.plugin`, `steps[3].best`; empty for the whole. */
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** How values at a path agree, where equality is too much to ask. */
export type Rule =
  /** Lists: order does not matter, repeats do. */
  | 'set'
  /** Lists: some of the expected elements, at least one where any are expected. */
  | 'subset'
  /** Not compared at all. */
  | 'ignored'
  /** Keys that were not expected are no difference; expected ones still count. */
  | 'open'
  /** Numbers: |expected − got| ≤ error × the larger magnitude. */
  | { readonly relativeError: number }
  /** Lists of objects: elements belong together whose values of these fields are equal; order does not matter. */
  | { readonly keyedBy: readonly string[] }
  /** Whether the two agree. */
  | ((expected: unknown, got: unknown) => boolean);

/** Rules by path, where `*` stands for any key and `[]` for any element: `{ 'steps[].state.active': 'set', 'rejected.*.reasons': 'set' }`. */
export type Rules = Readonly<Record<string, Rule>>;

/** A case with more differences than this is told by its first ones. */
const MOST = 1000;

/**
 * What differs between two JSON values, in the order of the expected one; empty where they agree. A key whose value is
 * `undefined` counts as absent.
 */
export function differences(expected: unknown, got: unknown, rules: Rules = {}): readonly Difference[] {
  return compared(expected, got, compile(rules));
}

/** `differences` under rules, in the form that an answerer's `compare` has. */
export function comparing(rules: Rules): (golden: unknown, expected: unknown, got: unknown) => readonly Difference[] {
  const compiled = compile(rules);
  return (_golden, expected, got) => compared(expected, got, compiled);
}

function compared(expected: unknown, got: unknown, rules: RuleNode): readonly Difference[] {
  const found: Difference[] = [];
  compare({ path: '', expected, got }, [rules], found);
  return found;
}

interface RuleNode {
  rule: Rule | undefined;
  readonly children: Map<string, RuleNode>;
}

const EACH = '[]';

function compile(rules: Rules): RuleNode {
  const root: RuleNode = { rule: undefined, children: new Map() };
  for (const [path, rule] of Object.entries(rules)) {
    let node = root;
    for (const key of path.split(/\.|(?=\[\])/)) {
      if (key === '') continue;
      let child = node.children.get(key);
      if (child === undefined) node.children.set(key, (child = { rule: undefined, children: new Map() }));
      node = child;
    }
    node.rule = rule;
  }
  return root;
}

/** `nodes` are the rule nodes that the path has reached: one by name, perhaps one by `*`. The named one decides first. */
function compare(pair: Difference, nodes: readonly RuleNode[], found: Difference[]): void {
  if (found.length >= MOST) return;
  const { path, expected, got } = pair;
  const rule = nodes.find((node) => node.rule !== undefined)?.rule;
  if (rule === 'ignored') return;
  if (typeof rule === 'function') {
    if (!rule(expected, got)) found.push(pair);
    return;
  }
  if (Array.isArray(expected) && Array.isArray(got)) {
    const inner = descend(nodes, EACH);
    if (rule === 'set') compareSets(path, expected, got, found);
    else if (rule === 'subset') compareSubset(pair, expected, got, found);
    else if (typeof rule === 'object' && 'keyedBy' in rule)
      compareKeyed(path, expected, got, { fields: rule.keyedBy, inner }, found);
    else {
      for (let i = 0; i < Math.max(expected.length, got.length); i++) {
        compare({ path: `${path}[${i}]`, expected: expected[i], got: got[i] }, inner, found);
      }
    }
    return;
  }
  if (isRecord(expected) && isRecord(got)) {
    for (const key of Object.keys(expected)) {
      compare({ path: joined(path, key), expected: expected[key], got: own(got, key) }, descend(nodes, key), found);
    }
    if (rule === 'open') return;
    for (const key of Object.keys(got)) {
      if (got[key] === undefined || Object.hasOwn(expected, key)) continue;
      compare({ path: joined(path, key), expected: undefined, got: got[key] }, descend(nodes, key), found);
    }
    return;
  }
  if (expected === got) return;
  if (typeof rule === 'object' && 'relativeError' in rule && typeof expected === 'number' && typeof got === 'number') {
    if (Math.abs(expected - got) <= rule.relativeError * Math.max(Math.abs(expected), Math.abs(got))) return;
  }
  found.push(pair);
}

function descend(nodes: readonly RuleNode[], key: string): RuleNode[] {
  const out: RuleNode[] = [];
  for (const { children } of nodes) {
    const named = children.get(key);
    const any = key === EACH ? undefined : children.get('*');
    if (named !== undefined) out.push(named);
    if (any !== undefined) out.push(any);
  }
  return out;
}

function compareSets(path: string, expected: readonly unknown[], got: readonly unknown[], found: Difference[]): void {
  const spare = new Map<string, unknown[]>();
  for (const element of got) {
    const key = canonical(element);
    const same = spare.get(key);
    if (same === undefined) spare.set(key, [element]);
    else same.push(element);
  }
  for (const element of expected) {
    if (spare.get(canonical(element))?.pop() === undefined) found.push({ path: `${path}{}`, expected: element, got: undefined });
  }
  for (const left of spare.values()) {
    for (const element of left) found.push({ path: `${path}{}`, expected: undefined, got: element });
  }
}

function compareSubset(pair: Difference, expected: readonly unknown[], got: readonly unknown[], found: Difference[]): void {
  if (got.length === 0 && expected.length > 0) {
    found.push(pair);
    return;
  }
  const allowed = new Set(expected.map(canonical));
  for (const element of got) {
    if (!allowed.has(canonical(element))) found.push({ path: `${pair.path}{}`, expected: undefined, got: element });
  }
}

function compareKeyed(
  path: string,
  expected: readonly unknown[],
  got: readonly unknown[],
  { fields, inner }: { fields: readonly string[]; inner: readonly RuleNode[] },
  found: Difference[],
): void {
  const keyOf = (element: unknown): string =>
    fields.map((field) => `${field}=${canonical(isRecord(element) ? element[field] : undefined)}`).join(',');
  const spare = new Map<string, unknown[]>();
  for (const element of got) {
    const key = keyOf(element);
    const same = spare.get(key);
    if (same === undefined) spare.set(key, [element]);
    else same.push(element);
  }
  for (const element of expected) {
    const key = keyOf(element);
    compare({ path: `${path}[${key}]`, expected: element, got: spare.get(key)?.shift() }, inner, found);
  }
  for (const [key, left] of spare) {
    for (const element of left) compare({ path: `${path}[${key}]`, expected: undefined, got: element }, inner, found);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function joined(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
