import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { ProblemList } from '../problems/problem.ts';
import type { Locate, Path, Position } from './field.ts';
import { tooDeepAt } from './nesting.ts';

/** One document of a YAML text: a plain value, and where its parts stand. */
export interface YamlDocument {
  readonly value: unknown;
  readonly locate: Locate;
}

/** An alias may stand for so many values at most, so that a small file can't blow up to a huge one. */
const ALIASES_MAX = 1000;

/**
 * Parses a YAML or JSON text of one or more documents. Empty documents are left out; so are those that are no valid YAML, whose
 * mistakes become problems. Anchors and merge keys (`<<`) are followed.
 */
export function parseYaml(text: string, file: string, problems: ProblemList): YamlDocument[] {
  const counter = new LineCounter();
  const place = (offset: number, end: number): Position => positionAt(text, counter, offset, end);
  const deep = tooDeepAt(text);
  if (deep >= 0) {
    const { line, column, excerpt } = plainPosition(text, deep);
    problems.add({ code: 'E0005', severity: 'error', file, line, column, excerpt, message: 'the document is nested too deeply' });
    return [];
  }
  // The parser compares each key with all before it, which takes for ever on a map of a hundred thousand; see `repeatedKeys`.
  const options = { lineCounter: counter, prettyErrors: false, merge: true, stringKeys: true, uniqueKeys: false };
  const documents = parseAllDocuments(text, options);
  const out: YamlDocument[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    for (const { message, pos } of document.errors) {
      problems.add({ code: 'E0005', severity: 'error', file, ...place(pos[0], pos[1]), message: sentence(message) });
    }
    const repeated = repeatedKeys(document);
    for (const at of repeated) {
      const end = keyEnd(text, at);
      const message = `key ${JSON.stringify(text.slice(at, end))} is given twice`;
      problems.add({ code: 'E0108', severity: 'error', file, ...place(at, end), message });
    }
    if (document.errors.length + repeated.length > 0 || document.contents === null) continue;
    try {
      const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
      if (value !== null) out.push({ value, locate: locateIn(document, place) });
    } catch (error) {
      problems.add({ code: 'E0005', severity: 'error', file, ...place(0, 0), message: sentence((error as Error).message) });
    }
  }
  return out;
}

/** Offsets of keys that their map has had before. Merge keys may be repeated. */
function repeatedKeys(document: Document): number[] {
  const found: number[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value)) found.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return found;
}

/** The position of an offset in a text that no parser has seen. */
function plainPosition(text: string, offset: number): { line: number; column: number; excerpt: string } {
  const before = text.slice(0, offset).split('\n');
  const column = before[before.length - 1].length + 1;
  return { line: before.length, column, excerpt: text.slice(offset - column + 1, offset + 100).split('\n', 1)[0] };
}

function positionAt(text: string, counter: LineCounter, offset: number, offsetEnd: number): Position {
  const { line, col } = counter.linePos(offset);
  const start = counter.lineStarts[line - 1] ?? 0;
  // A document of one line may be megabytes long and be asked for each of its fields: nothing here may read the line.
  const next = counter.lineStarts[line];
  const end = next === undefined ? text.length : next - 1;
  const excerpt = text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
  const width = Math.max(1, Math.min(offsetEnd - offset, excerpt.length - (col - 1)));
  return { line, column: col, width, excerpt };
}

function locateIn(document: Document, place: (offset: number, end: number) => Position): Locate {
  const spot = (node: unknown): Position | undefined => {
    const range = (node as Node | undefined)?.range;
    return range ? place(range[0], range[1]) : undefined;
  };
  return (path: Path, part: 'key' | 'value'): Position => {
    let node: unknown = document.contents;
    let best = spot(node) ?? place(0, 0);
    for (const [depth, step] of path.entries()) {
      const pair = pairOf(node, step, document);
      const last = depth === path.length - 1;
      if (pair === undefined) return best;
      const key = spot(pair.key);
      const value = emptyScalar(pair.value) ? undefined : spot(pair.value);
      best = (last && part === 'value' ? (value ?? key) : (key ?? value)) ?? best;
      node = pair.value;
    }
    return best;
  };
}

/** The entry of a map, through aliases and merge keys, or the item of a list in the same form. */
function pairOf(node: unknown, step: string | number, document: Document): { key: unknown; value: unknown } | undefined {
  const at = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(at)) {
    const item = typeof step === 'number' ? at.items[step] : undefined;
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!isMap(at)) return undefined;
  const named = (name: string): Pair | undefined =>
    at.items.find((pair) => isPair(pair) && String(isScalar(pair.key) ? pair.key.value : pair.key) === name);
  const own = named(String(step));
  if (own !== undefined) return own;
  const merged = named('<<')?.value;
  const sources = isSeq(merged) ? merged.items : merged === undefined || merged === null ? [] : [merged];
  for (const source of sources) {
    const found = pairOf(source, step, document);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A key without a value has a node of no width behind the colon: the key is the better place to point at. */
function emptyScalar(node: unknown): boolean {
  return isScalar(node) && node.range != null && node.range[0] === node.range[1];
}

function keyEnd(text: string, start: number): number {
  const colon = text.slice(start).search(/\s*:(\s|$)/);
  return colon < 0 ? start + 1 : start + colon;
}

/** The parser's message as ours are: one line, small first letter, no full stop. */
function sentence(message: string): string {
  const line = message.split('\n', 1)[0].trim().replace(/\.$/, '');
  return line.slice(0, 1).toLowerCase() + line.slice(1);
}
