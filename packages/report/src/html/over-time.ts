import { formatDuration } from '@plimsoll/core';
import type { Series } from '@plimsoll/lab';
import type { Comparison } from '../comparison.ts';
import { compact, counted, signed } from '../wording/numbers.ts';
import { longestSpan } from '../wording/subject.ts';
import { instants, spentUntil } from './charts/cumulative.ts';
import { type Line, lineChart } from './charts/lines.ts';
import { type Figure, figure } from './figure.ts';
import { html, type Insert, type Markup } from './markup.ts';

/** Rows that the table view of a chart has. */
const TABLE_ROWS = 24;

/** One chart over time, before it is drawn. */
interface Plan {
  readonly id: string;
  readonly title: string;
  readonly about: Insert;
  /** Name and unit of the axis. */
  readonly label: string;
  readonly alt: string;
  readonly curve: 'step-after' | 'linear';
  readonly lines: readonly Line[];
  readonly format?: (value: number) => string;
}

/** The charts over time that put all runs into one drawing. */
export function timeCharts(comparison: Comparison): Markup[] {
  const { runs } = comparison;
  const several = runs.length > 1;
  const of = (values: (series: Series) => readonly number[]): Line[] =>
    runs.map(({ result, series }, run) => heldUntil(result.span, { run, time: series.time, values: values(series) }));
  const step = stepsOf(runs);
  const plans: Plan[] = [
    {
      id: 'cost',
      title: 'Cost per hour',
      about: `What the machines that run cost at each moment. Mean over steps of ${step}.`,
      label: 'cost ($ per hour)',
      alt: 'Cost in dollars per hour over time',
      curve: 'step-after',
      lines: of(({ costPerHour }) => costPerHour),
    },
    several ? difference(comparison) : spent(comparison),
    {
      id: 'nodes',
      title: 'Nodes',
      about: `Machines that run. Mean over steps of ${step}.`,
      label: 'nodes',
      alt: 'Number of running machines over time',
      curve: 'step-after',
      lines: of(({ nodes }) => nodes),
    },
    {
      id: 'pending',
      title: 'Pending pods',
      about: `Pods without a node; the most at any instant of each step of ${step}.`,
      label: 'pods',
      alt: 'Largest number of pending pods over time',
      curve: 'step-after',
      lines: of(({ pending }) => pending),
    },
  ];
  return plans.map((plan) => draw(comparison, plan));
}

/** Requested against allocatable CPU, one drawing a run on one scale. */
export function packingCharts(comparison: Comparison): Markup[] {
  const { runs } = comparison;
  const top = Math.max(0, ...runs.flatMap(({ series }) => [...series.cpuAllocatable, ...series.cpuRequested]));
  const span = longestSpan(comparison);
  return runs.map(({ result, series }, run) => {
    const lines = [
      heldUntil(result.span, { run, time: series.time, values: series.cpuRequested, look: 'fill' }),
      heldUntil(result.span, { run, time: series.time, values: series.cpuAllocatable, look: 'ink' }),
    ];
    return figure({
      id: `packing-${run}`,
      title: `CPU packing, ${result.autoscaler}`,
      about:
        'Filled: what pods on nodes ask for. Thin line: what the nodes offer. The gap is paid for and idle. All runs share one scale.',
      draw: (size) =>
        lineChart(size, {
          lines,
          span,
          label: 'CPU (cores)',
          curve: 'step-after',
          alt: 'Cores requested and cores allocatable over time',
          top,
        }),
      table: tableOf(['requested, cores', 'allocatable, cores'], lines, span, compact),
    });
  });
}

/** Numbers behind the synchronised readout, as a script block of JSON that is never run. Three significant digits or so are enough. */
export function readoutData(comparison: Comparison): unknown {
  const round = (values: readonly number[]) =>
    values.map((value) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null));
  return {
    span: longestSpan(comparison),
    runs: comparison.runs.map(({ result, series }) => ({
      step: series.time.length > 1 ? series.time[1] - series.time[0] : result.span,
      span: result.span,
      cost: round(series.costPerHour),
      nodes: round(series.nodes),
      pending: round(series.pending),
    })),
  };
}

function difference(comparison: Comparison): Plan {
  const { runs } = comparison;
  const times = instants(longestSpan(comparison));
  const [base, ...others] = runs.map(({ result, series }) => spentUntil({ series, span: result.span }, times));
  return {
    id: 'difference',
    title: 'Cost so far, against the first',
    about: html`Dollars spent since the start, less what <b>${runs[0].result.autoscaler}</b> has spent by then. Below zero is cheaper. A machine’s shortest billed time is not in it.`,
    label: 'difference ($)',
    alt: 'Cumulative difference of cost in dollars against the first run over time',
    curve: 'linear',
    lines: others.map((spending, index) => ({
      run: index + 1,
      time: times,
      values: spending.map((value, at) => value - base[at]),
      ...(others.length === 1 && { look: 'fill' as const }),
    })),
    format: (value) => signed(value, 2),
  };
}

function spent(comparison: Comparison): Plan {
  const times = instants(longestSpan(comparison));
  return {
    id: 'difference',
    title: 'Cost so far',
    about: 'Dollars spent since the start. A machine’s shortest billed time is not in it.',
    label: 'spent ($)',
    alt: 'Cumulative cost in dollars over time',
    curve: 'linear',
    lines: comparison.runs.map(({ result, series }, run) => ({
      run,
      time: times,
      values: spentUntil({ series, span: result.span }, times),
      look: 'fill',
    })),
  };
}

function draw(comparison: Comparison, { id, title, about, label, alt, curve, lines, format = compact }: Plan): Markup {
  const span = longestSpan(comparison);
  const names = lines.map(({ run }) => comparison.runs[run].result.autoscaler);
  const plan: Figure = {
    id,
    title,
    about,
    legend: lines.map(({ run }, index) => ({ run, name: names[index] })),
    draw: (size) => lineChart(size, { lines, span, label, curve, alt: `${alt}, ${counted(lines.length, 'line')}.` }),
    table: tableOf(names, lines, span, format),
    overTime: true,
  };
  return figure(plan);
}

/** How long the steps of the series are: `1m 30s`, or `15.0s to 1m 30s` where runs were of different length. */
function stepsOf(runs: Comparison['runs']): string {
  if (runs.length === 0) return '';
  const steps = runs.map(({ result, series }) => (series.time.length > 1 ? series.time[1] - series.time[0] : result.span));
  const [least, most] = [Math.min(...steps), Math.max(...steps)].map(formatDuration);
  return least === most ? least : `${least} to ${most}`;
}

/** A line whose last value holds until its run's end. */
function heldUntil(span: number, line: Line): Line {
  const { time, values } = line;
  return time.length === 0 ? line : { ...line, time: [...time, span], values: [...values, values[values.length - 1]] };
}

function tableOf(
  names: readonly string[],
  lines: readonly Line[],
  span: number,
  format: (value: number) => string,
): Figure['table'] {
  const rows = instants(span, TABLE_ROWS).map((at) => [
    formatDuration(at),
    ...lines.map(({ time, values }) => {
      const index = time.findLastIndex((start) => start <= at);
      const over = at > time[time.length - 1];
      return index < 0 || over ? '–' : format(values[index]);
    }),
  ]);
  return { head: ['time', ...names], rows };
}
