import type { Series } from '@plimsoll/lab';
import { expect, it } from 'vitest';
import { instants, spentUntil } from '../../../src/html/charts/cumulative.ts';

const HOUR = 3_600_000;

function rates(costPerHour: readonly number[]): Series {
  const none = costPerHour.map(() => 0);
  const time = costPerHour.map((_, index) => index * HOUR);
  return { time, costPerHour, nodes: none, cpuRequested: none, cpuAllocatable: none, pending: none };
}

it('adds up cost until each instant, and nothing after the end', () => {
  const times = [0, HOUR / 2, HOUR, 1.5 * HOUR, 2 * HOUR, 3 * HOUR];
  expect(spentUntil({ series: rates([4, 2]), span: 2 * HOUR }, times)).toEqual([0, 2, 4, 5, 6, 6]);
});

it('spends nothing where there was nothing', () => {
  expect(spentUntil({ series: rates([]), span: 0 }, instants(0, 2))).toEqual([0, 0, 0]);
});
