/** Milliseconds of a second, minute, hour and day. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** Wrong text for a duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

/**
 * Parses `"250ms"`, `"10m"`, `"1h30m"`, `"7d"` to whole milliseconds. Fractions are allowed (`"1.5h"`) and rounded to the nearest millisecond.
 *
 * @throws DurationError on anything else, negative durations included.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  let total = 0;
  let rest = text;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|d)/.exec(rest);
    if (match === null)
      throw new DurationError(`expected a duration such as "30s", "10m" or "1h30m", got ${JSON.stringify(text)}`);
    total += Number(match[1]) * UNIT_MS[match[2]];
    rest = rest.slice(match[0].length);
  }
  if (text === '') throw new DurationError('expected a duration such as "30s", "10m" or "1h30m", got an empty text');
  if (!(total <= Number.MAX_SAFE_INTEGER))
    throw new DurationError(`${JSON.stringify(text)} is too long to be held in milliseconds`);
  return Math.round(total);
}

/** Prints milliseconds for people: `950ms`, `12.3s`, `4m 05s`, `13h 00m`, `30d 02h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'never';
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / SECOND);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(ms / HOUR);
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}
