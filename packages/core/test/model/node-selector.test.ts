import { describe, expect, it } from 'vitest';
import { type NodeSelectorRequirement, requirementHolds, termHolds } from '../../src/model/node-selector.ts';

const holds = (operator: NodeSelectorRequirement['operator'], values: string[], value: string | undefined): boolean =>
  requirementHolds({ key: 'k', operator, values }, value);

describe('requirements of a node selector', () => {
  it('compare texts with In and NotIn; an absent label is not in any list', () => {
    expect(holds('In', ['a', 'b'], 'b')).toBe(true);
    expect(holds('In', ['a', 'b'], 'c')).toBe(false);
    expect(holds('In', ['a'], undefined)).toBe(false);
    expect(holds('NotIn', ['a'], 'a')).toBe(false);
    expect(holds('NotIn', ['a'], 'b')).toBe(true);
    expect(holds('NotIn', ['a'], undefined)).toBe(true);
  });

  it('ask for presence with Exists and DoesNotExist', () => {
    expect(holds('Exists', [], '')).toBe(true);
    expect(holds('Exists', [], undefined)).toBe(false);
    expect(holds('DoesNotExist', [], undefined)).toBe(true);
    expect(holds('DoesNotExist', [], '')).toBe(false);
  });

  it.each([
    ['5', '4', true, false],
    ['4', '4', false, false],
    ['3', '4', false, true],
    ['-1', '0', false, true],
    ['+5', '4', true, false],
    ['10', '9', true, false],
    ['0000000000000000000000007', '4', true, false],
  ])('compare %s with %s as whole numbers', (value, than, greater, less) => {
    expect(holds('Gt', [than], value)).toBe(greater);
    expect(holds('Lt', [than], value)).toBe(less);
  });

  it.each([
    ['4.5', '4'],
    ['', '4'],
    ['many', '4'],
    ['5', 'four'],
    // Go reads 64-bit integers: one past the largest is an error, and the requirement fails.
    ['9223372036854775808', '4'],
    ['5', '-9223372036854775809'],
  ])('fail both ways where %j or %j is no 64-bit whole number', (value, than) => {
    expect(holds('Gt', [than], value)).toBe(false);
    expect(holds('Lt', [than], value)).toBe(false);
  });

  it('fail where a comparison has no value, two values, or no label', () => {
    expect(holds('Gt', [], '5')).toBe(false);
    expect(holds('Gt', ['1', '2'], '5')).toBe(false);
    expect(holds('Lt', ['9'], undefined)).toBe(false);
  });
});

describe('node selector terms', () => {
  const labels = { zone: 'a', cores: '8' };

  it('match nothing when they are empty', () => {
    expect(termHolds({}, labels, 'node-1')).toBe(false);
    expect(termHolds({ matchExpressions: [], matchFields: [] }, labels, 'node-1')).toBe(false);
  });

  it('need every expression and every field', () => {
    const zone = { key: 'zone', operator: 'In', values: ['a'] } as const;
    const name = { key: 'metadata.name', operator: 'In', values: ['node-1'] } as const;
    expect(termHolds({ matchExpressions: [zone] }, labels, 'node-2')).toBe(true);
    expect(termHolds({ matchFields: [name] }, labels, 'node-1')).toBe(true);
    expect(termHolds({ matchExpressions: [zone], matchFields: [name] }, labels, 'node-1')).toBe(true);
    expect(termHolds({ matchExpressions: [zone], matchFields: [name] }, labels, 'node-2')).toBe(false);
    expect(termHolds({ matchExpressions: [zone, { key: 'cores', operator: 'Gt', values: ['8'] }] }, labels, 'node-1')).toBe(
      false,
    );
  });

  it('read the host name from the name of the node, which its class does not hold', () => {
    const term = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] } as const;
    expect(termHolds(term, labels, 'node-1')).toBe(true);
    expect(termHolds(term, labels, 'node-2')).toBe(false);
  });
});
