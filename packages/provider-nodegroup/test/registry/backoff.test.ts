import { describe, expect, it } from 'vitest';
import { defaultFlags } from '../../src/options/options.ts';
import { Backoff } from '../../src/registry/backoff.ts';
import { MINUTE } from '../world.ts';

describe('backoff of a group', () => {
  it('doubles from failure to failure, from 5 to 30 minutes', () => {
    const backoff = new Backoff(defaultFlags());
    let now = 0;
    const durations: number[] = [];
    for (let i = 0; i < 5; i++) {
      const until = backoff.fail(0, now);
      durations.push((until - now) / MINUTE);
      now = until + 1;
    }
    expect(durations).toEqual([5, 10, 20, 30, 30]);
  });

  it('starts the same time anew when it fails while left alone', () => {
    const backoff = new Backoff(defaultFlags());
    backoff.fail(0, 0);
    expect(backoff.fail(0, 2 * MINUTE)).toBe(7 * MINUTE);
  });

  it('lasts through its last millisecond', () => {
    const backoff = new Backoff(defaultFlags());
    const until = backoff.fail(0, 0);
    expect([backoff.isBackedOff(0, until), backoff.isBackedOff(0, until + 1), backoff.isBackedOff(1, 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is forgotten three hours after the last failure', () => {
    const backoff = new Backoff(defaultFlags());
    backoff.fail(0, 0);
    expect(backoff.fail(0, 180 * MINUTE) - 180 * MINUTE).toBe(10 * MINUTE);
    expect(backoff.fail(0, 361 * MINUTE) - 361 * MINUTE).toBe(5 * MINUTE);
  });
});
