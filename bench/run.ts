// Runs the benchmark suites and keeps their results. `pnpm bench [name…]` runs the suites whose names contain one of the words.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type RunSuite, runSuite, type Suite, type SuiteResult } from './suite.ts';
import { clusterAutoscalerLoops } from './suites/cluster-autoscaler.bench.ts';
import { clusterState } from './suites/cluster-state.bench.ts';
import { eventQueue } from './suites/event-queue.bench.ts';
import { karpenterConsolidation } from './suites/karpenter-consolidation.bench.ts';
import { karpenterPlans } from './suites/karpenter-plan.bench.ts';
import { quickstart } from './suites/quickstart.bench.ts';
import { gpuPass, scheduler } from './suites/scheduler.bench.ts';

const SUITES: readonly (Suite | RunSuite)[] = [
  eventQueue,
  clusterState,
  ...clusterAutoscalerLoops,
  ...karpenterPlans,
  karpenterConsolidation,
  quickstart,
  scheduler,
  gpuPass,
];

const words = process.argv.slice(2);
const chosen = SUITES.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) {
  console.error(`no suite is called like ${words.join(' or ')}; there are ${SUITES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const results: SuiteResult[] = [];
for (const suite of chosen) {
  const result = await runSuite(suite);
  results.push(result);
  console.log(`\n${result.name}\n  ${result.question}`);
  for (const [task, { median, mad, samples }] of Object.entries(result.tasks)) {
    console.log(
      `  ${task.padEnd(32)} ${median.toFixed(1).padStart(10)} ns/op  ± ${mad.toFixed(1)} (median, deviation; ${samples} samples)`,
    );
  }
  for (const [label, ratio] of Object.entries(result.ratios))
    console.log(`  ${label.padEnd(32)} ${ratio.toFixed(1).padStart(10)} x`);
}

const kept = {
  node: process.version,
  commit: execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim(),
  cpu: cpus()[0]?.model ?? 'unknown',
  suites: results,
};
const folder = new URL('./results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const file = new URL(words.length === 0 ? 'latest.json' : `latest-${chosen.map(({ name }) => name).join('-')}.json`, folder);
writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
console.log(`\nkept in bench/results/${file.pathname.split('/').pop()}`);
