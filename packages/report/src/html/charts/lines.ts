import { areaY, axisX, axisY, gridY, lineY, ruleY } from '@observablehq/plot';
import { compact } from '../../wording/numbers.ts';
import { colorOf, dashOf } from '../identity.ts';
import type { Markup } from '../markup.ts';
import { GRID, type SizeName, svg } from './svg.ts';
import { timeAxis } from './time-axis.ts';

/** A line over time. */
export interface Line {
  /** Index of the run that it belongs to: gives hue and dash. */
  readonly run: number;
  /** Milliseconds. */
  readonly time: readonly number[];
  readonly values: readonly number[];
  /** `own` (default): the run's colour and dash. `ink`: a thin line in the colour of text. `fill`: the run's colour, filled to zero. */
  readonly look?: 'own' | 'ink' | 'fill';
}

/** A chart of lines over time. */
export interface LineChart {
  readonly lines: readonly Line[];
  /** Milliseconds, the same for all charts of a report. */
  readonly span: number;
  /** Name and unit of the vertical axis. */
  readonly label: string;
  /** Whether values hold from one instant to the next, or are joined. */
  readonly curve: 'step-after' | 'linear';
  readonly alt: string;
  /** Highest value, where several charts share a scale. Default: that of the lines. */
  readonly top?: number;
}

/** Draws lines over time from zero. */
export function lineChart(size: SizeName, { lines, span, label, curve, alt, top }: LineChart): Markup {
  const axis = timeAxis(span, size);
  const values = lines.flatMap((line) => line.values.filter(Number.isFinite));
  const high = top ?? values.reduce((most, value) => Math.max(most, value), 0);
  const low = values.reduce((least, value) => Math.min(least, value), 0);
  const flat = high === 0 && low === 0;
  const marks = lines.flatMap(({ run, time, values: ys, look = 'own' }) => {
    const points = time.map((at, index) => ({ x: at / axis.unit.milliseconds, y: ys[index] }));
    const line = {
      x: 'x',
      y: 'y',
      curve,
      stroke: look === 'ink' ? 'var(--ink)' : colorOf(run),
      strokeWidth: look === 'ink' ? 1.25 : 2,
      ...(look !== 'ink' && dashOf(run) !== '' && { strokeDasharray: dashOf(run), strokeLinecap: 'butt' as const }),
    };
    const area = { x: 'x', y: 'y', curve, fill: colorOf(run), fillOpacity: 0.16 };
    return look === 'fill' ? [areaY(points, area), lineY(points, line)] : [lineY(points, line)];
  });
  return svg(size, {
    alt,
    x: { domain: [0, axis.end], label: axis.label },
    y: { domain: flat ? [0, 1] : [low, high], nice: 8, label },
    marks: [
      gridY({ ...GRID, ticks: flat ? [0] : 4 }),
      axisY({
        ticks: flat ? [0] : 4,
        tickSize: 0,
        tickFormat: (value: number) => compact(value).replace(/\.0+$|(\.\d*?)0+$/, '$1'),
      }),
      axisX({
        ticks: axis.ticks,
        tickSize: 4,
        tickFormat: (value: number) => String(value),
        labelAnchor: 'right',
        labelArrow: 'none',
        labelOffset: 36,
      }),
      ...marks,
      ruleY([0], { stroke: 'var(--axis)' }),
    ],
  });
}
