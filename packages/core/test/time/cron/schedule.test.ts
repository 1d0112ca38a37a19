import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetAt, parseSchedule, ScheduleError, type TimeZone, timeZone } from '../../../src/index.ts';
import { civilDay, daysOf, weekday } from '../../../src/time/cron/calendar.ts';

const zone = (name: string): TimeZone => timeZone(name) as TimeZone;
const at = (text: string): number => Date.parse(text);
const next = (schedule: string, name: string, after: string): string | undefined => {
  const found = parseSchedule(schedule, zone(name)).next(at(after));
  return found === undefined ? undefined : new Date(found).toISOString().slice(0, 16);
};

describe('a schedule', () => {
  it('finds the next time that fits', () => {
    expect(next('*/7 * * * *', 'UTC', '2026-01-01T00:56:00Z')).toBe('2026-01-01T01:00');
    expect(next('0 9 * * MON,WED', 'UTC', '2026-01-01T00:00:00Z')).toBe('2026-01-05T09:00');
    expect(next('5,,20 * * * *', 'UTC', '2026-01-01T00:06:00Z')).toBe('2026-01-01T00:20');
    expect(next('59 23 31 12 *', 'UTC', '2026-12-31T23:59:00Z')).toBe('2027-12-31T23:59');
    expect(next('@every 90s', 'UTC', '2026-01-01T00:00:30Z')).toBe('2026-01-01T00:02');
  });

  it('takes either day field where both are given', () => {
    expect(next('0 0 13 * 5', 'UTC', '2026-01-10T00:00:00Z')).toBe('2026-01-13T00:00');
    expect(next('0 0 13 * 5', 'UTC', '2026-01-13T00:00:00Z')).toBe('2026-01-16T00:00');
  });

  it('follows the clocks of its zone', () => {
    expect(next('15 3 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z')).toBe('2026-01-01T21:45');
    expect(next('0 12 * * *', 'America/New_York', '2026-03-07T18:00:00Z')).toBe('2026-03-08T16:00');
    expect(next('0 12 * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z')).toBe('2026-10-25T11:00');
  });

  it('skips an hour that clocks skip', () => {
    expect(next('30 2 * * *', 'America/New_York', '2026-03-08T00:00:00-05:00')).toBe('2026-03-09T06:30');
  });

  it('has no time that never comes, and refuses what cannot be read', () => {
    expect(next('0 0 31 2 *', 'UTC', '2026-01-01T00:00:00Z')).toBeUndefined();
    for (const wrong of ['', '* * * *', '60 * * * *', '* * * * 7', '5-1 * * * *', '*/0 * * * *', '@every soon'])
      expect(() => parseSchedule(wrong, zone('UTC'))).toThrow(ScheduleError);
  });

  it('comes later than it is asked for, at a minute that fits', () => {
    const zones = fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const instants = fc.integer({ min: at('2025-01-01'), max: at('2030-01-01') });
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 0, max: 59 }), (name, after, minute) => {
        const found = parseSchedule(`${minute} * * * *`, zone(name)).next(after) as number;
        expect(found).toBeGreaterThan(after);
        expect(found - after).toBeLessThanOrEqual(2 * 3_600_000);
        expect(((found / 60_000 + offsetAt(zone(name), found)) % 60) + 0).toBe(minute);
      }),
    );
  });
});

describe('the calendar', () => {
  it('agrees with the host', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        const { year, month, day } = civilDay(days);
        expect([year, month, day]).toEqual([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
        expect(daysOf(year, month, day)).toBe(days);
        expect(weekday(days)).toBe(date.getUTCDay());
      }),
    );
  });

  it('changes clocks when the host does', () => {
    const names = [
      'America/New_York',
      'Europe/Berlin',
      'Australia/Sydney',
      'Australia/Lord_Howe',
      'Pacific/Auckland',
      'America/Halifax',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer({ min: at('2010-01-01'), max: at('2035-01-01') }), (name, instant) => {
        const parts = new Intl.DateTimeFormat('en-US', {
          timeZone: name,
          hourCycle: 'h23',
          dateStyle: 'short',
          timeStyle: 'medium',
        });
        const local = Date.parse(`${parts.format(instant).replace(', ', ' ')} UTC`);
        expect(offsetAt(zone(name), instant)).toBe(Math.round((local - Math.floor(instant / 1000) * 1000) / 60_000));
      }),
    );
  });
});
