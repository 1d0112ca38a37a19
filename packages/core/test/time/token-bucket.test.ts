import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../src/time/token-bucket.ts';

describe('a client limit', () => {
  it('lets a burst through at once and then so many a second', () => {
    const bucket = new TokenBucket({ qps: 20, burst: 3 });
    expect(Array.from({ length: 6 }, () => bucket.reserve(1000))).toEqual([1000, 1000, 1000, 1050, 1100, 1150]);
  });

  it('fills up again, but no further than its burst', () => {
    const bucket = new TokenBucket({ qps: 10, burst: 2 });
    for (let n = 0; n < 3; n++) bucket.reserve(0);
    expect(Array.from({ length: 4 }, () => bucket.reserve(10_000))).toEqual([10_000, 10_000, 10_100, 10_200]);
  });

  it('goes on from where it was saved', () => {
    const bucket = new TokenBucket({ qps: 5, burst: 1 });
    bucket.reserve(0);
    const other = new TokenBucket({ qps: 5, burst: 1 });
    other.restore(bucket.snapshot());
    expect(other.reserve(0)).toBe(200);
  });
});
