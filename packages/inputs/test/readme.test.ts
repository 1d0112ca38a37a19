import { expect, it } from 'vitest';
import { formatReceipt, readTraceCsv } from '../src/index.ts';

it('does what the README shows', async () => {
  const text = 'id,arrive_s,duration_s,cpu_m\nbuild-1,0,90,2000\n';
  const { workload, receipt } = await readTraceCsv(new TextEncoder().encode(text), { file: 'ci.csv' });
  expect(workload.pods).toBe(1);
  const [head, line, ...others] = formatReceipt(receipt).split('\n');
  expect(head).toBe('fidelity  4 honoured · 1 approximated · 0 ignored   (ci.csv, 1 row)');
  expect(line).toContain('~ mem_mib  1 row   not in the trace: 2048 MiB for each CPU, or');
  expect(others).toEqual([]);
});
