import { formatDuration } from '@plimsoll/core';
import type { Comparison } from '../comparison.ts';

/** What runs under a name of the scenario: `karpenter 1.14`, or only `karpenter`. */
export function programOf({ scenario }: Comparison, name: string): string {
  const entry = scenario.autoscalers[name];
  if (entry === undefined) return '';
  return entry.version === undefined ? entry.use : `${entry.use} ${entry.version}`;
}

/** Seeds of the runs, each once: `42`. */
export function seedText({ runs, scenario }: Comparison): string {
  const seeds = [...new Set(runs.map(({ result }) => result.seed))];
  return seeds.length === 0 ? String(scenario.seed) : seeds.join(', ');
}

/** The longest simulated time of the runs, milliseconds. */
export function longestSpan({ runs }: Comparison): number {
  return runs.reduce((longest, { result }) => Math.max(longest, result.span), 0);
}

/** A sentence for runs that did not end together, because then their costs cover different times; undefined where they did. */
export function unequalEnds({ runs }: Comparison): string | undefined {
  const spans = runs.map(({ result }) => result.span);
  if (runs.length < 2 || Math.max(...spans) - Math.min(...spans) <= 0.005 * Math.max(...spans)) return undefined;
  const ends = runs.map(({ result }) => `${result.autoscaler} after ${formatDuration(result.span)}`);
  return `The runs end at different times, ${ends.join(', ')}; each pays until its own end.`;
}
