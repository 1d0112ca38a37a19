import { HOUR, MINUTE, RECORD } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { billOf, nanoDollars } from '../../src/laws/bill.ts';
import { logOf } from './log-of.ts';

const offerings = [{ price: 100_000_000 }, { price: 30_000_000 }];

describe('billOf', () => {
  it('counts from running to gone at the price of the offering that runs, and to the end where a node stays', () => {
    const log = logOf([
      [0, RECORD.nodeOrdered, 0, 1],
      [0, RECORD.nodeOrdered, 1, 0],
      [0, RECORD.nodeOrdered, 2, 0],
      [1000, RECORD.nodeRunning, 0, 0],
      [2000, RECORD.nodeRunning, 1, 1],
      [3000, RECORD.nodeGone, 2, 0],
      [1000 + HOUR, RECORD.nodeGone, 0, 1],
      [2000 + 2 * HOUR, RECORD.ended, 0],
    ]);
    const bill = billOf(log, offerings);
    // One hour at 10 cents and two hours at 3 cents; the order that never ran is free.
    expect(bill).toEqual({ nodeMilliseconds: 3 * HOUR, nanoDollarMilliseconds: 160_000_000n * BigInt(HOUR) });
    expect(nanoDollars(bill)).toBe(160_000_000n);
  });

  it('counts a short life as the least time that is billed, and no other', () => {
    const log = logOf([
      [0, RECORD.nodeOrdered, 0, 0],
      [0, RECORD.nodeOrdered, 1, 0],
      [0, RECORD.nodeRunning, 0, 0],
      [0, RECORD.nodeRunning, 1, 0],
      [10_000, RECORD.nodeGone, 0, 1],
      [2 * MINUTE, RECORD.nodeGone, 1, 1],
    ]);
    expect(billOf(log, offerings, MINUTE).nodeMilliseconds).toBe(3 * MINUTE);
    expect(billOf(log, offerings).nodeMilliseconds).toBe(2 * MINUTE + 10_000);
  });

  it('stays exact where the sum passes what a double holds', () => {
    const month = 31 * 24 * HOUR;
    const rows = Array.from({ length: 500 }, (_, node) => [0, RECORD.nodeRunning, node, 0] as const);
    const log = logOf([...rows, [month + 1, RECORD.ended, 0]]);
    expect(billOf(log, [{ price: 31_218_400_001 }]).nanoDollarMilliseconds).toBe(500n * BigInt(month + 1) * 31_218_400_001n);
  });
});
