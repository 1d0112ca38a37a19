import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest } from '../../src/log/digest.ts';

function digestOf(feed: (digest: Digest) => void): string {
  const digest = new Digest();
  feed(digest);
  return digest.hex();
}

describe('a digest', () => {
  it('is 16 hexadecimal digits, and asking for it changes nothing', () => {
    const digest = new Digest();
    digest.int(1);
    const hex = digest.hex();
    expect(hex).toMatch(/^[0-9a-f]{16}$/);
    expect(digest.hex()).toBe(hex);
  });

  it('depends on every value and on the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 8 }),
        (x, y) => {
          const hexes = [x, y].map((values) =>
            digestOf((digest) => {
              for (const value of values) digest.int(value);
            }),
          );
          expect(hexes[0] === hexes[1]).toBe(JSON.stringify(x) === JSON.stringify(y));
        },
      ),
      { seed: 71, numRuns: 2000 },
    );
  });

  it('tells whole numbers beyond 32 bits apart', () => {
    const values = [
      0,
      1,
      -1,
      2 ** 31,
      2 ** 32,
      2 ** 32 + 1,
      -(2 ** 32),
      2 ** 52,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ];
    expect(new Set(values.map((value) => digestOf((digest) => digest.whole(value)))).size).toBe(values.length);
  });

  it('knows where a text ends', () => {
    const split = (...texts: string[]) =>
      digestOf((digest) => {
        for (const text of texts) digest.text(text);
      });
    expect(split('ab', 'c')).not.toBe(split('a', 'bc'));
    expect(split('')).not.toBe(split());
  });

  it('shows no collision over 200,000 short histories', () => {
    const seen = new Set<string>();
    for (let n = 0; n < 200_000; n++) {
      seen.add(
        digestOf((digest) => {
          digest.int(n & 255);
          digest.int(n >>> 8);
        }),
      );
    }
    expect(seen.size).toBe(200_000);
  });

  it('goes on from a saved state', () => {
    const whole = new Digest();
    const half = new Digest();
    for (const digest of [whole, half]) for (let n = 0; n < 10; n++) digest.whole(n * 1e10);
    const restored = new Digest();
    restored.restore(half.snapshot());
    for (const digest of [whole, restored]) digest.text('more');
    expect(restored.hex()).toBe(whole.hex());
  });
});
