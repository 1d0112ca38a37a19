import { describe, expect, it } from 'vitest';
import { compareText, type LabelSelector, matchesSelector, sortedRecord } from '../../src/model/labels.ts';

const labels = { app: 'web', tier: 'front', empty: '' };

describe('label selectors', () => {
  it.each<[string, LabelSelector | undefined, boolean]>([
    ['an empty selector matches everything', {}, true],
    ['no selector matches nothing', undefined, false],
    ['every label must be equal', { matchLabels: { app: 'web', tier: 'front' } }, true],
    ['one other label is enough to fail', { matchLabels: { app: 'web', tier: 'back' } }, false],
    ['an absent label is not an empty one', { matchLabels: { none: '' } }, false],
    ['an empty label equals an empty value', { matchLabels: { empty: '' } }, true],
    ['In holds for one of the values', { matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'web'] }] }, true],
    ['In fails for an absent key', { matchExpressions: [{ key: 'none', operator: 'In', values: ['web'] }] }, false],
    ['NotIn holds for an absent key', { matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['web'] }] }, true],
    ['NotIn fails for one of the values', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    ['Exists looks at the key alone', { matchExpressions: [{ key: 'empty', operator: 'Exists' }] }, true],
    ['Exists fails for an absent key', { matchExpressions: [{ key: 'none', operator: 'Exists' }] }, false],
    ['DoesNotExist holds for an absent key', { matchExpressions: [{ key: 'none', operator: 'DoesNotExist' }] }, true],
    ['DoesNotExist fails for a present key', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
    [
      'labels and expressions must all hold',
      { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['back'] }] },
      false,
    ],
  ])('%s', (_, selector, matches) => {
    expect(matchesSelector(labels, selector)).toBe(matches);
  });
});

describe('text order', () => {
  it('goes by code units, not by language', () => {
    expect(['b', 'ä', 'a', 'Z', '10', '9'].sort(compareText)).toEqual(['10', '9', 'Z', 'a', 'b', 'ä']);
    expect(compareText('a', 'a')).toBe(0);
  });

  it('gives records with the same entries the same JSON', () => {
    expect(JSON.stringify(sortedRecord({ b: 1, a: 2 }))).toBe('{"a":2,"b":1}');
    expect(JSON.stringify(sortedRecord({ a: 2, b: 1 }))).toBe('{"a":2,"b":1}');
  });
});
