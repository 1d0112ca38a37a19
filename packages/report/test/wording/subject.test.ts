import { describe, expect, it } from 'vitest';
import { programOf, seedText, unequalEnds } from '../../src/wording/subject.ts';
import { smallRun } from '../support/small.ts';
import { barrenRun, comparisonOf } from '../support/synthetic.ts';

describe('unequalEnds', () => {
  it('warns where runs did not end together', () => {
    expect(unequalEnds(comparisonOf([smallRun('today'), barrenRun('proposed')]))).toBe(
      'The runs end at different times, today after 10m 00s, proposed after 1h 00m; each pays until its own end.',
    );
  });

  it('says nothing where they did, or where there is one run', () => {
    expect(unequalEnds(comparisonOf([smallRun('today'), smallRun('proposed')]))).toBe(undefined);
    expect(unequalEnds(comparisonOf([smallRun('today')]))).toBe(undefined);
  });
});

it('names the program behind a name, and each seed once', () => {
  const comparison = comparisonOf([smallRun('today'), smallRun('proposed')]);
  expect([programOf(comparison, 'today'), programOf(comparison, 'nobody'), seedText(comparison)]).toEqual([
    'cluster-autoscaler 1.34',
    '',
    '42',
  ]);
});
