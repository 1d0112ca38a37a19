import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../src/trace-csv/name-index.ts';

describe('NameIndex', () => {
  it('answers as a Map does', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3000 }), (names) => {
        const index = new NameIndex();
        const known = new Map<string, number>();
        for (const name of names) {
          expect(index.add(name)).toBe(known.get(name) ?? -1);
          if (!known.has(name)) known.set(name, known.size);
        }
        expect(index.names).toEqual([...known.keys()]);
      }),
    );
  });
});
