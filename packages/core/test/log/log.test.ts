import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedDecision } from '../../src/contracts/decision.ts';
import { Log } from '../../src/log/log.ts';
import { RECORD } from '../../src/log/records.ts';

type Row = readonly [time: number, kind: number, a: number, b: number, c: number];

function logOf(rows: readonly Row[]): Log {
  const log = new Log();
  for (const row of rows) log.append(...row);
  return log;
}

const decision: LoggedDecision = {
  at: 5,
  autoscaler: 'ca',
  kind: 'scale',
  subject: 2,
  name: 'workers',
  because: { code: 'TriggeredScaleUp', message: 'three pods wait' },
};

const anyRow = fc.tuple(
  fc.constantFrom(0, 1, 2 ** 33),
  fc.constantFrom(1, 3, 20),
  fc.constantFrom(-1, 0, 7),
  fc.constantFrom(-1, 0),
  fc.constantFrom(-1, 0),
);

describe('the columns of a log', () => {
  it('hold every record in order, across the borders of chunks', () => {
    const log = new Log();
    const count = 2 * 65_536 + 3;
    for (let row = 0; row < count; row++) log.append(row * 2 ** 13, row % 200, row, -row, row % 7);
    expect(log.length).toBe(count);
    const { length, time, kind, a, b, c } = log.columns();
    expect([length, time.length, kind.length, a.length, b.length, c.length]).toEqual([count, count, count, count, count, count]);
    let wrong = 0;
    for (let row = 0; row < count; row++) {
      if (time[row] !== row * 2 ** 13 || kind[row] !== row % 200 || a[row] !== row || b[row] !== 0 - row || c[row] !== row % 7)
        wrong++;
    }
    expect(wrong).toBe(0);
    expect(log.lastTime).toBe((count - 1) * 2 ** 13);
  });

  it.each([0, 1, 65_535, 65_536, 65_537])('are complete at %d records', (count) => {
    const log = logOf(Array.from({ length: count }, (_, row): Row => [row, 1, row, 0, 0]));
    const { a } = log.columns();
    expect(a.length).toBe(count);
    expect(a.every((value, row) => value === row)).toBe(true);
    expect(log.lastTime).toBe(Math.max(0, count - 1));
  });

  it('are copies: what is appended later does not show in them', () => {
    const log = logOf([[0, 1, 2, 3, 4]]);
    const before = log.columns();
    log.append(1, 1, 1);
    expect([before.length, before.a.length]).toEqual([1, 1]);
  });
});

describe('the digest of a log', () => {
  it('is equal for equal records and no others', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 5 }), fc.array(anyRow, { maxLength: 5 }), (x, y) => {
        expect(logOf(x).digest() === logOf(y).digest()).toBe(JSON.stringify(x) === JSON.stringify(y));
      }),
      { seed: 72, numRuns: 1000 },
    );
  });

  it('changes when any field of any record changes, and when two records swap', () => {
    const rows: Row[] = Array.from({ length: 40 }, (_, n): Row => [n, 1 + (n % 3), n, n % 2, -1]);
    const digest = logOf(rows).digest();
    const others = new Set<string>();
    rows.forEach((row, at) => {
      for (let field = 0; field < 5; field++) {
        others.add(logOf(rows.with(at, row.map((value, f) => (f === field ? value + 1 : value)) as unknown as Row)).digest());
      }
      if (at > 0) others.add(logOf(rows.with(at, rows[at - 1]).with(at - 1, row)).digest());
    });
    expect(others.has(digest)).toBe(false);
    expect(others.size).toBe(40 * 5 + 39);
  });

  it('covers what was decided about what and under which code, and no words for people', () => {
    const digest = (change: Partial<LoggedDecision>) => {
      const log = new Log();
      log.decide({ ...decision, ...change });
      return log.digest();
    };
    const base = digest({});
    expect(digest({ name: 'other', because: { code: 'TriggeredScaleUp', message: 'other words', details: { n: 1 } } })).toBe(
      base,
    );
    expect(digest({ subject: 3 })).not.toBe(base);
    expect(digest({ kind: 'launch' })).not.toBe(base);
    expect(digest({ because: { code: 'Other', message: '' } })).not.toBe(base);
    expect(digest({ at: 6 })).not.toBe(base);
  });
});

describe('decisions', () => {
  it('get ids in the order taken, which their records name', () => {
    const log = new Log();
    expect(log.decide(decision)).toBe(0);
    expect(log.decide({ ...decision, subject: 4 })).toBe(1);
    const { kind, a, time } = log.columns();
    expect([...kind]).toEqual([RECORD.decided, RECORD.decided]);
    expect([...a]).toEqual([0, 1]);
    expect([...time]).toEqual([5, 5]);
    expect(log.decisions.map(({ subject }) => subject)).toEqual([2, 4]);
  });
});

describe('a saved log', () => {
  it('goes on to the same digest and columns', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 20 }), fc.array(anyRow, { maxLength: 20 }), (before, after) => {
        const whole = logOf(before);
        whole.decide(decision);
        const restored = new Log();
        restored.restore(structuredClone(whole.snapshot()));
        for (const log of [whole, restored]) {
          for (const row of after) log.append(...row);
          log.decide(decision);
        }
        expect(restored.digest()).toBe(whole.digest());
        expect(restored.columns()).toEqual(whole.columns());
        expect(restored.decisions).toEqual(whole.decisions);
      }),
      { seed: 73, numRuns: 50 },
    );
  });

  it('goes into an empty log only', () => {
    expect(() => logOf([[0, 1, 2, 3, 4]]).restore(new Log().snapshot())).toThrow('empty');
  });
});
