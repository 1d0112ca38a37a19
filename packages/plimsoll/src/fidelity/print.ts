import type { Comparison } from './comparison.ts';
import type { Verdict } from './judge.ts';
import type { Measures } from './measures.ts';
import { seconds } from './parting.ts';

/** What each measure is called, and with how many digits it is told. */
export const WORDING: Readonly<Record<keyof Measures, { readonly name: string; readonly digits: number }>> = {
  cost: { name: 'cost, USD', digits: 4 },
  nodeSeconds: { name: 'node seconds', digits: 0 },
  waitMean: { name: 'wait mean, ms', digits: 0 },
  waitP50: { name: 'wait p50, ms', digits: 0 },
  waitP90: { name: 'wait p90, ms', digits: 0 },
  waitP99: { name: 'wait p99, ms', digits: 0 },
  launches: { name: 'nodes launched', digits: 1 },
  terminations: { name: 'nodes terminated', digits: 1 },
  evictions: { name: 'evictions', digits: 1 },
  peakNodes: { name: 'peak nodes', digits: 1 },
  preemptions: { name: 'preemptions', digits: 1 },
  pods: { name: 'pods', digits: 1 },
  neverScheduled: { name: 'never scheduled', digits: 1 },
  pendingPodSeconds: { name: 'pending pod seconds', digits: 0 },
  cpuSecondsRequested: { name: 'CPU seconds requested', digits: 0 },
};

/** The cells of a measure's line. */
export function cellsOf(verdict: Verdict): string[] {
  const { digits } = WORDING[verdict.measure];
  const text = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(digits));
  return [
    ...verdict.real.map(text),
    `${text(verdict.ours)} (${text(verdict.oursLeast)} to ${text(verdict.oursMost)})`,
    percent(verdict.difference, true),
    percent(verdict.spread),
    verdict.allowed === undefined ? '' : percent(verdict.allowed),
    verdict.allowed === undefined ? '' : verdict.passed ? 'pass' : 'FAIL',
  ];
}

/** The heads above {@link cellsOf}. */
export function headsOf({ runs, seeds }: Comparison): string[] {
  return [...runs, `ours, mean of ${seeds} (least to most)`, 'difference', 'real spread', 'allowed', ''];
}

/** A comparison as a table for a terminal, and where the node counts part. */
export function printSetting(comparison: Comparison): string {
  const { setting, verdicts, parting } = comparison;
  const table = [
    ['', ...headsOf(comparison)],
    ...verdicts.map((verdict) => [WORDING[verdict.measure].name, ...cellsOf(verdict)]),
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  const lines = table.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  const judged = verdicts.filter(({ allowed }) => allowed !== undefined);
  const passed = judged.filter((verdict) => verdict.passed).length;
  const out = [`${setting}: ${passed} of ${judged.length} measures pass`, ...lines];
  if (parting === undefined) return [...out, 'the numbers of machines never part for 5 s'].join('\n');
  out.push(`the numbers of machines part at ${seconds(parting.at)}: ${parting.realNodes} real, ${parting.ourNodes} ours`);
  for (const [who, list] of [
    ['real', parting.real],
    ['ours', parting.ours],
  ] as const) {
    for (const line of list) out.push(`  ${who}  ${line}`);
  }
  return out.join('\n');
}

function percent(share: number, signed = false): string {
  if (!Number.isFinite(share)) return '–';
  return `${signed && share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}
