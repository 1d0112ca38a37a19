import { formatDuration } from '@plimsoll/core';
import { sortedJson } from '../bundle/json.ts';
import { runId } from '../bundle/manifest.ts';
import type { Comparison } from '../comparison.ts';
import { counted, grouped } from '../wording/numbers.ts';
import { programOf, seedText, unequalEnds } from '../wording/subject.ts';
import { html, type Insert, type Markup } from './markup.ts';

/** Longest scenario text that the page shows. */
const SCENARIO_MAX = 40_000;

const DEFINITIONS: readonly (readonly [string, string])[] = [
  [
    'cost',
    'Every machine from the moment it runs until it is gone, at the catalogue’s price, at least the shortest billed time each. Exact integers, rounded once.',
  ],
  ['node-hours', 'The same machine time, without the price.'],
  ['packing', 'What pods on nodes ask for ÷ what Node objects offer, over the whole run. Requests, not use.'],
  ['pod wait', 'From a pod’s creation to its binding to a node, over pods that were bound; nearest-rank percentiles.'],
  ['evictions', 'Deletions that were asked for (drain, preemption, scale-in) and pods lost with their node.'],
  ['never scheduled', 'Pods that no node ever held and that still existed at the end.'],
  ['same', 'Within 0.5 % of the first run’s value.'],
];

/** How the numbers came about and how to get them again. */
export function methods(comparison: Comparison): Markup {
  const { workload, runs, versions, inputs = {}, scenario } = comparison;
  const ends = unequalEnds(comparison);
  const notes = ends === undefined ? comparison.notes : [ends, ...comparison.notes];
  const entries: [string, Insert][] = [
    [
      'Workload',
      `${counted(workload.pods, 'pod')} of ${counted(workload.rows, 'owner')} over ${formatDuration(workload.span)}, from ${workload.source}`,
    ],
    ['Seed', seedText(comparison)],
    ['Run', html`<code>${runId(comparison)}</code>, the start of the SHA-256 of the run’s manifest`],
    ['Made with', `plimsoll ${versions.plimsoll}${versions.node === undefined ? '' : `, Node ${versions.node}`}`],
  ];
  const command = `plimsoll replay ${quoted(scenario.metadata.name)}.yaml --seed ${seedText(comparison)}`;
  const document = sortedJson(scenario);
  return html`<div class="columns"><div>
<h3>Defaults and fidelity</h3>
${notes.length === 0 ? html`<p class="empty">Nothing to note.</p>` : html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
<h3>What the measures mean</h3>
<dl>${DEFINITIONS.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>
</div><div>
<h3>What was run</h3>
<dl>${entries.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>
<div class="scroll" tabindex="0" role="region" aria-label="Digests"><table class="digests"><thead><tr><th scope="col">run</th><th scope="col">seed</th><th scope="col">digest</th><th scope="col">records</th></tr></thead><tbody>${runs.map(
    ({ result }) =>
      html`<tr><th scope="row">${result.autoscaler}<small>${programOf(comparison, result.autoscaler)}</small></th><td>${result.seed}</td><td><code>${result.digest}</code></td><td>${grouped(result.log.length)}</td></tr>`,
  )}</tbody></table></div>
<h3>How to get it again</h3>
<p>The same scenario and seed give the same digests, on any machine and with any number of threads. With the scenario file at hand:</p>
<pre><code>${command}</code></pre>
${Object.keys(inputs).length > 0 && html`<details><summary>Hashes of the inputs</summary><dl class="hashes">${Object.entries(inputs).map(([name, hash]) => html`<div><dt>${name}</dt><dd><code>${hash}</code></dd></div>`)}</dl></details>`}
<details><summary>Scenario, with all defaults</summary><pre><code>${document.length <= SCENARIO_MAX ? document : `${document.slice(0, SCENARIO_MAX)}\n…`}</code></pre></details>
</div></div>`;
}

/** A name as a word of a shell command. Names of scenarios need no quotes; this one may have come from elsewhere. */
function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
