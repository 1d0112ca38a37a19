import { MINUTE } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInForce } from '../../src/disruption/budgets.ts';
import { cronOf } from '../../src/options/disruption-budget.ts';

const at = (text: string): number => Date.parse(text);

function hits(schedule: string, after: string, until: string): boolean {
  const parsed = cronOf(schedule);
  if (parsed === undefined) throw new Error(`${schedule} is no schedule`);
  return isInForce(parsed, at(until) - at(after), at(until));
}

describe('the window of a budget', () => {
  it('hits after the first instant and up to the last', () => {
    expect(hits('0 9 * * *', '2026-03-02T08:59:00Z', '2026-03-02T09:00:00Z')).toBe(true);
    expect(hits('0 9 * * *', '2026-03-02T09:00:00Z', '2026-03-03T08:59:59Z')).toBe(false);
    expect(hits('0 9 * * *', '2026-03-02T08:59:59.999Z', '2026-03-02T09:00:00Z')).toBe(true);
  });

  it('knows names, ranges, lists and steps', () => {
    // 2026-03-02 was a Monday, the 7th a Saturday.
    expect(hits('0 9 * * mon-fri', '2026-03-02T00:00:00Z', '2026-03-02T23:00:00Z')).toBe(true);
    expect(hits('0 9 * * mon-fri', '2026-03-07T00:00:00Z', '2026-03-08T23:00:00Z')).toBe(false);
    expect(hits('5/20 3,4 * FEB *', '2026-02-01T03:30:00Z', '2026-02-01T03:45:00Z')).toBe(true);
    expect(hits('*/15 * * * *', '2026-02-01T03:01:00Z', '2026-02-01T03:14:00Z')).toBe(false);
    expect(hits('@monthly', '2026-02-28T12:00:00Z', '2026-03-01T00:00:00Z')).toBe(true);
  });

  it('takes a day of either kind where both are named, and of both where one is open', () => {
    expect(hits('0 0 13 * fri', '2026-03-12T01:00:00Z', '2026-03-13T01:00:00Z')).toBe(true);
    expect(hits('0 0 13 * fri', '2026-03-05T01:00:00Z', '2026-03-06T01:00:00Z')).toBe(true);
    expect(hits('0 0 13 * *', '2026-03-05T01:00:00Z', '2026-03-06T01:00:00Z')).toBe(false);
  });

  it('counts as hitting where it never can, as the real program does', () => {
    expect(hits('0 0 30 2 *', '2026-03-02T00:00:00Z', '2026-03-02T00:01:00Z')).toBe(true);
  });

  it.each(['', '* * * *', '60 * * * *', '0 24 * * *', '* * * * 7', '5-3 * * * *', '*/0 * * * *', 'a * * * *', '@often'])(
    'refuses %j',
    (text) => {
      expect(cronOf(text)).toBeUndefined();
    },
  );

  it('is what a look at every minute of the calendar finds', () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant({ text: '*', has: (_: number) => true }),
        fc.integer({ min, max }).map((value) => ({ text: String(value), has: (n: number) => n === value })),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 7 }))
          .map(([from, by]) => ({ text: `${from}/${by}`, has: (n: number) => n >= from && (n - from) % by === 0 })),
      );
    const start = at('2026-01-01T00:00:00Z');
    fc.assert(
      fc.property(
        field(0, 59),
        field(0, 23),
        field(1, 28),
        field(1, 12),
        field(0, 6),
        fc.integer({ min: 0, max: 800 * 1440 }),
        fc.integer({ min: 0, max: 3000 }),
        (minute, hour, day, month, weekday, from, length) => {
          const schedule = cronOf([minute, hour, day, month, weekday].map(({ text }) => text).join(' '));
          const either = day.text !== '*' && weekday.text !== '*';
          let found = false;
          for (let m = from + 1; m <= from + length && !found; m++) {
            const date = new Date(start + m * MINUTE);
            const byDay = day.has(date.getUTCDate());
            const byWeek = weekday.has(date.getUTCDay());
            found =
              minute.has(date.getUTCMinutes()) &&
              hour.has(date.getUTCHours()) &&
              month.has(date.getUTCMonth() + 1) &&
              (either ? byDay || byWeek : byDay && byWeek);
          }
          expect(isInForce(schedule!, length * MINUTE, start + (from + length) * MINUTE)).toBe(found);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
});
