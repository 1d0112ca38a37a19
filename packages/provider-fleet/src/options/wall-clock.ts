import { DAY, daysOf, HOUR, MINUTE, OptionsError, SECOND } from '@plimsoll/core';
import type { Fields } from './fields.ts';
import { show } from './fields.ts';

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?Z$/;

/** A Monday at midnight. */
export const DEFAULT_START = instant('2026-01-05T00:00:00Z') as number;

/** Milliseconds since 1970 of a text such as `2026-01-05T09:30:00Z`; undefined where it is none. */
function instant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  return daysOf(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND;
}

/** Reads an instant in UTC as milliseconds since 1970. */
export function readInstant(fields: Fields, key: string, fallback: number): number {
  if (!fields.has(key)) return fallback;
  const value = fields.raw(key);
  const millis = typeof value === 'string' ? instant(value) : undefined;
  if (millis === undefined) {
    throw new OptionsError(fields.at(key), `expected an instant in UTC such as "2026-01-05T09:30:00Z", got ${show(value)}`);
  }
  return millis;
}
