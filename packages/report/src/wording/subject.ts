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
