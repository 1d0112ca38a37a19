import { DurationError, didYouMean, parseDuration } from '@plimsoll/core';
import { formatProblems } from '@plimsoll/inputs';
import type { RunSpec } from '@plimsoll/lab';
import { type LoadedInput, loadInput } from '../node/load-input.ts';
import { explainGroup, type GroupHistory, UnknownGroupError } from '../why/group-history.ts';
import { explainPod, type PodHistory, UnknownPodError } from '../why/pod-history.ts';
import { UsageError } from './failures.ts';
import { colorsOf } from './streams.ts';
import { whyGroupText } from './why-group-text.ts';
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

/** Tells why a pod went where it went, or nowhere, or what became of a node group: runs the simulation again up to then and watches. */
export async function why(subject: string, input: string, options: WhyOptions, { cwd }: { readonly cwd: string }): Promise<void> {
  const { kind, name } = subjectOf(subject);
  const until = options.at === undefined ? undefined : timeOf(options.at);
  const loaded = await loadInput(input, { cwd, ...(options.trace !== undefined && { trace: options.trace }) });
  if (loaded.problems.length > 0 && options.quiet !== true) {
    console.error(formatProblems(loaded.problems, {}, { color: colorsOf(process.stderr, options.color) }));
  }
  const autoscaler = autoscalerOf(loaded, options.autoscaler);
  // Nothing is awaited from here on, so a signal ends the process as it is: there is nothing to put in order.
  const spec = { ...specOf(loaded, autoscaler), seed: options.seed ?? loaded.scenario.seed };
  const answer = kind === 'pod' ? followed(spec, name, until) : grouped(spec, name, until);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...answer }, null, 2)}\n`);
    return;
  }
  const color = colorsOf(process.stdout, options.color);
  const width = process.stdout.columns ?? PLAIN_WIDTH;
  const all = options.all === true;
  process.stdout.write('pod' in answer ? whyTable(answer, { color, width, all }) : whyGroupText(answer, { color, all }));
  const others = Object.keys(loaded.scenario.autoscalers).filter((other) => other !== autoscaler);
  if (options.autoscaler === undefined && others.length > 0 && options.quiet !== true) {
    console.error(`the run of ${autoscaler}; others with --autoscaler: ${others.join(', ')}`);
  }
}

function subjectOf(subject: string): { kind: 'pod' | 'group'; name: string } {
  const [, kind, name] = /^([^/]+)\/(.+)$/.exec(subject) ?? [];
  if (kind === 'pod' || kind === 'pods' || kind === 'po') return { kind: 'pod', name };
  if (kind === 'group' || kind === 'groups') return { kind: 'group', name };
  if (kind === undefined) throw new UsageError(`expected pod/NAME, got ${subject}; did you mean pod/${subject}?`);
  throw new UsageError(`why answers for pods and groups, as in pod/NAME; ${kind} is not among what it knows`);
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

function specOf({ scenario, workload }: LoadedInput, autoscaler: string) {
  return { scenario, workload: workload.share(), autoscaler };
}

function followed(spec: RunSpec, pod: string, until: number | undefined): PodHistory {
  try {
    return explainPod(spec, pod, until === undefined ? {} : { until });
  } catch (error) {
    if (!(error instanceof UnknownPodError)) throw error;
    throw new UsageError(`${error.message} (in the run of ${spec.autoscaler})`);
  }
}

function grouped(spec: RunSpec, group: string, until: number | undefined): GroupHistory {
  try {
    return explainGroup(spec, group, until === undefined ? {} : { until });
  } catch (error) {
    if (!(error instanceof UnknownGroupError)) throw error;
    const guess = didYouMean(group, error.groups);
    throw new UsageError(`${error.message} (in the run of ${spec.autoscaler})${guess ? `; did you mean ${guess}?` : ''}`);
  }
}
