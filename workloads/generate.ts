// Writes the traces of the bundled workloads anew from their seeds. The committed files are its output: a test compares them.
import { writeFileSync } from 'node:fs';
import { ciBurst } from './ci-burst/generate.ts';
import { gpuLab } from './gpu-lab/generate.ts';
import { quickstart } from './quickstart/generate.ts';
import { traceCsv } from './trace-writer.ts';

/** The trace text of each bundled workload. */
export const traces: Readonly<Record<string, () => string>> = {
  quickstart: () => traceCsv(quickstart(1)),
  'ci-burst': () => traceCsv(ciBurst(1)),
  'gpu-lab': () => traceCsv(gpuLab(1)),
};

if (process.argv[1] !== undefined && import.meta.url.endsWith(process.argv[1].split('/').pop() as string)) {
  for (const [name, text] of Object.entries(traces)) {
    writeFileSync(new URL(`./${name}/trace.csv`, import.meta.url), text());
    console.log(`workloads/${name}/trace.csv: ${text().split('\n').length - 2} rows`);
  }
}
