import { Streams } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { defaultCloudSettings, launchLatencyPresets } from '../src/index.ts';
import { drawMillis } from '../src/launch-latency.ts';

/** Order to ready of 20,000 machines, sorted. */
function totals(preset: keyof typeof launchLatencyPresets): number[] {
  const { orderToRunning, runningToRegistered, registeredToReady } = launchLatencyPresets[preset];
  const streams = new Streams(1);
  const out = Array.from({ length: 20_000 }, (_, i) => {
    const name = `node-${i}`;
    return (
      drawMillis(streams, 'running', orderToRunning, name) +
      drawMillis(streams, 'registered', runningToRegistered, name) +
      drawMillis(streams, 'ready', registeredToReady, name)
    );
  });
  return out.sort((a, b) => a - b);
}

describe('launch latency', () => {
  it.each([
    ['default', 25_000, 57_000],
    ['untuned', 54_000, 108_000],
  ] as const)('has the documented median and 99th percentile in preset %s', (preset, median, p99) => {
    const sorted = totals(preset);
    expect(Math.abs(sorted[10_000] / median - 1)).toBeLessThan(0.03);
    expect(Math.abs(sorted[19_800] / p99 - 1)).toBeLessThan(0.05);
  });

  it('belongs to what it is and whose it is, not to the order of questions', () => {
    const { termination } = defaultCloudSettings;
    const first = new Streams(7);
    const a = drawMillis(first, 'gone', termination, 'a');
    const b = drawMillis(first, 'gone', termination, 'b');
    const second = new Streams(7);
    expect(drawMillis(second, 'gone', termination, 'b')).toBe(b);
    expect(drawMillis(second, 'gone', termination, 'a')).toBe(a);
    expect(a).not.toBe(b);
    expect(drawMillis(new Streams(8), 'gone', termination, 'a')).not.toBe(a);
  });
});
