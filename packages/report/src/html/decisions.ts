import { compareText, type LoggedDecision } from '@plimsoll/core';
import type { Comparison } from '../comparison.ts';
import { counted, grouped } from '../wording/numbers.ts';
import { IDENTITIES, swatch } from './identity.ts';
import { html, type Markup } from './markup.ts';
import { bar } from './purchases.ts';

/** Longest message and longest details that the page shows; the run folder has all of them. */
const MESSAGE_MAX = 300;
const DETAILS_MAX = 600;

/** Reason codes that the page counts by name. */
const CODES_MAX = 40;

/** How often each reason was given, and the first `most` decisions of each run in order of time. */
export function decisions({ runs }: Comparison, most: number): Markup {
  const codes = countCodes(runs.map(({ result }) => result.decisions));
  if (codes.length === 0) return html`<p class="empty">No autoscaler decided anything.</p>`;
  const shown = runs
    .flatMap(({ result }, run) => result.decisions.slice(0, most).map((decision, index) => ({ decision, run, index })))
    .sort((a, b) => a.decision.at - b.decision.at || a.run - b.run || a.index - b.index);
  const names = runs.map(({ result }) => result.autoscaler);
  const total = runs.reduce((sum, { result }) => sum + result.decisions.length, 0);
  return html`${codeTable(names, codes)}
<h3>In order of time</h3>
<p class="about">${
    shown.length === total
      ? `All ${counted(total, 'decision')}.`
      : `The first ${grouped(most)} of each run: ${grouped(shown.length)} of ${counted(total, 'decision')}. The run folder has all of them.`
  }</p>
<form class="filter" hidden><label>Search <input type="search" name="text" placeholder="node, reason, words…" autocomplete="off"></label><label>Run <select name="run"><option value="">all</option>${names.map(
    (name, run) => html`<option value="${run}">${name}</option>`,
  )}</select></label><label>Reason <select name="code"><option value="">all</option>${codes.map(
    ({ code }) => html`<option>${code}</option>`,
  )}</select></label><output aria-live="polite"></output></form>
<div class="scroll tall" tabindex="0" role="region" aria-label="Decisions in order of time"><table class="decisions"><thead><tr><th scope="col">time</th><th scope="col">run</th><th scope="col">decision</th><th scope="col">about</th><th scope="col">reason</th></tr></thead><tbody>${shown.map(
    ({ decision, run }) => rowOf(decision, run, names[run]),
  )}</tbody></table></div>`;
}

function rowOf({ at, kind, name, subject, because }: LoggedDecision, run: number, autoscaler: string): Markup {
  const details = because.details === undefined ? '' : cut(JSON.stringify(because.details), DETAILS_MAX);
  return html`<tr data-run="${run}" data-code="${because.code}"><td class="time">${clock(at)}</td><td class="run">${swatch(run)}<span class="name">${autoscaler}</span></td><td class="kind">${kind}</td><td class="subject">${name === '' ? `#${subject}` : name}</td><td class="reason"><b>${because.code}</b> ${cut(because.message, MESSAGE_MAX)}${details !== '' && details !== '{}' && html`<details><summary>details</summary><code>${details}</code></details>`}</td></tr>\n`;
}

function codeTable(names: readonly string[], codes: readonly CodeCount[]): Markup {
  const top = Math.max(...codes.flatMap(({ counts }) => counts));
  const listed = codes.slice(0, CODES_MAX);
  return html`<div class="sheet scroll" tabindex="0" role="region" aria-label="Decisions by reason"><table class="codes"><thead><tr><th scope="col">reason</th>${names.map(
    (name, run) => html`<th scope="col" colspan="2">${swatch(run)}<span class="name">${name}</span></th>`,
  )}</tr></thead><tbody>${listed.map(
    ({ code, counts }) =>
      html`<tr><th scope="row">${code}</th>${counts.map((count, run) => html`<td>${count === 0 ? '–' : grouped(count)}</td><td class="bar">${bar(count / top, run % IDENTITIES)}</td>`)}</tr>`,
  )}</tbody></table></div>${codes.length > CODES_MAX && html`<p class="about">And ${grouped(codes.length - CODES_MAX)} rarer reasons.</p>`}`;
}

interface CodeCount {
  readonly code: string;
  /** By run. */
  readonly counts: number[];
}

function countCodes(runs: readonly (readonly LoggedDecision[])[]): CodeCount[] {
  const codes = new Map<string, CodeCount>();
  runs.forEach((list, run) => {
    for (const { because } of list) {
      const code = cut(because.code, MESSAGE_MAX);
      const entry = codes.get(code) ?? { code, counts: runs.map(() => 0) };
      codes.set(code, entry);
      entry.counts[run]++;
    }
  });
  const sum = ({ counts }: CodeCount): number => counts.reduce((total, count) => total + count, 0);
  return [...codes.values()].sort((a, b) => sum(b) - sum(a) || compareText(a.code, b.code));
}

/** Time since the start as a clock: `2:05:09`, days in front. */
function clock(at: number): string {
  const seconds = Math.floor(at / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const time = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days} d ${time}` : time;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
