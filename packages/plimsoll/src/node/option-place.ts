import type { OptionsError } from '@plimsoll/core';
import { didYouMean } from '@plimsoll/core';
import type { Path } from '@plimsoll/inputs';

/**
 * The way from an autoscaler's `config` to what an options error speaks of: a provider names a flag however it was given, and may name
 * an item of a list by its name.
 */
export function placeInConfig(config: unknown, path: Path): Path {
  const flag = flagPlace(config, path);
  if (flag !== undefined) return flag;
  const way: (string | number)[] = [];
  let value = config;
  for (const step of path) {
    const at = Array.isArray(value) && typeof step === 'string' ? value.findIndex((item) => nameOf(item) === step) : step;
    if (at === -1) break;
    way.push(at);
    value = inside(value, at);
  }
  return way;
}

/** Where a flag stands, if it is one: in a command line, in an object below `flags`, or in a command line there. */
function flagPlace(config: unknown, [name, occurrence]: Path): Path | undefined {
  if (Array.isArray(config)) return inCommandLine(config, [], name, occurrence);
  if (!isRecord(config) || name in config) return undefined;
  const { flags } = config;
  if (Array.isArray(flags)) return inCommandLine(flags, ['flags'], name, occurrence);
  return isRecord(flags) && name in flags ? ['flags', name] : undefined;
}

function inCommandLine(line: readonly unknown[], path: Path, name: string | number, occurrence: unknown): Path | undefined {
  const places = [...line.keys()].filter((at) => String(line[at]).replace(/^--?/, '').split('=', 1)[0] === name);
  const at = places[typeof occurrence === 'number' ? occurrence : 0];
  return at === undefined ? undefined : [...path, at];
}

/** What an options error says, in the parts that a problem has. */
export interface OptionsText {
  readonly message: string;
  readonly help?: string;
  /** Whether the key is meant, or its value. */
  readonly part: 'key' | 'value';
}

/** Parts an options error into message and help, given the value that stands at its path. */
export function optionsText(error: OptionsError, value: unknown): OptionsText {
  const key = error.path.at(-1);
  const prefix = `${error.path.join('.')}: `;
  const bare = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const [head, ...rest] = bare.split('; ');
  const absent = /^(.+), got (?:nothing|undefined)$/.exec(head);
  if (absent !== null && value === undefined)
    return { message: `${JSON.stringify(key)} is missing`, help: absent[1], part: 'key' };
  const message = head.replace(/^unknown (key|field)/, `$& ${JSON.stringify(key)}`);
  const near = error.suggestion ?? nearest(head);
  const help = near === undefined ? rest.join('; ') : `did you mean ${JSON.stringify(near)}?`;
  const tellsValue = typeof value !== 'object' && [JSON.stringify(value), String(value)].some((text) => message.includes(text));
  return { message, part: tellsValue ? 'value' : 'key', ...(help !== '' && { help }) };
}

/** The word that was meant, where the message lists the words and the one seen. */
function nearest(message: string): string | undefined {
  const match = /^expected (?:one of |some of )?(.+), got "(.*)"$/.exec(message);
  return match === null ? undefined : didYouMean(match[2], match[1].split(', '));
}

/** The value at a path, undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(inside, value);
}

function inside(value: unknown, step: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
}

function nameOf(item: unknown): unknown {
  return inside(item, 'name') ?? inside(inside(item, 'metadata'), 'name');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
