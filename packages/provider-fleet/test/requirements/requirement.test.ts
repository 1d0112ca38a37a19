import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allows,
  hasIntersection,
  intersect,
  type Operator,
  operatorOf,
  type Requirement,
  requirement,
} from '../../src/requirements/requirement.ts';

const make = (operator: Operator, ...values: string[]): Requirement => requirement('k', operator, values);

describe('a requirement', () => {
  it('becomes what the table of operators says', () => {
    const shape = (r: Requirement) => [r.complement, r.values, r.lower, r.upper];
    expect(shape(make('In', 'b', 'a', 'b'))).toEqual([false, ['a', 'b'], undefined, undefined]);
    expect(shape(make('NotIn', 'a'))).toEqual([true, ['a'], undefined, undefined]);
    expect(shape(make('Exists'))).toEqual([true, [], undefined, undefined]);
    expect(shape(make('DoesNotExist'))).toEqual([false, [], undefined, undefined]);
    expect(shape(make('Gt', '4'))).toEqual([true, [], 5, undefined]);
    expect(shape(make('Gte', '4'))).toEqual([true, [], 4, undefined]);
    expect(shape(make('Lt', '4'))).toEqual([true, [], undefined, 3]);
    expect(shape(make('Lte', '4'))).toEqual([true, [], undefined, 4]);
  });

  it.each([
    ['In a b', 'In b c', make('In', 'a', 'b'), make('In', 'b', 'c'), 'In', ['b']],
    ['In a', 'In b', make('In', 'a'), make('In', 'b'), 'DoesNotExist', []],
    ['In a b', 'NotIn a', make('In', 'a', 'b'), make('NotIn', 'a'), 'In', ['b']],
    ['NotIn a', 'NotIn b', make('NotIn', 'a'), make('NotIn', 'b'), 'NotIn', ['a', 'b']],
    ['Exists', 'NotIn a', make('Exists'), make('NotIn', 'a'), 'NotIn', ['a']],
    ['Exists', 'DoesNotExist', make('Exists'), make('DoesNotExist'), 'DoesNotExist', []],
    ['In 1 5 9', 'Gt 4', make('In', '1', '5', '9'), make('Gt', '4'), 'In', ['5', '9']],
    ['In x 5', 'Lte 5', make('In', 'x', '5'), make('Lte', '5'), 'In', ['5']],
    ['Gt 4', 'Lt 5', make('Gt', '4'), make('Lt', '5'), 'DoesNotExist', []],
    ['NotIn 3 7', 'Gte 5', make('NotIn', '3', '7'), make('Gte', '5'), 'NotIn', ['7']],
  ] as const)('%s meets %s', (_a, _b, a, b, operator, values) => {
    const met = intersect(a, b);
    expect(operatorOf(met)).toBe(operator);
    expect(met.values).toEqual(values);
  });

  it('keeps the tighter bounds of two open ranges', () => {
    const met = intersect(intersect(make('Gt', '1'), make('Lt', '9')), intersect(make('Gte', '3'), make('Lte', '20')));
    expect([met.lower, met.upper]).toEqual([3, 8]);
  });

  it('keeps the larger minValues', () => {
    expect(intersect(requirement('k', 'Exists', [], 2), requirement('k', 'Exists', [], 5)).minValues).toBe(5);
    expect(intersect(requirement('k', 'Exists', [], 2), make('In', 'a')).minValues).toBe(2);
  });

  const value = fc.constantFrom('a', 'b', '1', '2', '3', '4', '5');
  const any = fc.oneof(
    fc.tuple(fc.constantFrom<Operator>('In', 'NotIn'), fc.array(value, { minLength: 1, maxLength: 4 })),
    fc.tuple(fc.constantFrom<Operator>('Exists', 'DoesNotExist'), fc.constant<string[]>([])),
    fc.tuple(
      fc.constantFrom<Operator>('Gt', 'Lt', 'Gte', 'Lte'),
      fc.constantFrom('1', '3', '5').map((v) => [v]),
    ),
  );

  it('allows after an intersection what both allowed before', () => {
    fc.assert(
      fc.property(any, any, value, (x, y, v) => {
        const a = make(x[0], ...x[1]);
        const b = make(y[0], ...y[1]);
        expect(allows(intersect(a, b), v)).toBe(allows(a, v) && allows(b, v));
        expect(intersect(a, b)).toEqual(intersect(b, a));
        if (allows(a, v) && allows(b, v)) expect(hasIntersection(a, b)).toBe(true);
        expect(hasIntersection(a, b)).toBe(hasIntersection(b, a));
      }),
    );
  });
});
