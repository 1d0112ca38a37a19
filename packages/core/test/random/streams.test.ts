import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Streams } from '../../src/random/streams.ts';

const take = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

describe('named streams', () => {
  it('give equal numbers for equal seeds and paths', () => {
    const one = new Streams(7).stream('boot', 'node-3');
    const other = new Streams(7).stream('boot', 'node-3');
    expect(take(100, one.next)).toEqual(take(100, other.next));
  });

  it('differ by seed and by path', () => {
    const first = (seed: number, ...path: (string | number)[]) => new Streams(seed).stream(...path).next();
    const draws = [
      first(7, 'a', 'b'),
      first(8, 'a', 'b'),
      first(7, 'a/b'),
      first(7, 'a,b'),
      first(7, 'a'),
      first(7, 'b', 'a'),
      first(7, 'a', 1),
      first(7, 'a', '1'),
    ];
    expect(new Set(draws).size).toBe(draws.length);
  });

  it('do not depend on which other streams were asked, or when', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }), (order) => {
        const shared = new Streams(3);
        const got: Record<string, number[]> = { a: [], b: [], c: [] };
        for (const name of order) got[name].push(shared.stream(name).next());
        for (const name of ['a', 'b', 'c']) {
          expect(got[name]).toEqual(take(got[name].length, new Streams(3).stream(name).next));
        }
      }),
      { seed: 21, numRuns: 100 },
    );
  });

  it('continue when a path is opened again, however it was written', () => {
    const streams = new Streams(3);
    const all = take(4, new Streams(3).stream('x').next);
    expect([...take(2, streams.stream('x').next), ...take(2, streams.stream('x').next)]).toEqual(all);
  });

  it('go on from a saved state as if they had never been saved', () => {
    const original = new Streams(5);
    take(10, original.stream('spot', 'pool-1').next);
    take(3, original.stream('boot').next);
    const saved = structuredClone(original.snapshot());
    const restored = new Streams(5);
    restored.restore(saved);
    expect(take(20, restored.stream('spot', 'pool-1').next)).toEqual(take(20, original.stream('spot', 'pool-1').next));
    expect(take(20, restored.stream('boot').next)).toEqual(take(20, original.stream('boot').next));
    expect(take(5, restored.stream('new').next)).toEqual(take(5, original.stream('new').next));
  });

  it('reach their saved state also through a stream that someone opened before the restore', () => {
    const original = new Streams(5);
    take(10, original.stream('spot').next);

    const restored = new Streams(5);
    const held = restored.stream('spot');
    const unsaved = restored.stream('other');
    take(2, unsaved.next);
    restored.restore(original.snapshot());

    expect(take(5, held.next)).toEqual(take(5, original.stream('spot').next));
    expect(take(5, unsaved.next)).toEqual(take(5, original.stream('other').next));
    expect(restored.snapshot()).toEqual(original.snapshot());
  });

  it('draw whole numbers below a bound, each of them', () => {
    const stream = new Streams(1).stream('die');
    const seen = new Set(take(300, () => stream.below(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each([1.5, Number.NaN, Infinity, 2 ** 53])('refuse the seed %d', (seed) => {
    expect(() => new Streams(seed)).toThrow(RangeError);
  });
});

describe('keyed streams', () => {
  it('give a subject the same number in whatever order subjects are asked', () => {
    const forward = new Streams(9).keyed('pod-start');
    const backward = new Streams(9).keyed('pod-start');
    const there = Array.from({ length: 200 }, (_, pod) => forward.at(pod));
    const back = Array.from({ length: 200 }, (_, i) => backward.at(199 - i)).reverse();
    expect(back).toEqual(there);
  });

  it('have no state: nothing is saved, and other streams do not matter', () => {
    const streams = new Streams(9);
    const before = streams.keyed('pod-start').at(17);
    streams.stream('other').next();
    expect(streams.keyed('pod-start').at(17)).toBe(before);
    expect(Object.keys(streams.snapshot())).toEqual(['["other"]']);
  });

  it('differ by path, by seed, by subject and by draw', () => {
    const numbers = [
      new Streams(9).keyed('a', 'b').at(1),
      new Streams(9).keyed('a/b').at(1),
      new Streams(10).keyed('a', 'b').at(1),
      new Streams(9).keyed('a', 'b').at(2),
      new Streams(9).keyed('a', 'b').at(1, 1),
      new Streams(9).keyed('a', 'b').at(1 + 2 ** 32),
    ];
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  /** Chi-square of counts over equally likely cells. */
  const chiSquare = (cells: number, values: readonly number[]): number => {
    const counts = new Array<number>(cells).fill(0);
    for (const value of values) counts[value]++;
    const expected = values.length / cells;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  };
  // For 99 and 399 degrees of freedom, 99.9 % of fair draws stay below these.
  const LIMIT_99 = 148.2;
  const LIMIT_399 = 490;

  it.each([1, 2, 3, 42])('spread consecutive subjects evenly (seed %d)', (seed) => {
    const stream = new Streams(seed).keyed('pod-start');
    const values = Array.from({ length: 20_000 }, (_, pod) => Math.floor(stream.at(pod) * 100));
    expect(chiSquare(100, values)).toBeLessThan(LIMIT_99);
  });

  it('spread the draws of one subject evenly', () => {
    const stream = new Streams(4).keyed('retry');
    const values = Array.from({ length: 20_000 }, (_, draw) => Math.floor(stream.at(12, draw) * 100));
    expect(chiSquare(100, values)).toBeLessThan(LIMIT_99);
  });

  it.each([
    ['neighbouring subjects', (s: (n: number, d?: number) => number, n: number) => [s(n), s(n + 1)]],
    ['two draws of a subject', (s: (n: number, d?: number) => number, n: number) => [s(n, 0), s(n, 1)]],
  ])('show no tie between %s', (_, pair) => {
    const { at } = new Streams(5).keyed('x');
    const values = Array.from({ length: 40_000 }, (_, n) => {
      const [x, y] = pair(at, 2 * n);
      return Math.floor(x * 20) * 20 + Math.floor(y * 20);
    });
    expect(chiSquare(400, values)).toBeLessThan(LIMIT_399);
  });

  it('show no tie between streams of different names', () => {
    const streams = new Streams(6);
    const [x, y] = [streams.keyed('pod-start'), streams.keyed('pod-stop')];
    const values = Array.from({ length: 40_000 }, (_, n) => Math.floor(x.at(n) * 20) * 20 + Math.floor(y.at(n) * 20));
    expect(chiSquare(400, values)).toBeLessThan(LIMIT_399);
  });
});
