import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { didYouMean } from '@plimsoll/core';
import { formatProblems, InputError } from '@plimsoll/inputs';
import { measure, type RunResult, type RunSpec, seriesOf } from '@plimsoll/lab';
import { type Comparison, comparisonTable, htmlReport, runFolder, runId } from '@plimsoll/report';
import { createExecutor } from '../node/executor.ts';
import { type LoadedInput, loadInput } from '../node/load-input.ts';
import { fileFault, type PlaceFault, runFolderFault, writeFolder, writeWhole } from '../node/run-folder.ts';
import { UsageError } from './failures.ts';
import { ProgressLine } from './progress.ts';
import { colorsOf, onStop } from './streams.ts';

/** Options of `plimsoll replay`, as the command line gives them. */
export interface ReplayOptions {
  readonly autoscaler?: readonly string[];
  readonly seed?: number;
  readonly threads?: number;
  /** A trace in place of the scenario's. */
  readonly trace?: string;
  /** A folder, true for the default, false for none. */
  readonly out?: string | boolean;
  readonly report?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly skip: boolean;
}

/** What the command knows of its surroundings. */
export interface ReplayHost {
  readonly version: string;
  readonly cwd: string;
}

/** Width of the table where stdout is no terminal. */
const PLAIN_WIDTH = 100;

/** Where run folders go when nothing else is said, below the current folder. */
const RUNS = '.plimsoll';

/** Runs each autoscaler of a scenario on the same workload and seed, prints the comparison, and keeps it. */
export async function replay(input: string, options: ReplayOptions, { version, cwd }: ReplayHost): Promise<void> {
  const loaded = await loadInput(input, { cwd, ...(options.trace !== undefined && { trace: options.trace }) });
  const progress = new ProgressLine(process.stderr, options.quiet !== true && options.json !== true);
  const heard = onStop(() => progress.clear());
  try {
    await runAndKeep(loaded, input, options, progress, { version, cwd });
  } finally {
    heard();
  }
}

async function runAndKeep(
  loaded: LoadedInput,
  input: string,
  options: ReplayOptions,
  progress: ProgressLine,
  { version, cwd }: ReplayHost,
): Promise<void> {
  if (loaded.problems.length > 0 && options.quiet !== true) {
    console.error(formatProblems(loaded.problems, {}, { color: colorsOf(process.stderr, options.color) }));
  }
  const names = chosen(options.autoscaler ?? [], Object.keys(loaded.scenario.autoscalers));
  const specs = names.map((autoscaler) => specOf(loaded, autoscaler, options));
  checkPlaces(options, cwd);

  const startedAt = process.hrtime.bigint();
  const results = await runAll(specs, input, options, progress);
  const wallSeconds = Number(process.hrtime.bigint() - startedAt) / 1e9;

  const comparison = compared(loaded, results, version);
  if (options.json === true) process.stdout.write(jsonOf(comparison));
  else {
    const shown = options.quiet === true ? { ...comparison, notes: [] } : comparison;
    const color = colorsOf(process.stdout, options.color);
    process.stdout.write(comparisonTable(shown, { color, width: process.stdout.columns ?? PLAIN_WIDTH, wallSeconds }));
  }
  keep(comparison, loaded, options, cwd);
}

function chosen(wanted: readonly string[], all: readonly string[]): readonly string[] {
  for (const name of wanted) {
    if (all.includes(name)) continue;
    const guess = didYouMean(name, all);
    throw new UsageError(
      `there is no autoscaler ${name}; the scenario has ${all.join(', ')}${guess ? `; did you mean ${guess}?` : ''}`,
    );
  }
  return wanted.length === 0 ? all : all.filter((name) => wanted.includes(name));
}

/** Finds out before the runs whether their results can be kept. */
function checkPlaces({ out, report }: ReplayOptions, cwd: string): void {
  const fault = (file: string, { message, help }: PlaceFault): InputError =>
    new InputError([{ code: 'E0007', severity: 'error', file, line: 0, column: 0, message, help }]);
  if (out !== false) {
    // The run's name is not known yet: that of a folder that would be in its place stands for it.
    const folder = typeof out === 'string' ? out : join(RUNS, 'run');
    const found = runFolderFault(resolve(cwd, folder), cwd);
    const help = typeof out === 'string' ? found?.help : `${found?.help}; --no-out writes none`;
    if (found !== undefined) throw fault(`--out ${typeof out === 'string' ? out : RUNS}`, { ...found, help: help as string });
  }
  if (report !== undefined) {
    const found = fileFault(resolve(cwd, report));
    if (found !== undefined) throw fault(`--report ${report}`, found);
  }
}

function specOf({ scenario, workload }: LoadedInput, autoscaler: string, { seed, skip }: ReplayOptions): RunSpec {
  return { scenario, workload: workload.share(), autoscaler, seed: seed ?? scenario.seed, skipQuiet: skip };
}

async function runAll(
  specs: readonly RunSpec[],
  input: string,
  { threads, trace }: ReplayOptions,
  progress: ProgressLine,
): Promise<readonly RunResult[]> {
  const named = trace === undefined ? input : `${input} --trace ${trace}`;
  progress.expect(specs.map((spec) => ({ name: spec.autoscaler, span: expectedSpan(spec) })));
  const executor = createExecutor({
    threads: threads ?? Math.min(specs.length, availableParallelism()),
    commandOf: (spec) => `plimsoll replay ${named} --autoscaler ${spec.autoscaler} --seed ${spec.seed} --threads 1`,
  });
  try {
    return await executor.run(specs, (index, now) => progress.update(index, now));
  } finally {
    progress.clear();
    await executor.close();
  }
}

/** How far a run goes at least, simulated milliseconds. */
function expectedSpan({ scenario, workload: { columns, length } }: RunSpec): number {
  const lastArrival = length === 0 ? 0 : new Float64Array(columns, 0, length)[length - 1];
  return scenario.time.duration ?? lastArrival + scenario.time.settle;
}

function compared(
  { scenario, workload, source, notes, inputs }: LoadedInput,
  results: readonly RunResult[],
  version: string,
): Comparison {
  return {
    scenario,
    workload: {
      pods: workload.pods,
      rows: workload.length,
      span: workload.length === 0 ? 0 : workload.time[workload.length - 1] - workload.time[0],
      source,
    },
    notes,
    inputs,
    runs: results.map((result) => ({ result, metrics: measure(result), series: seriesOf(result) })),
    versions: { plimsoll: version, node: process.version },
  };
}

function jsonOf(comparison: Comparison): string {
  const runs = comparison.runs.map(({ result, metrics }) => ({
    autoscaler: result.autoscaler,
    seed: result.seed,
    digest: result.digest,
    metrics,
  }));
  const { workload, notes, versions } = comparison;
  return `${JSON.stringify({ schemaVersion: 1, run: runId(comparison), scenario: comparison.scenario.metadata.name, workload, runs, notes, versions }, null, 2)}\n`;
}

function keep(comparison: Comparison, { workload }: LoadedInput, { out, report, quiet, json }: ReplayOptions, cwd: string): void {
  const say = (text: string): void => {
    if (quiet !== true && json !== true) console.log(text);
  };
  if (out !== false) {
    const { id, files } = runFolder(comparison, { ownerName: (row) => workload.name(row) });
    const folder = typeof out === 'string' ? out : join(RUNS, id);
    writeFolder(resolve(cwd, folder), files);
    say(`run folder  ${folder}`);
  }
  if (report !== undefined) {
    writeWhole(resolve(cwd, report), htmlReport(comparison));
    say(`report      ${report}`);
  }
}
