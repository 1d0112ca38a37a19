import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answerers } from '../src/parity/answerers.ts';
import { goldenFile } from '../src/parity/golden-files.ts';
import { runParity } from '../src/parity/run.ts';

const root = new URL('../fixtures/', import.meta.url).pathname;

/** A part of the recorded decisions, oracle by oracle and family by family. `pnpm parity` runs all of them. */
const files = readdirSync(root).flatMap((oracle) => readdirSync(`${root}${oracle}`).map((file) => ({ oracle, file })));

describe('recorded decisions of the real programs', () => {
  it.each(files)('$oracle $file', async ({ oracle, file }) => {
    const report = await runParity([goldenFile(`${root}${oracle}/${file}`)], answerers);
    expect(report.families.flatMap(({ failures }) => failures.map(({ id, reason }) => ({ id, reason })))).toEqual([]);
    expect(report.problems).toEqual([]);
    // What benchmarks time is one case a file.
    expect(report.passed).toBeGreaterThan(file.startsWith('bench-') ? 0 : 10);
  });
});
