import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goSortBy } from '../../src/provisioning/go-sort.ts';

describe('the sort of Go', () => {
  it('is stable up to twelve elements', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 12 }), (keys) => {
        const tagged = keys.map((key, place) => ({ key, place }));
        expect(goSortBy([...tagged], (a, b) => a.key < b.key)).toEqual([...tagged].sort((a, b) => a.key - b.key));
      }),
    );
  });

  it('sorts anything', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 400 }), (keys) => {
        expect(goSortBy([...keys], (a, b) => a < b)).toEqual([...keys].sort((a, b) => a - b));
      }),
    );
  });

  it('leaves a list that is in order as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 300 }), (keys) => {
        const tagged = keys.sort((a, b) => a - b).map((key, place) => ({ key, place }));
        expect(goSortBy([...tagged], (a, b) => a.key < b.key)).toEqual(tagged);
      }),
    );
  });

  it('sorts patterns that defeat a plain quicksort', () => {
    for (const n of [13, 50, 200, 1000]) {
      const organ = Array.from({ length: n }, (_, i) => Math.min(i, n - i));
      const saw = Array.from({ length: n }, (_, i) => i % 7);
      const down = Array.from({ length: n }, (_, i) => n - i);
      for (const keys of [organ, saw, down]) {
        expect(goSortBy([...keys], (a, b) => a < b)).toEqual([...keys].sort((a, b) => a - b));
      }
    }
  });
});
