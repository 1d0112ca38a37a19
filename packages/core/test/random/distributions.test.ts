import { describe, expect, it } from 'vitest';
import { type Distribution, normalQuantile, quantile, quantileMs } from '../../src/random/distributions.ts';
import { Streams } from '../../src/random/streams.ts';

describe('the normal quantile', () => {
  // Values from tables of the standard normal distribution.
  it.each([
    [0.5, 0],
    [0.8413447460685429, 1],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.999, 3.090232306167813],
    [0.01, -2.3263478740408408],
    [1e-6, -4.753424308822899],
  ])('of %d is %d', (u, z) => {
    expect(Math.abs(normalQuantile(u) - z)).toBeLessThanOrEqual(1.2e-9 * Math.abs(z));
  });

  it('is finite at 0 and at 1, and never falls', () => {
    let last = normalQuantile(0);
    expect(last).toBeGreaterThan(-7);
    for (let n = 1; n <= 10_000; n++) {
      const next = normalQuantile(n / 10_000);
      expect(next).toBeGreaterThanOrEqual(last);
      last = next;
    }
    expect(last).toBeLessThan(7);
  });
});

describe('distributions', () => {
  it('have the median that they were given', () => {
    expect(quantile({ kind: 'constant', value: 70 }, 0.5)).toBe(70);
    expect(quantile({ kind: 'uniform', min: 10, max: 30 }, 0.5)).toBe(20);
    expect(quantile({ kind: 'lognormal', median: 5000, p99: 20_000 }, 0.5)).toBe(5000);
    // −mean × ln(0.5)
    expect(quantile({ kind: 'exponential', mean: 1000 }, 0.5)).toBeCloseTo(693.1472, 3);
  });

  it('have the 99th percentile that they were given', () => {
    expect(quantile({ kind: 'uniform', min: 0, max: 100 }, 0.99)).toBeCloseTo(99, 9);
    expect(quantile({ kind: 'lognormal', median: 5000, p99: 20_000 }, 0.99)).toBeCloseTo(20_000, 3);
    // −mean × ln(0.01)
    expect(quantile({ kind: 'exponential', mean: 1000 }, 0.99)).toBeCloseTo(4605.17, 2);
  });

  it('show that median and percentile in samples', () => {
    const distribution: Distribution = { kind: 'lognormal', median: 5000, p99: 20_000 };
    const stream = new Streams(1).keyed('sample');
    const sample = Array.from({ length: 20_001 }, (_, n) => quantile(distribution, stream.at(n))).sort((x, y) => x - y);
    expect(Math.abs(sample[10_000] / 5000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(sample[19_801] / 20_000 - 1)).toBeLessThan(0.08);
  });

  it('never pass the maximum of a lognormal', () => {
    const distribution: Distribution = { kind: 'lognormal', median: 5000, p99: 20_000, max: 12_000 };
    expect(quantile(distribution, 0.5)).toBe(5000);
    expect(quantile(distribution, 0.999)).toBe(12_000);
  });

  it('stay at the median where the 99th percentile is the median', () => {
    for (const u of [0, 0.3, 0.999]) expect(quantile({ kind: 'lognormal', median: 80, p99: 80 }, u)).toBe(80);
  });

  it('come as whole milliseconds, never below zero', () => {
    expect(quantileMs({ kind: 'uniform', min: 0, max: 1 }, 0.5)).toBe(1);
    expect(quantileMs({ kind: 'uniform', min: -10, max: -5 }, 0.5)).toBe(0);
    expect(Object.is(quantileMs({ kind: 'uniform', min: -0.4, max: 0 }, 0.1), 0)).toBe(true);
    expect(quantileMs({ kind: 'exponential', mean: 100 }, 0)).toBe(0);
  });
});
