import { formatDuration } from '@plimsoll/core';
import { percentile } from '@plimsoll/lab';
import type { Comparison } from '../comparison.ts';
import { counted } from '../wording/numbers.ts';
import { waitChart, waitsOf } from './charts/waits.ts';
import { figure } from './figure.ts';
import type { Markup } from './markup.ts';

const PERCENTILES = [10, 25, 50, 75, 90, 95, 99, 99.9, 100];

/** How long pods waited: shares of all pods against time, and percentiles as a table. */
export function waitFigure({ runs }: Comparison): Markup {
  const waits = runs.map(({ result }) => waitsOf(result));
  const names = runs.map(({ result }) => result.autoscaler);
  const told = (ms: number): string => (Number.isNaN(ms) ? '–' : formatDuration(ms));
  return figure({
    id: 'waits',
    title: 'Pod wait',
    about:
      'Share of all pods that have a node within a time. Higher and further left is better. Each nine takes the same height, so that the slowest pods can be seen; a line that stays below the top means pods that no node ever held. Percentiles are over the pods that got one.',
    legend: names.map((name, run) => ({ run, name })),
    draw: (size) => waitChart(size, waits, `Share of pods that have a node against their wait, ${counted(runs.length, 'line')}.`),
    // Charts stand in two columns: with an even number before it this one has the row to itself.
    tableBeside: runs.length % 2 === 0,
    table: {
      head: ['percentile', ...names],
      rows: PERCENTILES.map((p) => [p === 100 ? 'longest' : `p${p}`, ...waits.map(({ sorted }) => told(percentile(sorted, p)))]),
    },
  });
}
