import { writeFileSync } from 'node:fs';
import { InputError } from '@plimsoll/inputs';
import { Command } from 'commander';
import type { Comparison } from './comparison.ts';
import { judge } from './judge.ts';
import { curvesOf } from './measures.ts';
import { pagesOf } from './page.ts';
import { partingOf } from './parting.ts';
import { printSetting } from './print.ts';
import { readSettings, type Setting } from './real-run.ts';
import { simulateSetting } from './simulate-setting.ts';

const STEP = 10_000;

const program = new Command('fidelity')
  .description('Rebuilds recorded real runs, simulates them, and compares measure by measure.')
  .argument('<folder...>', 'folders of recorded runs; repeats of one setting differ in the number at the end')
  .option('--seeds <n>', 'how many runs are simulated', Number, 20)
  .option('--json', 'print everything as JSON')
  .option('--write <file>', 'write the page with the curves, and its pictures beside it')
  .parse();

const { seeds, json, write } = program.opts<{ seeds: number; json?: boolean; write?: string }>();

try {
  const comparisons: Comparison[] = [];
  for (const setting of await readSettings(program.args)) {
    const comparison = compare(setting);
    comparisons.push(comparison);
    if (json !== true) console.log(`${printSetting(comparison)}\n`);
  }
  if (json === true) console.log(JSON.stringify(comparisons, null, 1));
  if (write !== undefined) {
    for (const [file, text] of pagesOf(comparisons, write)) writeFileSync(file, text);
  }
  if (comparisons.some(({ verdicts }) => verdicts.some(({ passed }) => !passed))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

function compare(setting: Setting): Comparison {
  const { name, durationMs, runs } = setting;
  const simulated = Array.from({ length: seeds }, (_, index) => {
    const run = simulateSetting(setting, index + 1);
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: seed ${index + 1} of ${seeds}`);
    return run;
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const parting = partingOf(runs[0], simulated[0], durationMs);
  return {
    setting: name,
    runs: runs.map((run) => run.name),
    seeds,
    durationMs,
    verdicts: judge(
      runs.map(({ measures }) => measures),
      simulated.map(({ measures }) => measures),
    ),
    ...(parting && { parting }),
    realCurves: runs.map((run) => curvesOf(run, STEP, durationMs)),
    ourCurves: simulated.map((run) => curvesOf(run, STEP, durationMs)),
  };
}
