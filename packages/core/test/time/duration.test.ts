import { describe, expect, it } from 'vitest';
import { DurationError, formatDuration, parseDuration } from '../../src/time/duration.ts';

describe('reading durations', () => {
  it.each([
    ['0', 0],
    ['250ms', 250],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.1s', 1100],
    ['1d2h3m4s5ms', 93_784_005],
    ['0.4ms', 0],
    ['0.5ms', 1],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '10', '-5m', '5 m', 'm', '1.h', '1e3s', '5us', ' 5s', `${'9'.repeat(400)}h`])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(DurationError);
  });

  it('says what it expected and what it got', () => {
    expect(() => parseDuration('5 minutes')).toThrow('expected a duration such as "30s", "10m" or "1h30m", got "5 minutes"');
  });
});

describe('printing durations', () => {
  it.each([
    [0, '0ms'],
    [950, '950ms'],
    [12_300, '12.3s'],
    [59_949, '59.9s'],
    // Rounded to a tenth this is a whole minute, and reads as one.
    [59_950, '1m 00s'],
    [245_000, '4m 05s'],
    [3_599_600, '1h 00m'],
    [46_800_000, '13h 00m'],
    [172_799_000, '2d 00h'],
    [30 * 86_400_000 + 2 * 3_600_000, '30d 02h'],
    [Infinity, 'never'],
    [Number.NaN, 'never'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
