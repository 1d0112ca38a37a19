import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { comparisonTable } from '@plimsoll/report';
import { measure, seriesOf, simulate } from 'plimsoll';
import { loadInput } from 'plimsoll/node';
import { afterAll, describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text }));

const script = new URL('./readme-example.generated.ts', import.meta.url);
afterAll(() => rmSync(script, { force: true }));

describe('the README', () => {
  it('shows the table that the command prints', async () => {
    const { scenario, workload, source, notes } = await loadInput('quickstart');
    const results = Object.keys(scenario.autoscalers).map((autoscaler) =>
      simulate({ scenario, workload: workload.share(), autoscaler, seed: scenario.seed }),
    );
    const runs = results.map((result) => ({ result, metrics: measure(result), series: seriesOf(result) }));
    const span = workload.time[workload.length - 1];
    const comparison = {
      scenario,
      workload: { pods: workload.pods, rows: workload.length, span, source },
      notes,
      runs,
      versions: { plimsoll: '' },
    };
    const printed = comparisonTable(comparison, { color: false, width: 100 });
    // From the header of the columns to the digests: what comes before names the run, what comes after is told in other places.
    const shown = blocks[0].text.slice(blocks[0].text.indexOf('   node-groups'));
    expect(printed).toContain(shown.trimEnd());
  });

  it('has a notebook example that runs', async () => {
    const example = blocks.find(({ language }) => language === 'ts');
    writeFileSync(script, example?.text ?? '');
    const { table } = (await import(/* @vite-ignore */ script.href)) as { table: { id: string; values: number[] }[] };
    expect(table[0].id).toBe('cost');
    expect(table[0].values).toHaveLength(2);
  });

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links)
      expect(() => readFileSync(new URL(`../../../${link}`, import.meta.url)), link).not.toThrow(/ENOENT/);
  });
});
