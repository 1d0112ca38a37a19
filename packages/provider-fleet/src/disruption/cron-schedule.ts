import { DAY, MINUTE } from '@plimsoll/core';

/** When a schedule hits: bits of the values that each field allows. */
export interface CronSchedule {
  readonly minutes: number;
  /** Minutes from 30 on, so that each half fits into a number's bits. */
  readonly lateMinutes: number;
  readonly hours: number;
  readonly daysOfMonth: number;
  readonly months: number;
  readonly daysOfWeek: number;
  /** Whether one of the two day fields is open: then both must hold, else either one. */
  readonly openDay: boolean;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTH_NAMES },
  { min: 0, max: 6, names: DAY_NAMES },
];
const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
/** Longest month, with a leap year's February. */
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Parses a cron expression of five fields, or a descriptor such as `@daily`; undefined where it is none. Steps, ranges, lists
 * and names are understood; Sunday is 0.
 *
 * Source: robfig/cron v3.0.1, `parser.go` (ParseStandard), which Karpenter uses for budgets.
 */
export function parseCron(text: string): CronSchedule | undefined {
  const expression = text.startsWith('@') ? DESCRIPTORS[text] : text;
  const fields = expression?.trim().split(/\s+/) ?? [];
  if (fields.length !== FIELDS.length) return undefined;
  const sets = fields.map((field, place) => fieldSet(field, FIELDS[place]));
  if (sets.some((set) => set === undefined)) return undefined;
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = sets as FieldSet[];
  const bits = ({ values }: FieldSet, from = 0): number =>
    values.reduce((all, v) => (v < from ? all : all | (1 << (v - from))), 0);
  return {
    minutes: bits({ ...minutes, values: minutes.values.filter((minute) => minute < 30) }),
    lateMinutes: bits(minutes, 30),
    hours: bits(hours),
    daysOfMonth: bits(daysOfMonth),
    months: bits(months),
    daysOfWeek: bits(daysOfWeek),
    openDay: daysOfMonth.open || daysOfWeek.open,
  };
}

/**
 * Whether a schedule hits after one instant and not after another; milliseconds since 1970 in UTC. A schedule that never hits counts as one that
 * does, as in the real program.
 */
export function hitsWithin(schedule: CronSchedule, after: number, until: number): boolean {
  if (!everHits(schedule)) return true;
  for (let day = Math.floor(after / DAY); day * DAY <= until; day++) {
    if (!hitsOnDay(schedule, day)) continue;
    const first = Math.max(0, Math.floor((after - day * DAY) / MINUTE) + 1);
    const last = Math.min(1439, Math.floor((until - day * DAY) / MINUTE));
    for (let minute = after < day * DAY ? 0 : first; minute <= last; minute++) {
      if (hitsAt(schedule, minute)) return true;
    }
  }
  return false;
}

interface FieldSet {
  readonly values: readonly number[];
  /** Whether the field is a star. */
  readonly open: boolean;
}

function fieldSet(text: string, bounds: Bounds): FieldSet | undefined {
  const values = new Set<number>();
  let open = false;
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [range, step, ...rest] = part.split('/');
    const ends = range.split('-');
    const star = range === '*' || range === '?';
    const from = star ? bounds.min : numberOf(ends[0], bounds);
    let to = star ? bounds.max : ends.length === 1 ? from : numberOf(ends[1], bounds);
    const by = step === undefined ? 1 : /^\d+$/.test(step) ? Number(step) : 0;
    if (step !== undefined && !star && ends.length === 1) to = bounds.max;
    if (rest.length > 0 || ends.length > 2 || from === undefined || to === undefined || by === 0) return undefined;
    if (from < bounds.min || to > bounds.max || from > to) return undefined;
    if (star && by === 1) open = true;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return { values: [...values], open };
}

function numberOf(text: string, { names }: Bounds): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const place = names?.indexOf(text.toLowerCase()) ?? -1;
  if (place < 0) return undefined;
  return names === MONTH_NAMES ? place + 1 : place;
}

function everHits({ daysOfMonth, months, openDay, daysOfWeek }: CronSchedule): boolean {
  if (!openDay && daysOfWeek !== 0) return true;
  return DAYS_IN_MONTH.some((days, month) => {
    const inMonth = days === 31 ? -1 : 2 ** (days + 1) - 1;
    return (months & (1 << (month + 1))) !== 0 && (daysOfMonth & inMonth) !== 0;
  });
}

function hitsAt({ hours, minutes, lateMinutes }: CronSchedule, minuteOfDay: number): boolean {
  const hour = Math.floor(minuteOfDay / 60);
  const minute = minuteOfDay - hour * 60;
  if ((hours & (1 << hour)) === 0) return false;
  return minute < 30 ? (minutes & (1 << minute)) !== 0 : (lateMinutes & (1 << (minute - 30))) !== 0;
}

/** Whether a day, counted from 1970-01-01, is one of the schedule's. */
function hitsOnDay({ daysOfMonth, daysOfWeek, months, openDay }: CronSchedule, day: number): boolean {
  const { month, dayOfMonth } = civil(day);
  if ((months & (1 << month)) === 0) return false;
  const byMonth = (daysOfMonth & (1 << dayOfMonth)) !== 0;
  // 1970-01-01 was a Thursday.
  const byWeek = (daysOfWeek & (1 << ((((day + 4) % 7) + 7) % 7))) !== 0;
  return openDay ? byMonth && byWeek : byMonth || byWeek;
}

/** Month, from 1, and day of the month of a day counted from 1970-01-01: eras of 400 years that begin on the first of March. */
function civil(day: number): { month: number; dayOfMonth: number } {
  const shifted = day + 719_468;
  const dayOfEra = shifted - Math.floor(shifted / 146_097) * 146_097;
  const year = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return {
    month: fromMarch < 10 ? fromMarch + 3 : fromMarch - 9,
    dayOfMonth: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}
