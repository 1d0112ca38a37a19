import { readFileSync } from 'node:fs';
import { freeze, parseScenario, Workload } from '@plimsoll/core';
import { oneForOne } from '@plimsoll/examples/one-for-one';
import { readTraceCsv } from '@plimsoll/inputs';
import { compare, measure } from '@plimsoll/lab';
import { prepare } from './src/simulate.ts';

const file = process.argv[2];
const { workload } = await readTraceCsv(readFileSync(file), { file });
const s = parseScenario({
  apiVersion: 'plimsoll/v1',
  kind: 'Scenario',
  metadata: { name: 'x' },
  workload: {},
  autoscalers: { a: { use: 'one-for-one' } },
});
if (!s.ok) throw s;
const t = performance.now();
const run = prepare({ scenario: s.scenario, workload: workload.share(), autoscaler: 'a', seed: 42 }, [oneForOne as any]);
run.simulation.run();
const r = run.result();
console.log(r.digest, r.events, r.log.length, performance.now() - t, process.memoryUsage().rss / 1e6);
console.log(measure(r));
