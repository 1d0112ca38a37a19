import { DAY, HOUR, MINUTE, SECOND } from '@plimsoll/core';
import type { SizeName } from './svg.ts';

/** The unit that a span of time is told in. */
export interface TimeUnit {
  readonly name: 's' | 'min' | 'h' | 'd';
  readonly milliseconds: number;
}

const UNITS: readonly { readonly unit: TimeUnit; readonly upTo: number; readonly steps: readonly number[] }[] = [
  { unit: { name: 's', milliseconds: SECOND }, upTo: 3 * MINUTE, steps: [1, 2, 5, 10, 15, 30, 60] },
  { unit: { name: 'min', milliseconds: MINUTE }, upTo: 3 * HOUR, steps: [1, 2, 5, 10, 15, 30, 60] },
  { unit: { name: 'h', milliseconds: HOUR }, upTo: 4 * DAY, steps: [1, 2, 3, 6, 12, 24, 48] },
  { unit: { name: 'd', milliseconds: DAY }, upTo: Infinity, steps: [1, 2, 7, 14, 28, 91, 182, 364] },
];

/** A time axis from 0 to `span`: its unit, and ticks at round numbers of it. */
export function timeAxis(span: number, size: SizeName): { unit: TimeUnit; end: number; ticks: number[]; label: string } {
  const { unit, steps } = UNITS.find(({ upTo }) => span <= upTo) as (typeof UNITS)[number];
  const end = Math.max(span, 1) / unit.milliseconds;
  const most = size === 'wide' ? 8 : 4;
  const step = steps.find((candidate) => end / candidate <= most) ?? Math.ceil(end / most);
  const ticks: number[] = [];
  for (let tick = 0; tick <= end; tick += step) ticks.push(tick);
  return { unit, end, ticks, label: `time since the start (${unit.name})` };
}
