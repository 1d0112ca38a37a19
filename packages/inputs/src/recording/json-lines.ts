import type { Locate, Position } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import { ProblemList } from '../problems/problem.ts';
import { type ByteSource, GzipError, inflated } from '../trace-csv/inflate.ts';

/** One line of a file of JSON lines. */
export interface JsonLine {
  readonly value: unknown;
  /** Counted from 1. */
  readonly line: number;
  readonly locate: Locate;
}

/**
 * Reads a file of one JSON value a line, gzip or not. Empty lines are skipped; lines that are no JSON become problems.
 */
export async function readJsonLines(source: ByteSource, file: string, problems: ProblemList): Promise<JsonLine[]> {
  const text = await textOf(source, file, problems);
  const out: JsonLine[] = [];
  text.split('\n').forEach((raw, index) => {
    if (raw.trim() === '') return;
    const line = index + 1;
    try {
      out.push({ value: JSON.parse(raw), line, locate: locateIn(raw, line) });
    } catch (error) {
      const column = columnOf((error as Error).message, raw);
      const message = 'the line is no JSON';
      const help = 'each line of the file holds one JSON object';
      problems.add({ code: 'E0005', severity: 'error', file, line, column, excerpt: raw.slice(0, 200), message, help });
    }
  });
  return out;
}

async function textOf(source: ByteSource, file: string, problems: ProblemList): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  try {
    for await (const chunk of inflated(source)) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  } catch (error) {
    const damaged = error instanceof GzipError;
    const message = damaged ? 'the gzip data is damaged or ends early' : 'the file is no text in UTF-8';
    problems.add({ code: damaged ? 'E0003' : 'E0002', severity: 'error', file, line: 1, column: 1, message });
    return '';
  }
}

/** JSON is YAML, so the parser that knows positions is asked; only once, and only where a position is wanted. */
function locateIn(raw: string, line: number): Locate {
  let within: Locate | undefined;
  return (path, part): Position => {
    within ??= parseYaml(raw, '', new ProblemList())[0]?.locate;
    const place = within?.(path, part) ?? { column: 1, width: 1, excerpt: raw };
    return { ...cut(place.excerpt, place.column), width: Math.min(place.width, WIDTH), line, column: place.column };
  };
}

/** A line of a recording is thousands of characters long: longer excerpts than this would hide what they point at. */
const WIDTH = 120;

function cut(excerpt: string, column: number): { excerpt: string } {
  return { excerpt: column > WIDTH ? '' : excerpt.slice(0, 2 * WIDTH) };
}

/** Engines tell the position in words of their own; where none is told, the line's beginning stands in. */
function columnOf(message: string, raw: string): number {
  const told = /position (\d+)/.exec(message);
  return told === null ? (/end of|unterminated/i.test(message) ? raw.length + 1 : 1) : Number(told[1]) + 1;
}
