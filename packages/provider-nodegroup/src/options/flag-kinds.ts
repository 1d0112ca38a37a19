import { parseDuration } from '@plimsoll/core';

/** How the text of one flag becomes a value. */
export interface FlagKind<T> {
  /** What the flag expects, as an error says it. */
  readonly expects: string;
  readonly initial: T;
  /** Whether the flag may stand alone on a command line. */
  readonly bare: boolean;
  /** Whether it may be given several times. */
  readonly repeated: boolean;
  /** Throws any error where the value is no such thing. */
  parse(value: unknown): T;
}

/** A duration such as `10m`; held in milliseconds. */
export function duration(initial: number): FlagKind<number> {
  return scalar('a duration such as "10m"', initial, (value) => parseDuration(String(value)));
}

/** A whole number from `min` on. */
export function whole(initial: number, min = 0): FlagKind<number> {
  return scalar(`a whole number from ${min}`, initial, (value) => {
    const number = toNumber(value);
    if (!Number.isSafeInteger(number) || number < min) throw new Error('not a whole number');
    return number;
  });
}

/** A number from `min` to `max`. */
export function ratio(initial: number, max = 1): FlagKind<number> {
  return scalar(`a number from 0 to ${max}`, initial, (value) => {
    const number = toNumber(value);
    if (!(number >= 0 && number <= max)) throw new Error('out of range');
    return number;
  });
}

/** `true` or `false`; alone on a command line it means true. */
export function switched(initial: boolean): FlagKind<boolean> {
  return {
    ...scalar('true or false', initial, (value) => {
      if (value === true || value === 'true' || value === '1') return true;
      if (value === false || value === 'false' || value === '0') return false;
      throw new Error('neither');
    }),
    bare: true,
  };
}

/** Text without commas, one of some words or any. */
export function word(initial: string, among?: readonly string[]): FlagKind<string> {
  return scalar(among === undefined ? 'text' : `one of ${among.join(', ')}`, initial, (value) => {
    if (typeof value !== 'string' || (among !== undefined && !among.includes(value))) throw new Error('another word');
    return value;
  });
}

/** `min:max`, whole numbers. */
export function range(min: number, max: number): FlagKind<{ readonly min: number; readonly max: number }> {
  return scalar('a range such as "0:320000"', { min, max }, (value) => {
    const match = /^(\d+):(\d+)$/.exec(String(value));
    if (match === null) throw new Error('no range');
    const [low, high] = [Number(match[1]), Number(match[2])];
    if (low > high) throw new Error('the minimum passes the maximum');
    return { min: low, max: high };
  });
}

/** Words that are given one by one, or as a comma list. */
export function words(initial: readonly string[] = []): FlagKind<readonly string[]> {
  return {
    ...scalar<readonly string[]>('text, or a list of texts', initial, (value) => {
      const parts = Array.isArray(value) ? value : [value];
      return parts.flatMap((part) => {
        if (typeof part !== 'string') throw new Error('no text');
        return part.split(',').filter((text) => text !== '');
      });
    }),
    repeated: true,
  };
}

function scalar<T>(expects: string, initial: T, parse: (value: unknown) => T): FlagKind<T> {
  return { expects, initial, parse, bare: false, repeated: false };
}

function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
