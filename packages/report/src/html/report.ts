import { formatDuration } from '@plimsoll/core';
import { runId } from '../bundle/manifest.ts';
import type { Comparison } from '../comparison.ts';
import { sha256 } from '../sha256.ts';
import { counted } from '../wording/numbers.ts';
import { longestSpan, programOf, seedText, unequalEnds } from '../wording/subject.ts';
import { decisions } from './decisions.ts';
import { html, type Markup, trusted } from './markup.ts';
import { methods } from './methods.ts';
import { packingCharts, readoutData, timeCharts } from './over-time.ts';
import { purchases } from './purchases.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { cards, measuresTable, verdictSentence } from './summary.ts';
import { waitFigure } from './waits.ts';

/** Largest report, UTF-8 bytes at worst: three a character. */
const BYTES_MAX = 1_000_000;

/** Decisions of each run that are listed: as many as fit. */
const DECISIONS = [200, 100, 50, 20, 5, 0];

/**
 * A comparison as one HTML file that needs nothing else: no request is ever made, and the page's own policy forbids them. It is complete
 * without script, follows the system's light or dark scheme, and stays under one megabyte by listing fewer decisions where it must.
 * Equal comparisons give equal text.
 */
export function htmlReport(comparison: Comparison): string {
  const parts = pageParts(comparison);
  let text = '';
  for (const most of DECISIONS) {
    text = page(comparison, parts, most).text;
    if (new TextEncoder().encode(text).length <= BYTES_MAX) break;
  }
  return text;
}

/** What does not depend on how many decisions are listed; drawing is the slow part. */
interface PageParts {
  readonly charts: readonly Markup[];
  readonly packing: readonly Markup[];
  readonly waits: Markup;
}

function pageParts(comparison: Comparison): PageParts {
  return { charts: timeCharts(comparison), packing: packingCharts(comparison), waits: waitFigure(comparison) };
}

function page(comparison: Comparison, { charts, packing, waits }: PageParts, most: number): Markup {
  const { scenario, runs, workload, versions } = comparison;
  const { name, description } = scenario.metadata;
  const ends = unequalEnds(comparison);
  const title = `${name}: ${runs.map(({ result }) => result.autoscaler).join(' and ')}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
<header class="bar-top"><div class="bar-inner">
<div class="brand">${LOAD_LINE}<span>${name}</span></div>
<nav aria-label="Sections"><a href="#summary">Summary</a><a href="#charts">Charts</a><a href="#machines">Machines</a><a href="#decisions">Decisions</a><a href="#methods">Methods</a></nav>
<button type="button" class="theme" hidden><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/></svg><span>Theme</span></button>
</div></header>
<main>
<div class="hero"><h1>${name}</h1>
${description !== undefined && html`<p class="description">${description}</p>`}
<p class="verdict">${verdictSentence(comparison)}</p>
${ends !== undefined && html`<p class="description">${ends}</p>`}
<ul class="chips">${[
    ['simulated', formatDuration(longestSpan(comparison))],
    ['pods', counted(workload.pods, 'pod').split(' pod')[0]],
    ['seed', seedText(comparison)],
    ['run', runId(comparison)],
    ['plimsoll', versions.plimsoll],
  ].map(([label, value]) => html`<li>${label} <b>${value}</b></li>`)}</ul></div>
${
  runs.length > 0 &&
  html`<section class="block" id="summary"><h2>Summary</h2>${cards(comparison)}<div class="sheet">${measuresTable(comparison)}</div></section>
<section class="block" id="charts"><h2>Charts</h2><div class="charts">${charts}${packing}${waits}</div></section>
<section class="block" id="machines"><h2>Machines bought</h2>${purchases(comparison)}</section>
<section class="block" id="decisions"><h2>Decisions</h2>${decisions(comparison, most)}</section>`
}
<section class="block" id="methods"><h2>Methods and notes</h2>${methods(comparison)}</section>
</main>
<footer>Simulated, not measured: ${runs.map(({ result }, run) => html`${run > 0 && ', '}${result.autoscaler} (${programOf(comparison, result.autoscaler)})`)}. Made by plimsoll ${versions.plimsoll}.</footer>
<script type="application/json" id="readout">${trusted(JSON.stringify(readoutData(comparison)).replaceAll('<', '\\u003c'))}</script>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
}

/** A ship's load line. */
const LOAD_LINE = trusted(
  '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><circle cx="12" cy="12" r="7.5" fill="none" stroke="currentColor" stroke-width="2.25"/><path d="M1 12h22" stroke="currentColor" stroke-width="2.25"/></svg>',
);

/** Nothing may be loaded from anywhere; only this page's own style sheet and script may act. */
function policy(): string {
  const base64 = (hex: string): string =>
    btoa(String.fromCharCode(...(hex.match(/../g) as string[]).map((byte) => Number.parseInt(byte, 16))));
  const hash = (text: string): string => `'sha256-${base64(sha256(text))}'`;
  return `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
}
