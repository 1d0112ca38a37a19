import { describe, expect, it } from 'vitest';
import { comparing, differences } from '../../src/parity/difference.ts';

describe('differences', () => {
  it('finds none between equal values, whatever the order of keys', () => {
    expect(differences({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toEqual([]);
  });

  it('names the path of each value that differs, in the order of the expected one', () => {
    expect(
      differences({ steps: [{ pod: 'a' }, { pod: 'b', best: ['n1'] }] }, { steps: [{ pod: 'a' }, { pod: 'c', best: [] }] }),
    ).toEqual([
      { path: 'steps[1].pod', expected: 'b', got: 'c' },
      { path: 'steps[1].best[0]', expected: 'n1', got: undefined },
    ]);
  });

  it('quotes keys that are no words', () => {
    expect(differences({ 'a.b/c': 1 }, { 'a.b/c': 2 })).toEqual([{ path: '["a.b/c"]', expected: 1, got: 2 }]);
  });

  it('counts a key or an element too many, and not a key without a value', () => {
    expect(differences({ a: 1, l: [] }, { a: 1, b: 2, c: undefined, l: [3] })).toEqual([
      { path: 'l[0]', expected: undefined, got: 3 },
      { path: 'b', expected: undefined, got: 2 },
    ]);
  });

  it('tells values of different types apart', () => {
    expect(differences(null, {})).toEqual([{ path: '', expected: null, got: {} }]);
    expect(differences([1], { 0: 1 })).toHaveLength(1);
    expect(differences('1', 1)).toHaveLength(1);
    expect(differences(1, Number.NaN)).toHaveLength(1);
    expect(differences({ a: 1 }, undefined)).toHaveLength(1);
  });

  it('is not deceived by keys that every object inherits', () => {
    expect(differences({ toString: 'x' }, {})).toEqual([{ path: 'toString', expected: 'x', got: undefined }]);
    expect(differences({}, { constructor: 1 })).toEqual([{ path: 'constructor', expected: undefined, got: 1 }]);
  });
});

describe('rules', () => {
  it('compares a set without its order, with its repeats', () => {
    const rules = { 'rejected.*.reasons': 'set' } as const;
    const expected = { rejected: { n1: { reasons: ['a', 'a', 'b'] } } };
    expect(differences(expected, { rejected: { n1: { reasons: ['b', 'a', 'a'] } } }, rules)).toEqual([]);
    expect(differences(expected, { rejected: { n1: { reasons: ['b', 'a', 'c'] } } }, rules)).toEqual([
      { path: 'rejected.n1.reasons{}', expected: 'a', got: undefined },
      { path: 'rejected.n1.reasons{}', expected: undefined, got: 'c' },
    ]);
  });

  it('accepts some of a set where that is allowed, but not none and nothing else', () => {
    const rules = { 'errors[].class': 'subset' } as const;
    const expected = { errors: [{ class: ['limits', 'taints'] }] };
    expect(differences(expected, { errors: [{ class: ['taints'] }] }, rules)).toEqual([]);
    expect(differences(expected, { errors: [{ class: [] }] }, rules)).toHaveLength(1);
    expect(differences(expected, { errors: [{ class: ['taints', 'volume'] }] }, rules)).toEqual([
      { path: 'errors[0].class{}', expected: undefined, got: 'volume' },
    ]);
  });

  it('brings elements of a list together by a field', () => {
    const rules = { claims: { keyedBy: ['pods'] }, 'claims[].types': 'set' } as const;
    const expected = {
      claims: [
        { pods: ['a'], types: ['x', 'y'], price: 1 },
        { pods: ['b'], types: ['x'], price: 2 },
      ],
    };
    const got = {
      claims: [
        { pods: ['b'], types: ['x'], price: 3 },
        { pods: ['a'], types: ['y', 'x'], price: 1 },
      ],
    };
    expect(differences(expected, got, rules)).toEqual([{ path: 'claims[pods=["b"]].price', expected: 2, got: 3 }]);
    expect(differences(expected, { claims: got.claims.slice(1) }, rules)).toEqual([
      { path: 'claims[pods=["b"]]', expected: expected.claims[1], got: undefined },
    ]);
  });

  it('allows doubles the error that it was told, relative to the larger', () => {
    const rules = { '*': { relativeError: 1e-12 } } as const;
    expect(differences({ price: 0.3 }, { price: 0.1 + 0.2 }, rules)).toEqual([]);
    expect(differences({ price: 0.3 }, { price: 0.3001 }, rules)).toHaveLength(1);
    expect(differences({ price: 0 }, { price: 1e-300 }, rules)).toHaveLength(1);
  });

  it('ignores what is not binding, and keys that were not expected where a part is open', () => {
    const compare = comparing({ events: 'ignored', state: 'open' });
    expect(compare({}, { events: [1], state: { a: 1 } }, { events: [], state: { a: 1, b: 2 } })).toEqual([]);
    expect(compare({}, { events: [1], state: { a: 1 } }, { state: {} })).toEqual([
      { path: 'state.a', expected: 1, got: undefined },
    ]);
  });

  it('takes a rule by name before one for any key', () => {
    const rules = { '*': 'set', order: (x: unknown, y: unknown) => String(x) === String(y) } as const;
    expect(differences({ order: [1, 2], other: [1, 2] }, { order: [2, 1], other: [2, 1] }, rules).map((d) => d.path)).toEqual([
      'order',
    ]);
  });
});
