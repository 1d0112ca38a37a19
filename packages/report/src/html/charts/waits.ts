import { axisX, axisY, gridX, gridY, lineY } from '@observablehq/plot';
import { exp, ln, RECORD } from '@plimsoll/core';
import type { RunResult } from '@plimsoll/lab';
import { colorOf, dashOf } from '../identity.ts';
import type { Markup } from '../markup.ts';
import { GRID, type SizeName, svg } from './svg.ts';

/** How long the pods of a run waited for a node. */
export interface Waits {
  /** Milliseconds from creation to binding, ascending, of pods that were bound. */
  readonly sorted: Float64Array;
  /** All pods, those without a node included. */
  readonly pods: number;
}

const LN10 = ln(10);
const POINTS = 160;

/** Shortest wait that the axis tells apart, seconds. */
const FLOOR = 0.01;

const X_TICKS: readonly (readonly [number, string])[] = [
  [FLOOR, '≤ 10 ms'],
  [0.1, '0.1 s'],
  [1, '1 s'],
  [10, '10 s'],
  [60, '1 min'],
  [600, '10 min'],
  [3600, '1 h'],
  [36_000, '10 h'],
  [259_200, '3 d'],
  [2_592_000, '30 d'],
];
const Y_TICKS: readonly (readonly [number, string])[] = [
  [0, '0 %'],
  [0.5, '50 %'],
  [0.9, '90 %'],
  [0.99, '99 %'],
  [0.999, '99.9 %'],
  [0.9999, '99.99 %'],
];

/** Reads the waits of a run from its log. */
export function waitsOf({ log }: RunResult): Waits {
  const { length, kind, time, a } = log;
  let pods = 0;
  let bound = 0;
  for (let row = 0; row < length; row++) {
    if (kind[row] === RECORD.podCreated) pods++;
    else if (kind[row] === RECORD.podBound) bound++;
  }
  const created = new Float64Array(pods);
  const sorted = new Float64Array(bound);
  let next = 0;
  for (let row = 0; row < length; row++) {
    if (kind[row] === RECORD.podCreated) created[a[row]] = time[row];
    else if (kind[row] === RECORD.podBound) sorted[next++] = time[row] - created[a[row]];
  }
  return { sorted: sorted.sort(), pods };
}

/** Where the share of pods placed is drawn: each nine takes the same room, so that the slowest pods can be seen. */
function height(share: number): number {
  return share === 0 ? 0 : -ln(1 - share) / LN10;
}

/** The line of a run: shares of all pods, against seconds. It ends below the top where some pods never got a node. */
export function waitCurve({ sorted, pods }: Waits, topShare: number): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = [];
  if (sorted.length === 0) return points;
  for (let i = 0; i <= POINTS; i++) {
    const share = 1 - exp(-(i / POINTS) * height(topShare) * LN10);
    const rank = Math.max(1, Math.ceil(share * pods - 1e-9));
    if (rank > sorted.length) break;
    points.push({ x: Math.max(FLOOR, sorted[rank - 1] / 1000), y: height(share) });
  }
  return points;
}

/** Draws the share of pods that had a node after a wait, on a logarithmic axis. */
export function waitChart(size: SizeName, runs: readonly Waits[], alt: string): Markup {
  const most = Math.max(2, ...runs.map(({ pods }) => pods));
  const topShare = Math.min(0.9999, 1 - 1 / most);
  const longest = Math.max(1, ...runs.map(({ sorted }) => (sorted.length === 0 ? 0 : sorted[sorted.length - 1] / 1000)));
  const shortest = Math.min(...runs.map(({ sorted }) => (sorted.length === 0 ? 1 : Math.max(FLOOR, sorted[0] / 1000))));
  const from = shortest >= 1 ? 1 : shortest >= 0.1 ? 0.1 : FLOOR;
  const to = longest * 1.25;
  const xTicks = X_TICKS.filter(([value]) => value >= from && value <= to);
  const every = size === 'narrow' && xTicks.length > 5 ? 2 : 1;
  const yTicks = Y_TICKS.filter(([value]) => value <= topShare);
  const names = (ticks: readonly (readonly [number, string])[]) => (value: number) =>
    ticks.find(([at]) => at === value)?.[1] ?? '';
  return svg(size, {
    alt,
    x: { type: 'log', domain: [from, to], label: 'wait from creation to a node (logarithmic)' },
    y: { domain: [0, height(topShare)], label: 'share of pods that have a node' },
    marks: [
      gridY(
        yTicks.map(([share]) => height(share)),
        GRID,
      ),
      gridX(
        xTicks.map(([value]) => value),
        GRID,
      ),
      axisY(
        yTicks.map(([share]) => height(share)),
        { tickSize: 0, tickFormat: names(yTicks.map(([share, name]) => [height(share), name])) },
      ),
      // Texts and no `tickFormat`: that of a logarithmic axis drops what is no power of ten.
      axisX(
        xTicks.filter((_, index) => index % every === 0).map(([value]) => value),
        { tickSize: 4, text: names(xTicks), labelAnchor: 'right', labelArrow: 'none', labelOffset: 36 },
      ),
      ...runs.map((run, index) => {
        const points = waitCurve(run, topShare);
        const stuck = run.sorted.length < run.pods && points.length > 0;
        if (stuck) points.push({ x: to, y: points[points.length - 1].y });
        return lineY(points, {
          x: 'x',
          y: 'y',
          stroke: colorOf(index),
          strokeWidth: 2,
          ...(dashOf(index) !== '' && { strokeDasharray: dashOf(index), strokeLinecap: 'butt' }),
        });
      }),
    ],
  });
}
