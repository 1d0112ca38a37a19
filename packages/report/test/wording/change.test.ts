import type { ComparisonRow } from '@plimsoll/lab';
import { describe, expect, it } from 'vitest';
import { changeOf } from '../../src/wording/change.ts';

function row(
  base: number,
  value: number,
  better: ComparisonRow['better'] = 'less',
  id: ComparisonRow['id'] = 'cost',
): ComparisonRow {
  return { id, label: id, values: [base, value], texts: [String(base), String(value)], changes: [], better };
}

describe('changeOf', () => {
  it('calls up to half a per cent the same', () => {
    expect(changeOf(row(200, 201), 1)).toEqual({ text: '+0.5 %', verdict: 'same' });
    expect(changeOf(row(200, 199), 1)).toEqual({ text: '−0.5 %', verdict: 'same' });
    expect(changeOf(row(200, 202), 1)).toEqual({ text: '+1.0 %', verdict: 'worse' });
  });

  it('knows which way is better', () => {
    expect(changeOf(row(100, 80), 1)).toEqual({ text: '−20.0 %', verdict: 'better' });
    expect(changeOf(row(100, 80, 'more'), 1).verdict).toBe('worse');
    expect(changeOf(row(100, 80, 'neither'), 1).verdict).toBe('none');
  });

  it('tells packing in percentage points', () => {
    expect(changeOf(row(0.58, 0.74, 'more', 'cpuPacking'), 1)).toEqual({ text: '+16.0 pp', verdict: 'better' });
  });

  it('tells large growth as a multiple', () => {
    expect(changeOf(row(4, 31), 1)).toEqual({ text: '×7.8', verdict: 'worse' });
  });

  it('tells a change from nothing as it is', () => {
    expect(changeOf(row(0, 12), 1)).toEqual({ text: '+12', verdict: 'worse' });
    expect(changeOf(row(0, 0), 1)).toEqual({ text: '–', verdict: 'same' });
  });

  it('judges nothing where a value is missing', () => {
    expect(changeOf(row(Number.NaN, 3), 1)).toEqual({ text: '–', verdict: 'none' });
    expect(changeOf(row(3, Number.NaN), 1)).toEqual({ text: '–', verdict: 'none' });
    expect(changeOf(row(Number.NaN, Number.NaN), 1)).toEqual({ text: '–', verdict: 'none' });
  });
});
