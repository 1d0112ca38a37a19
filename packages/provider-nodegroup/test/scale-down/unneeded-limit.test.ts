import { expect, it } from 'vitest';
import { unneededLimit } from '../../src/scale-down/unneeded-limit.ts';

const limit = (unneeded: number, interval: number, unneededTime = 60_000): number =>
  unneededLimit({ parallelism: 10, unneeded, interval, unneededTime });

// Section 9.4 of the reference.
it('looks for no more nodes than could be removed while they must wait', () => {
  expect(limit(0, 10_000)).toBe(20);
  expect(limit(3, 10_000)).toBe(23);
  expect(limit(70, 10_000)).toBe(70);
  expect(limit(77, 10_000)).toBe(70);
  expect(limit(0, 10_000, 0)).toBe(20);
  expect(limit(13, 1000)).toBe(33);
  expect(limit(13, 30_000)).toBe(30);
});
