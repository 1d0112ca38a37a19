import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatResource, parseMilli, parseResource, parseUnits, QuantityError } from '../../src/model/quantity.ts';

describe('quantities in whole units', () => {
  it.each([
    ['0', 0],
    ['128', 128],
    ['+5', 5],
    ['-3', -3],
    ['1Ki', 1024],
    ['1.5Gi', 1_610_612_736],
    ['.5Ki', 512],
    ['5.', 5],
    ['1k', 1000],
    ['1M', 1_000_000],
    ['2G', 2_000_000_000],
    ['1e3', 1000],
    ['1E3', 1000],
    ['12e-1', 2],
    ['129e6', 129_000_000],
    ['4Pi', 2 ** 52],
  ])('reads %s as %d', (text, value) => {
    expect(parseUnits(text)).toBe(value);
  });

  it.each([
    ['.5', 1],
    ['0.1', 1],
    ['100m', 1],
    ['1100m', 2],
    ['1n', 1],
    ['1u', 1],
    ['1.0001Ki', 1025],
    ['-1.5', -2],
    ['1e-50', 1],
    ['0e-50', 0],
    ['0m', 0],
  ])('rounds %s away from zero to %d', (text, value) => {
    expect(parseUnits(text)).toBe(value);
  });

  it('keeps the value of a number that is written with very many decimals', () => {
    expect(parseUnits(`5.${'0'.repeat(70)}`)).toBe(5);
    expect(parseUnits(`5.${'0'.repeat(70)}1`)).toBe(6);
    expect(parseUnits(`0.${'0'.repeat(100)}1`)).toBe(1);
  });

  it('never gives a negative zero', () => {
    expect(Object.is(parseUnits('-0'), 0)).toBe(true);
  });

  it('holds every whole number up to 2^53 − 1 and refuses the next', () => {
    expect(parseUnits('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => parseUnits('9007199254740992')).toThrow('passes 2^53');
    for (const text of ['8Pi', '1E', '1e999999999']) expect(() => parseUnits(text)).toThrow(QuantityError);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '.',
    '-',
    '1ki',
    '1K',
    '1mi',
    '1KiB',
    '1e',
    '1e3Ki',
    '0x10',
    '1,5',
    '1..5',
    'Gi',
    '1 Gi',
    'NaN',
    'Infinity',
  ])('refuses %j', (text) => {
    expect(() => parseUnits(text)).toThrow(QuantityError);
  });

  it('says what would be accepted', () => {
    expect(() => parseUnits('lots')).toThrow('expected a Kubernetes quantity such as "500m", "2" or "1.5Gi", got "lots"');
    expect(() => parseUnits('1K')).toThrow(QuantityError);
    expect(() => parseUnits('1ki')).toThrow('binary suffixes are Ki to Ei');
  });
});

describe('CPU in millicores', () => {
  it.each([
    ['100m', 100],
    ['2', 2000],
    ['.5', 500],
    ['0.1', 100],
    ['1.5', 1500],
    ['1e3', 1_000_000],
    ['1k', 1_000_000],
    ['1n', 1],
    ['1000001n', 2],
    ['1.0001', 1001],
    ['0', 0],
  ])('reads %s as %d', (text, value) => {
    expect(parseMilli(text)).toBe(value);
  });
});

describe('values of named resources', () => {
  it('counts CPU in thousandths and everything else in units, from text or number', () => {
    expect(parseResource('cpu', '250m')).toBe(250);
    expect(parseResource('cpu', 0.25)).toBe(250);
    expect(parseResource('cpu', 2)).toBe(2000);
    expect(parseResource('memory', '250Mi')).toBe(250 * 2 ** 20);
    expect(parseResource('nvidia.com/gpu', 2)).toBe(2);
    expect(parseResource('memory', 1e21 / 1e9)).toBe(1e12);
    expect(parseResource('cpu', 1e-7)).toBe(1);
  });

  it.each([
    ['cpu', 1500, '1500m'],
    ['cpu', 2000, '2'],
    ['cpu', 0, '0'],
    ['memory', 3 * 2 ** 30, '3Gi'],
    ['memory', 1536 * 2 ** 20, '1536Mi'],
    ['memory', 1000, '1000'],
    ['memory', 0, '0'],
    ['hugepages-2Mi', 2 ** 21, '2Mi'],
    ['nvidia.com/gpu', 1024, '1024'],
  ])('prints %s %d as %s', (resource, value, text) => {
    expect(formatResource(resource, value)).toBe(text);
  });

  it('prints what reads back as the same value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('cpu', 'memory', 'ephemeral-storage', 'pods'),
        fc.oneof(
          fc.constantFrom(0, 1, 999, 1000, 1024, 2 ** 20, 3 * 2 ** 30),
          fc.maxSafeNat().map((n) => n % 2 ** 43),
        ),
        (resource, value) => {
          expect(parseResource(resource, formatResource(resource, value))).toBe(value);
        },
      ),
      { seed: 31, numRuns: 500 },
    );
  });
});
