import { DAY } from '../duration.ts';
import { daysOf, weekday } from './calendar.ts';

/** When clocks change: the n-th weekday (Sunday) of a month, 5 for the last, at a minute of the day. */
interface Change {
  readonly month: number;
  readonly week: number;
  /** Minute of the day, of the clocks as they were before; of UTC for {@link EU}. */
  readonly minute: number;
}

/** A time zone by the rules of today: an offset in minutes east of UTC, and where clocks change, the summer's. */
export interface TimeZone {
  readonly offset: number;
  readonly summer?: { readonly offset: number; readonly from: Change; readonly to: Change; readonly inUtc?: true };
}

const UTC: TimeZone = { offset: 0 };

const US = { from: { month: 3, week: 2, minute: 120 }, to: { month: 11, week: 1, minute: 120 } };
const EU = { from: { month: 3, week: 5, minute: 60 }, to: { month: 10, week: 5, minute: 60 }, inUtc: true } as const;
const AUSTRALIA = { from: { month: 10, week: 1, minute: 120 }, to: { month: 4, week: 1, minute: 180 } };

function american(offset: number): TimeZone {
  return { offset, summer: { offset: offset + 60, ...US } };
}

function european(offset: number): TimeZone {
  return { offset, summer: { offset: offset + 60, ...EU } };
}

function australian(offset: number): TimeZone {
  return { offset, summer: { offset: offset + 60, ...AUSTRALIA } };
}

/** Source: IANA time zone database, the rules in force since 2007. Earlier times are told by the same rules. */
const ZONES: Readonly<Record<string, TimeZone>> = {
  '': UTC,
  UTC,
  GMT: UTC,
  'Etc/UTC': UTC,
  'Etc/GMT': UTC,
  'Europe/London': european(0),
  'Europe/Dublin': european(0),
  'Europe/Lisbon': european(0),
  'Europe/Amsterdam': european(60),
  'Europe/Belgrade': european(60),
  'Europe/Berlin': european(60),
  'Europe/Brussels': european(60),
  'Europe/Budapest': european(60),
  'Europe/Copenhagen': european(60),
  'Europe/Madrid': european(60),
  'Europe/Oslo': european(60),
  'Europe/Paris': european(60),
  'Europe/Prague': european(60),
  'Europe/Rome': european(60),
  'Europe/Stockholm': european(60),
  'Europe/Vienna': european(60),
  'Europe/Warsaw': european(60),
  'Europe/Zurich': european(60),
  'Europe/Athens': european(120),
  'Europe/Bucharest': european(120),
  'Europe/Helsinki': european(120),
  'Europe/Kyiv': european(120),
  'Europe/Istanbul': { offset: 180 },
  'Europe/Moscow': { offset: 180 },
  'America/Halifax': american(-240),
  'America/New_York': american(-300),
  'America/Toronto': american(-300),
  'America/Chicago': american(-360),
  'America/Denver': american(-420),
  'America/Los_Angeles': american(-480),
  'America/Vancouver': american(-480),
  'America/Phoenix': { offset: -420 },
  'America/Bogota': { offset: -300 },
  'America/Argentina/Buenos_Aires': { offset: -180 },
  'America/Sao_Paulo': { offset: -180 },
  'Africa/Johannesburg': { offset: 120 },
  'Africa/Lagos': { offset: 60 },
  'Africa/Nairobi': { offset: 180 },
  'Asia/Dubai': { offset: 240 },
  'Asia/Karachi': { offset: 300 },
  'Asia/Kolkata': { offset: 330 },
  'Asia/Kathmandu': { offset: 345 },
  'Asia/Dhaka': { offset: 360 },
  'Asia/Bangkok': { offset: 420 },
  'Asia/Jakarta': { offset: 420 },
  'Asia/Hong_Kong': { offset: 480 },
  'Asia/Manila': { offset: 480 },
  'Asia/Shanghai': { offset: 480 },
  'Asia/Singapore': { offset: 480 },
  'Asia/Taipei': { offset: 480 },
  'Asia/Seoul': { offset: 540 },
  'Asia/Tokyo': { offset: 540 },
  'Australia/Perth': { offset: 480 },
  'Australia/Brisbane': { offset: 600 },
  'Australia/Adelaide': australian(570),
  'Australia/Melbourne': australian(600),
  'Australia/Sydney': australian(600),
  'Australia/Lord_Howe': {
    offset: 630,
    summer: { offset: 660, from: { month: 10, week: 1, minute: 120 }, to: { month: 4, week: 1, minute: 120 } },
  },
  'Pacific/Auckland': {
    offset: 720,
    summer: { offset: 780, from: { month: 9, week: 5, minute: 120 }, to: { month: 4, week: 1, minute: 180 } },
  },
  'Pacific/Honolulu': { offset: -600 },
};

/** A zone by its name; undefined where it is not known. */
export function timeZone(name: string): TimeZone | undefined {
  return ZONES[name];
}

/** Minutes east of UTC at an instant, in milliseconds from 1970. */
export function offsetAt({ offset, summer }: TimeZone, unixMs: number): number {
  if (summer === undefined) return offset;
  const year = yearOf(unixMs + offset * 60_000);
  const from = changeAt(year, summer.from, summer.inUtc ? 0 : offset);
  const to = changeAt(year, summer.to, summer.inUtc ? 0 : summer.offset);
  const inSummer = from < to ? unixMs >= from && unixMs < to : unixMs >= from || unixMs < to;
  return inSummer ? summer.offset : offset;
}

/**
 * The instant at which clocks show a time (given as if it were UTC). Of a time that clocks skip or show twice one instant is taken, as
 * Go's `time.Date` does.
 */
export function instantOf(zone: TimeZone, localMs: number): number {
  const guess = localMs - offsetAt(zone, localMs) * 60_000;
  return localMs - offsetAt(zone, guess) * 60_000;
}

function changeAt(year: number, { month, week, minute }: Change, offset: number): number {
  const first = daysOf(year, month, 1);
  let day = first + ((7 - weekday(first)) % 7) + 7 * (week - 1);
  if (week === 5 && day >= daysOf(year, month + 1, 1)) day -= 7;
  return day * DAY + (minute - offset) * 60_000;
}

function yearOf(localMs: number): number {
  let year = 1970 + Math.floor(localMs / (365.2425 * DAY));
  while (daysOf(year + 1, 1, 1) * DAY <= localMs) year++;
  while (daysOf(year, 1, 1) * DAY > localMs) year--;
  return year;
}
