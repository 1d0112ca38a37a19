import { formatDuration } from '@plimsoll/core';
import { type ComparisonRow, compare } from '@plimsoll/lab';
import type { Comparison } from '../comparison.ts';
import { type Change, changeOf, MARK } from '../wording/change.ts';
import { counted, grouped } from '../wording/numbers.ts';
import { programOf } from '../wording/subject.ts';
import { swatch } from './identity.ts';
import { html, type Insert, type Markup } from './markup.ts';

/** Measures that get a card, in order. */
const CARDS: readonly { readonly id: ComparisonRow['id']; readonly title: string; readonly about: string }[] = [
  { id: 'cost', title: 'Cost', about: 'machines, whole run' },
  { id: 'waitP99', title: 'Pod wait, p99', about: '99 % of pods had a node sooner' },
  { id: 'cpuPacking', title: 'CPU packing', about: 'requested ÷ allocatable, mean' },
  { id: 'nodeHours', title: 'Node-hours', about: 'billed machine time' },
  { id: 'evictions', title: 'Evictions', about: 'pods moved or lost' },
  { id: 'neverScheduled', title: 'Never scheduled', about: 'pods still waiting at the end' },
];

/** The result in one or two sentences. */
export function verdictSentence({ runs }: Comparison): Markup {
  if (runs.length === 0) return html`No runs.`;
  const [base, ...others] = runs;
  const name = (index: number): Markup => html`<b>${runs[index].result.autoscaler}</b>`;
  const stuck = runs
    .map(({ metrics }, index) => ({ index, pods: metrics.neverScheduled }))
    .filter(({ pods }) => pods > 0)
    .map(({ index, pods }) => html` With ${name(index)}, ${counted(pods, 'pod')} never got a node.`);
  const rows = compare(runs.map(({ metrics }) => metrics));
  const row = (id: ComparisonRow['id']): ComparisonRow => rows.find((each) => each.id === id) as ComparisonRow;
  const [cost, wait] = [row('cost'), row('waitP99')];
  if (others.length === 0) {
    const waited = Number.isNaN(wait.values[0]) ? 'No pod got a node.' : `99 % of pods had a node within ${wait.texts[0]}.`;
    return html`${name(0)} costs ${cost.texts[0]} over ${formatDuration(base.result.span)}. ${waited}${stuck}`;
  }
  if (others.length === 1) {
    return html`${name(1)} ${costWords(cost, 1)} ${name(0)}${waitWords(wait, 1)}.${stuck}`;
  }
  const cheapest = cost.values.indexOf(Math.min(...cost.values));
  const words =
    cheapest === 0
      ? html`No other of ${runs.length} runs is cheaper than ${name(0)}`
      : html`Of ${runs.length} runs, ${name(cheapest)} is the cheapest: it ${costWords(cost, cheapest)} ${name(0)}${waitWords(wait, cheapest)}`;
  return html`${words}.${stuck}`;
}

function costWords(cost: ComparisonRow, run: number): string {
  const { verdict } = changeOf(cost, run);
  const [base, value] = [cost.values[0], cost.values[run]];
  if (verdict === 'same') return 'costs the same as';
  if (base === 0) return `costs ${cost.texts[run]}, against nothing with`;
  const share = `${grouped(Math.abs(value / base - 1) * 100, 1)} %`;
  return `costs ${share} ${value < base ? 'less' : 'more'} than`;
}

function waitWords(wait: ComparisonRow, run: number): string {
  const { verdict } = changeOf(wait, run);
  if (verdict === 'none') return '';
  if (verdict === 'same') return '; the slowest 1 % of pods wait as long';
  return `; the slowest 1 % of pods wait ${wait.texts[run]} or more instead of ${wait.texts[0]}`;
}

/** The headline differences. */
export function cards({ runs }: Comparison): Markup {
  const rows = compare(runs.map(({ metrics }) => metrics));
  return html`<div class="cards">${CARDS.map(({ id, title, about }) => {
    const row = rows.find((each) => each.id === id) as ComparisonRow;
    const change = runs.length === 2 ? changeOf(row, 1) : undefined;
    const headline = change === undefined ? (runs.length === 1 ? row.texts[0] : undefined) : change.text;
    return html`<article class="card${change && ` ${change.verdict}`}"><h3>${title}</h3>
${headline !== undefined && html`<p class="headline">${headline}${change && mark(change)}</p>`}
${
  runs.length > 1 &&
  html`<ul${runs.length > 2 && html` class="changes"`}>${runs.map(
    ({ result }, run) =>
      html`<li>${swatch(run)}<span class="name">${result.autoscaler}</span><span class="value">${row.texts[run]}</span>${runs.length > 2 && html`<span class="delta">${run > 0 && changeGlyph(row, run)}</span>`}</li>`,
  )}</ul>`
}
<p class="about">${about}</p></article>`;
  })}</div>`;
}

/** Every measure of every run. */
export function measuresTable(comparison: Comparison): Markup {
  const { runs } = comparison;
  const rows = compare(runs.map(({ metrics }) => metrics));
  const cell = (row: ComparisonRow, run: number): Insert =>
    html`<td>${row.texts[run]}</td>${run > 0 && html`<td class="delta">${changeText(row, run)}</td>`}`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="All measures"><table class="measures"><thead><tr><th scope="col"><span class="sr">measure</span></th>${runs.map(
    ({ result }, run) =>
      html`<th scope="col">${swatch(run)}<span class="name">${result.autoscaler}</span><small>${programOf(comparison, result.autoscaler)}</small></th>${run > 0 && html`<th scope="col" class="delta"><small>change</small></th>`}`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr><th scope="row">${row.label}</th>${runs.map((_, run) => cell(row, run))}</tr>`)}</tbody></table></div>`;
}

function changeText(row: ComparisonRow, run: number): Insert {
  const change = changeOf(row, run);
  return html`<span class="change">${change.text}</span> ${mark(change)}`;
}

/** The same where there is little room: the mark's word is for those who listen. */
function changeGlyph(row: ComparisonRow, run: number): Insert {
  const { text, verdict } = changeOf(row, run);
  return html`${text}<span class="mark ${verdict}">${MARK[verdict]}<span class="sr"> ${verdict !== 'none' && verdict}</span></span>`;
}

function mark({ verdict }: Change): Insert {
  return verdict === 'none'
    ? html`<span class="mark"></span>`
    : html`<span class="mark ${verdict}">${MARK[verdict]} ${verdict}</span>`;
}
