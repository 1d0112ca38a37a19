import { compareText } from '@plimsoll/core';
import type { RunResult } from '@plimsoll/lab';
import { nodeLives } from '../bundle/node-table.ts';
import type { Comparison } from '../comparison.ts';
import { grouped, money } from '../wording/numbers.ts';
import { swatch } from './identity.ts';
import { html, type Markup } from './markup.ts';

/** Kinds of machine that a run's table names; the others are summed up. */
const MOST = 10;

/** What was bought of one type in one way. */
interface Purchase {
  readonly type: string;
  readonly capacityType: string;
  machines: number;
  hours: number;
  cost: number;
}

/** What each run bought: machines, hours and dollars by type, the dearest first. */
export function purchases({ runs }: Comparison): Markup {
  const tables = runs.map(({ result }) => bought(result));
  const top = Math.max(0, ...tables.flat().map(({ cost }) => cost));
  return html`<div class="side-by-side">${runs.map(
    ({ result }, run) =>
      html`<section class="panel"><h3>${swatch(run)}<span class="name">${result.autoscaler}</span></h3>${tables[run].length === 0 ? html`<p class="empty">Nothing was bought.</p>` : tableOf(result.autoscaler, tables[run], top, run)}</section>`,
  )}</div>`;
}

function tableOf(name: string, rows: readonly Purchase[], top: number, run: number): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Machines bought by ${name}"><table class="purchases"><thead><tr><th scope="col">type</th><th scope="col">bought as</th><th scope="col">machines</th><th scope="col">hours</th><th scope="col">cost</th><td></td></tr></thead><tbody>${rows.map(
    ({ type, capacityType, machines, hours, cost }) =>
      html`<tr><th scope="row">${type}</th><td class="text">${capacityType}</td><td>${grouped(machines)}</td><td>${grouped(hours, hours < 100 ? 1 : 0)}</td><td>${money(cost)}</td><td class="bar">${bar(top > 0 ? cost / top : 0, run)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** A bar as SVG, because the page's policy refuses style attributes. */
export function bar(share: number, run: number): Markup {
  const width = (Math.max(0, Math.min(1, share)) * 100).toFixed(1);
  return html`<svg class="bar run-${run}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="8"/></svg>`;
}

function bought(result: RunResult): Purchase[] {
  const kinds = new Map<string, Purchase>();
  for (const { offering, billed, cost } of nodeLives(result)) {
    if (billed === 0) continue;
    const { type, capacityType } = result.tables.offerings[offering];
    const key = `${type}\n${capacityType}`;
    const kind = kinds.get(key) ?? { type, capacityType, machines: 0, hours: 0, cost: 0 };
    kinds.set(key, kind);
    kind.machines++;
    kind.hours += billed / 3_600_000;
    kind.cost += cost;
  }
  const sorted = [...kinds.values()].sort(
    (a, b) => b.cost - a.cost || compareText(a.type + a.capacityType, b.type + b.capacityType),
  );
  if (sorted.length <= MOST + 1) return sorted;
  const rest = sorted.slice(MOST);
  const sum = (of: (purchase: Purchase) => number): number => rest.reduce((total, purchase) => total + of(purchase), 0);
  return [
    ...sorted.slice(0, MOST),
    {
      type: `${rest.length} others`,
      capacityType: '',
      machines: sum((p) => p.machines),
      hours: sum((p) => p.hours),
      cost: sum((p) => p.cost),
    },
  ];
}
