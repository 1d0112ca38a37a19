import { DAY, HOUR, MINUTE, parseDuration } from '../duration.ts';
import { civilDay, daysOf, weekday } from './calendar.ts';
import { instantOf, offsetAt, type TimeZone } from './time-zone.ts';

/** When something is to run. */
export interface Schedule {
  /** The next time after an instant, in milliseconds from 1970; undefined where there is none within five years. */
  next(after: number): number | undefined;
}

/** A schedule that cannot be read. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The values of a field, and whether it takes any (`*` without steps). */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly any: boolean;
}

/**
 * Reads a schedule in the form that CronJobs and Karpenter's budgets take: five fields of values, ranges, lists, steps and names (Sunday
 * is 0), a descriptor such as `@daily`, or `@every 90s`.
 *
 * Source of the grammar and of the search: robfig/cron v3 (`parser.go`, `spec.go`), which Kubernetes v1.36 and Karpenter 1.14 use.
 * @throws ScheduleError
 */
export function parseSchedule(text: string, zone: TimeZone): Schedule {
  if (text.startsWith('@every ')) return every(text.slice('@every '.length));
  const fields = (DESCRIPTORS[text] ?? text).trim().split(/\s+/);
  if (fields.length !== 5)
    throw new ScheduleError(`expected five fields or a descriptor such as "@daily", got ${JSON.stringify(text)}`);
  const [minute, hour, day, month, dayOfWeek] = [
    parseField(fields[0], 0, 59),
    parseField(fields[1], 0, 23),
    parseField(fields[2], 1, 31),
    parseField(fields[3], 1, 12, MONTHS),
    parseField(fields[4], 0, 6, WEEKDAYS),
  ];
  const dayFits = (days: number): boolean => {
    const [byDay, byWeek] = [day.values.has(civilDay(days).day), dayOfWeek.values.has(weekday(days))];
    return day.any || dayOfWeek.any ? byDay && byWeek : byDay || byWeek;
  };
  return { next: (after) => search({ zone, minute, hour, month, dayFits }, after) };
}

function every(text: string): Schedule {
  let period: number;
  try {
    period = Math.max(1000, Math.floor(parseDuration(text) / 1000) * 1000);
  } catch {
    throw new ScheduleError(`expected a duration such as "90s", got ${JSON.stringify(text)}`);
  }
  return { next: (after) => Math.floor(after / 1000) * 1000 + period };
}

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Field {
  const values = new Set<number>();
  let any = false;
  // Commas with nothing between them count once.
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [range, stepText, ...more] = part.split('/');
    const step = stepText === undefined ? 1 : /^\d+$/.test(stepText) ? Number(stepText) : 0;
    const all = range === '*' || range === '?';
    const [lowText, highText, ...rest] = all ? [String(min), String(max)] : range.split('-');
    const low = readValue(lowText, min, names);
    const high = highText !== undefined ? readValue(highText, min, names) : stepText !== undefined ? max : low;
    const sound = step > 0 && low >= min && high <= max && low <= high;
    if (!sound || more.length + rest.length > 0) throw new ScheduleError(`cannot read ${JSON.stringify(part)} in a schedule`);
    for (let value = low; value <= high; value += step) values.add(value);
    any ||= all && step === 1;
  }
  return { values, any };
}

function readValue(text: string, min: number, names: readonly string[]): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

interface Spec {
  readonly zone: TimeZone;
  readonly minute: Field;
  readonly hour: Field;
  readonly month: Field;
  dayFits(days: number): boolean;
}

/** Steps months, days, hours and minutes until all fit. Clocks that change are met as the real search meets them. */
function search({ zone, minute, hour, month, dayFits }: Spec, after: number): number | undefined {
  const local = (unix: number): number => unix + offsetAt(zone, unix) * MINUTE;
  const dayOf = (unix: number): number => Math.floor(local(unix) / DAY);
  const hourOf = (unix: number): number => Math.floor((local(unix) % DAY) / HOUR);
  const minuteOf = (unix: number): number => Math.floor((local(unix) % HOUR) / MINUTE);
  const midnight = (days: number): number => instantOf(zone, days * DAY);
  let time = Math.floor(after / 1000) * 1000 + 1000;
  const lastYear = civilDay(dayOf(time)).year + 5;
  let started = false;
  for (;;) {
    let { year, month: at } = civilDay(dayOf(time));
    if (year > lastYear) return undefined;
    while (!month.values.has(at)) {
      started = true;
      time = midnight(daysOf(year, at + 1, 1));
      ({ year, month: at } = civilDay(dayOf(time)));
      if (at === 1) break;
    }
    if (!month.values.has(at)) continue;
    let wrapped = false;
    while (!dayFits(dayOf(time))) {
      if (!started) {
        started = true;
        time = midnight(dayOf(time));
      }
      time = instantOf(zone, local(time) + DAY);
      const clock = hourOf(time);
      if (clock !== 0) time += clock > 12 ? (24 - clock) * HOUR : -clock * HOUR;
      if (civilDay(dayOf(time)).day === 1) {
        wrapped = true;
        break;
      }
    }
    if (wrapped) continue;
    while (!hour.values.has(hourOf(time))) {
      if (!started) {
        started = true;
        time = instantOf(zone, Math.floor(local(time) / HOUR) * HOUR);
      }
      time += HOUR;
      if (hourOf(time) === 0) {
        wrapped = true;
        break;
      }
    }
    if (wrapped) continue;
    while (!minute.values.has(minuteOf(time))) {
      if (!started) {
        started = true;
        time = Math.floor(time / MINUTE) * MINUTE;
      }
      time += MINUTE;
      if (minuteOf(time) === 0) {
        wrapped = true;
        break;
      }
    }
    if (wrapped) continue;
    if (time % MINUTE === 0) return time;
    // Seconds: only the full minute fits.
    started = true;
    time = Math.floor(time / MINUTE) * MINUTE + MINUTE;
    if (minuteOf(time) !== 0 && minute.values.has(minuteOf(time))) return time;
  }
}
