import { describe, expect, it } from 'vitest';
import { compact, counted, grouped, money, signed } from '../../src/wording/numbers.ts';

describe('grouped', () => {
  it('groups digits by three and leaves the decimals alone', () => {
    expect([grouped(7), grouped(1234), grouped(1234567.891, 3), grouped(-31204)]).toEqual([
      '7',
      '1 234',
      '1 234 567.891',
      '−31 204',
    ]);
  });

  it('prints no minus before a zero', () => {
    expect([grouped(-0.01, 1), signed(0.01, 1), signed(-0.06, 1)]).toEqual(['0.0', '0.0', '−0.1']);
  });

  it('prints a dash where there is no number', () => {
    expect([grouped(Number.NaN), money(Number.NaN), grouped(Infinity)]).toEqual(['–', '–', '∞']);
  });
});

it('words amounts', () => {
  expect([
    money(4182.768),
    money(-0.5),
    counted(1, 'pod'),
    counted(2214, 'pod'),
    compact(0.4249),
    compact(7.31),
    compact(118.4),
    compact(12.34),
  ]).toEqual(['$ 4 182.77', '−$ 0.50', '1 pod', '2 214 pods', '0.42', '7.31', '118', '12.3']);
});
