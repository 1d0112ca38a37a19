import { formatDuration } from '@plimsoll/core';
import { type ComparisonRow, compare } from '@plimsoll/lab';
import { runId } from '../bundle/manifest.ts';
import type { Comparison } from '../comparison.ts';
import { type Change, changeOf, MARK } from '../wording/change.ts';
import { counted, grouped } from '../wording/numbers.ts';
import { longestSpan, programOf, seedText, unequalEnds } from '../wording/subject.ts';
import { type Paint, paintFor } from './paint.ts';
import { sparkline } from './sparkline.ts';
import { cutTo, displayWidth, padTo, tame, wrapTo } from './width.ts';

/** How the table is printed. */
export interface TableOptions {
  /** Whether ANSI colours are used. */
  readonly color: boolean;
  /** Cells of the terminal's line, from 60. */
  readonly width: number;
  /** Seconds that all runs together took on the user's clock. Shown as speed; left out where it is not given. */
  readonly wallSeconds?: number;
}

const GAP = 3;

/** The comparison as people see it in a terminal: one column a run, changes against the first, marks, sparklines, notes. Ends with a line break. */
export function comparisonTable(comparison: Comparison, { color, width, wallSeconds }: TableOptions): string {
  const paint = paintFor(color);
  const line = Math.max(60, width);
  const blocks = [
    header(comparison, line, paint),
    ...measures(comparison, line, paint),
    sparklines(comparison, line, paint),
    footer(comparison, line, paint, wallSeconds),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((text) => text.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function header(comparison: Comparison, width: number, paint: Paint): string[] {
  const { scenario, workload } = comparison;
  const { name, description } = scenario.metadata;
  const facts = [
    `${formatDuration(longestSpan(comparison))} simulated`,
    counted(workload.pods, 'pod'),
    `seed ${seedText(comparison)}`,
    `run ${runId(comparison)}`,
  ];
  const title = cutTo(tame(name), Math.floor(width / 2));
  const indent = displayWidth(title) + GAP;
  const lines = wrapTo(facts.join(' · '), width - indent);
  lines[0] = `${paint.bold(title)}${' '.repeat(GAP)}${lines[0]}`;
  for (let i = 1; i < lines.length; i++) lines[i] = ' '.repeat(indent) + lines[i];
  if (description !== undefined) lines.push(...wrapTo(tame(description), width).map(paint.faint));
  return lines;
}

/** The measures, as many runs side by side as fit; the baseline leads every block. */
function measures(comparison: Comparison, width: number, paint: Paint): string[][] {
  const { runs } = comparison;
  if (runs.length === 0) return [['no runs']];
  const rows = compare(runs.map(({ metrics }) => metrics));
  const columns = runs.map(({ result }, run) => columnOf(comparison, result.autoscaler, rows, run));
  const labels = Math.max(...rows.map(({ label }) => displayWidth(label))) + 1;
  const others = columns.slice(1);
  const blocks: string[][] = [];
  do {
    let used = labels + GAP + columns[0].width;
    const words = used + others.slice(0, 2).reduce((sum, column) => sum + columnWidth(column, true), 0) <= width;
    const taken: Column[] = [];
    while (others.length > 0 && (taken.length === 0 || used + columnWidth(others[0], words) <= width)) {
      const column = others.shift() as Column;
      used += columnWidth(column, words);
      taken.push(column);
    }
    blocks.push(blockOf(rows, labels, columns[0], taken, words, paint));
  } while (others.length > 0);
  return blocks;
}

interface Column {
  readonly name: string;
  readonly program: string;
  readonly texts: readonly string[];
  readonly changes: readonly Change[];
  readonly width: number;
  readonly changeWidth: number;
}

function columnOf(comparison: Comparison, autoscaler: string, rows: readonly ComparisonRow[], run: number): Column {
  const name = cutTo(tame(autoscaler), 24);
  const program = cutTo(tame(programOf(comparison, autoscaler)), 24);
  const texts = rows.map((row) => row.texts[run]);
  const changes = run === 0 ? [] : rows.map((row) => changeOf(row, run));
  return {
    name,
    program,
    texts,
    changes,
    width: Math.max(...[name, program, ...texts].map(displayWidth)),
    changeWidth: Math.max('change'.length, ...changes.map(({ text }) => displayWidth(text))),
  };
}

/** Cells of a compared run: gap, value, gap, change, gap, mark. */
function columnWidth({ width, changeWidth }: Column, words: boolean): number {
  return GAP + width + GAP + changeWidth + 2 + (words ? '✔ better'.length : 1);
}

function blockOf(
  rows: readonly ComparisonRow[],
  labels: number,
  first: Column,
  others: readonly Column[],
  words: boolean,
  paint: Paint,
): string[] {
  const gap = ' '.repeat(GAP);
  const markWidth = words ? '✔ better'.length : 1;
  const lineOf = (label: string, base: string, cells: readonly (readonly [string, string, string])[]): string =>
    padTo(label, labels) +
    gap +
    padTo(base, first.width) +
    cells
      .map(
        ([value, change, mark], index) =>
          gap +
          padTo(value, others[index].width) +
          gap +
          padTo(change, others[index].changeWidth, 'right') +
          '  ' +
          padTo(mark, markWidth),
      )
      .join('');
  return [
    lineOf(
      '',
      paint.bold(first.name),
      others.map(({ name }) => [paint.bold(name), '', '']),
    ),
    lineOf(
      '',
      paint.faint(first.program),
      others.map(({ program }) => [paint.faint(program), paint.faint('change'), '']),
    ),
    ...rows.map(({ label }, row) =>
      lineOf(
        ` ${label}`,
        first.texts[row],
        others.map(({ texts, changes }) => [texts[row], changes[row].text, markText(changes[row], words, paint)]),
      ),
    ),
  ];
}

function markText({ verdict }: Change, words: boolean, paint: Paint): string {
  if (verdict === 'none') return '';
  const text = words ? `${MARK[verdict]} ${verdict}` : MARK[verdict];
  return verdict === 'better' ? paint.good(text) : verdict === 'worse' ? paint.bad(text) : paint.faint(text);
}

/** One line a run: node count over time, on one scale, and the digest that a repetition must have. */
function sparklines({ runs }: Comparison, width: number, paint: Paint): string[] {
  if (runs.length === 0) return [];
  const top = Math.max(...runs.flatMap(({ series }) => series.nodes));
  const longest = Math.max(1, ...runs.map(({ result }) => result.span));
  const names = runs.map(({ result }) => cutTo(tame(result.autoscaler), 24));
  const nameWidth = Math.max(...names.map(displayWidth));
  const digestWidth = GAP + 'digest '.length + 16;
  const cells = Math.max(8, Math.min(48, width - 1 - nameWidth - GAP - digestWidth));
  const lines = runs.map(({ result, series }, run) => {
    // A shorter run gets fewer cells, so that one cell is the same time in every line.
    const share = Math.max(1, Math.round((cells * result.span) / longest));
    const bars = padTo(sparkline(series.nodes, { width: share, top }), cells);
    return ` ${padTo(names[run], nameWidth)}${' '.repeat(GAP)}${bars}${' '.repeat(GAP)}${paint.faint(`digest ${result.digest}`)}`;
  });
  return [paint.faint(` node count over time, 0 to ${grouped(top, 0)}`), ...lines];
}

function footer(comparison: Comparison, width: number, paint: Paint, wallSeconds?: number): string[] {
  const { runs, workload } = comparison;
  const ends = unequalEnds(comparison);
  const notes = ends === undefined ? comparison.notes : [ends, ...comparison.notes];
  const lines: string[] = [];
  const entry = (label: string, text: string): void => {
    wrapTo(tame(text), width - 11).forEach((part, index) => {
      lines.push(` ${padTo(index === 0 ? paint.faint(label) : '', 10)}${part}`);
    });
  };
  entry('workload', workload.source);
  if (wallSeconds !== undefined && runs.length > 0) {
    const simulated = runs.reduce((sum, { result }) => sum + result.span, 0);
    const clock = wallSeconds > 0 ? `, ${grouped(simulated / 1000 / wallSeconds)} times as fast as the clock` : '';
    entry('speed', `${formatDuration(simulated)} simulated in ${formatDuration(wallSeconds * 1000)}${clock}`);
  }
  for (const [index, note] of notes.entries()) entry(index === 0 ? 'notes' : '', note);
  return lines;
}
