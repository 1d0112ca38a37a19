import { DurationError, parseDuration } from '@plimsoll/core';
import { didYouMean, formatProblems } from '@plimsoll/inputs';
import { type LoadedInput, loadInput } from '../node/load-input.ts';
import { explainPod, type PodHistory, UnknownPodError } from '../why/pod-history.ts';
import { UsageError } from './failures.ts';
import { colorsOf, onStop } from './streams.ts';
import { whyTable } from './why-table.ts';

/** Options of `plimsoll why`, as the command line gives them. */
export interface WhyOptions {
  readonly autoscaler?: string;
  readonly at?: string;
  readonly trace?: string;
  readonly seed?: number;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

/** Width of the tables where stdout is no terminal. */
const PLAIN_WIDTH = 120;

/** Tells why a pod went where it went, or nowhere: runs the simulation again up to then and watches. */
export async function why(subject: string, input: string, options: WhyOptions, { cwd }: { readonly cwd: string }): Promise<void> {
  const pod = podOf(subject);
  const until = options.at === undefined ? undefined : timeOf(options.at);
  const loaded = await loadInput(input, { cwd, ...(options.trace !== undefined && { trace: options.trace }) });
  if (loaded.problems.length > 0 && options.quiet !== true) {
    console.error(formatProblems(loaded.problems, {}, { color: colorsOf(process.stderr, options.color) }));
  }
  const autoscaler = autoscalerOf(loaded, options.autoscaler);
  const heard = onStop(() => {});
  try {
    const history = followed(loaded, pod, autoscaler, options.seed, until);
    if (options.json === true) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...history }, null, 2)}\n`);
    else {
      const width = process.stdout.columns ?? PLAIN_WIDTH;
      const color = colorsOf(process.stdout, options.color);
      process.stdout.write(whyTable(history, { color, width, all: options.all === true }));
      const others = Object.keys(loaded.scenario.autoscalers).filter((name) => name !== autoscaler);
      if (options.autoscaler === undefined && others.length > 0 && options.quiet !== true) {
        console.error(`the run of ${autoscaler}; others with --autoscaler: ${others.join(', ')}`);
      }
    }
  } finally {
    heard();
  }
}

function podOf(subject: string): string {
  const [, kind, name] = /^([^/]+)\/(.+)$/.exec(subject) ?? [];
  if (kind === 'pod' || kind === 'pods' || kind === 'po') return name;
  if (kind === undefined) throw new UsageError(`expected pod/NAME, got ${subject}; did you mean pod/${subject}?`);
  throw new UsageError(`why answers for pods, as in pod/NAME; ${kind} is not among what it knows`);
}

function timeOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) throw new UsageError(`--at: ${error.message}; it counts from the scenario's start`);
    throw error;
  }
}

function autoscalerOf({ scenario }: LoadedInput, wanted: string | undefined): string {
  const all = Object.keys(scenario.autoscalers);
  if (wanted === undefined || all.includes(wanted)) return wanted ?? all[0];
  const guess = didYouMean(wanted, all);
  throw new UsageError(
    `there is no autoscaler ${wanted}; the scenario has ${all.join(', ')}${guess ? `; did you mean ${guess}?` : ''}`,
  );
}

function followed(
  { scenario, workload }: LoadedInput,
  pod: string,
  autoscaler: string,
  seed: number | undefined,
  until: number | undefined,
): PodHistory {
  const spec = { scenario, workload: workload.share(), autoscaler, seed: seed ?? scenario.seed };
  try {
    return explainPod(spec, pod, until === undefined ? {} : { until });
  } catch (error) {
    if (!(error instanceof UnknownPodError)) throw error;
    throw new UsageError(`${error.message} (in the run of ${autoscaler})`);
  }
}
