import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { type OfferingsView, OptionsError, type Scenario, type Workload, withVariants } from '@plimsoll/core';
import {
  formatReceipt,
  InputError,
  type Problem,
  type Receipt,
  readManifests,
  readScenario,
  readTraceCsv,
  type ScenarioReading,
  type TraceOptions,
} from '@plimsoll/inputs';
import { defaultScenario, oversizedRow } from '../default-scenario.ts';
import { mergeWorkloads } from '../merge-workloads.ts';
import { offeringsOf, providerOf } from '../simulate.ts';
import { findInput, readBytes, shownPath } from './files.ts';

/** A scenario with its workload, checked, and what was chosen or approximated on the way. */
export interface LoadedInput {
  readonly scenario: Scenario;
  readonly workload: Workload;
  /** How messages call the input. */
  readonly source: string;
  /** Sentences for people: defaults that were chosen, what the readers approximated. */
  readonly notes: readonly string[];
  /** Warnings of the readers. */
  readonly problems: readonly Problem[];
  /** SHA-256 of every file that was read, by the name that messages call it. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Where to look. */
export interface LoadOptions {
  /** Folder that relative names start from. Default: the process's. */
  readonly cwd?: string;
}

/** Collects what is read. */
class Reading {
  readonly cwd: string;
  readonly receipts: Receipt[] = [];
  readonly problems: Problem[] = [];
  readonly inputs: Record<string, string> = {};

  constructor(cwd: string) {
    this.cwd = cwd;
  }

  bytes(path: string): { bytes: Uint8Array; file: string } {
    const file = shownPath(path, this.cwd);
    const bytes = readBytes(path, file);
    this.inputs[file] = createHash('sha256').update(bytes).digest('hex');
    return { bytes, file };
  }

  text(path: string): { text: string; file: string } {
    const { bytes, file } = this.bytes(path);
    return { text: new TextDecoder().decode(bytes), file };
  }

  async trace(path: string, options: Omit<TraceOptions, 'file'> = {}): Promise<Workload> {
    const { bytes, file } = this.bytes(path);
    const { workload, receipt, problems } = await readTraceCsv(bytes, { ...options, file });
    this.receipts.push(receipt);
    this.problems.push(...problems);
    return workload;
  }

  manifests(paths: readonly string[]): Workload {
    const { workload, receipt, problems } = readManifests(paths.map((path) => this.text(path)));
    this.receipts.push(receipt);
    this.problems.push(...problems);
    return workload;
  }
}

/**
 * Reads what a user names: a scenario file, a trace, a Kubernetes manifest, or a bundled workload (default `quickstart`). A trace or a
 * manifest gets a scenario that suits it.
 *
 * @throws InputError with file, line and column.
 */
export async function loadInput(name = 'quickstart', { cwd = process.cwd() }: LoadOptions = {}): Promise<LoadedInput> {
  const path = findInput(name, cwd);
  const reading = new Reading(cwd);
  const source = shownPath(path, cwd);
  if (/\.ya?ml$/.test(path)) {
    const { text, file } = reading.text(path);
    if (/^\s*apiVersion:\s*["']?plimsoll\//m.test(text)) return await fromScenario(text, file, path, reading);
  }
  const workload = /\.(ya?ml|json)$/.test(path) ? reading.manifests([path]) : await reading.trace(path);
  const { scenario, notes } = bareScenario(source, workload);
  return finish(scenario, workload, source, [...notes], reading);
}

async function fromScenario(text: string, file: string, path: string, reading: Reading): Promise<LoadedInput> {
  const document = readScenario(text, file);
  const folder = dirname(path);
  const { trace, manifests, oversized } = document.scenario.workload;
  const parts: Workload[] = [];
  if (trace !== undefined) {
    const { file: traceFile, ...options } = typeof trace === 'string' ? { file: trace } : trace;
    parts.push(await reading.trace(resolve(folder, traceFile), withoutUndefined(options)));
  }
  if (manifests !== undefined) parts.push(reading.manifests(manifests.map((manifest) => resolve(folder, manifest))));
  if (parts.length === 0) throw document.problem(['workload'], 'E0101', 'the workload names neither a trace nor manifests');
  const workload = mergeWorkloads(parts);
  const scenario = checked(document, () => withVariants(document.scenario));
  const offerings = checked(document, () => offeringsOf(scenario), ['cloud']);
  for (const name of Object.keys(scenario.autoscalers)) checked(document, () => checkAutoscaler(scenario, name, offerings));
  if (oversized === 'error') refuseOversized(workload, offerings, Object.keys(reading.inputs)[1] ?? file);
  return finish(scenario, workload, file, [], reading);
}

function checkAutoscaler(scenario: Scenario, name: string, offerings: OfferingsView): void {
  const { plugin, options } = providerOf(scenario, name);
  try {
    plugin.groups?.(options, offerings);
  } catch (error) {
    if (error instanceof OptionsError)
      throw new OptionsError(['autoscalers', name, 'config', ...error.path], bare(error), error.suggestion);
    throw error;
  }
}

function bareScenario(source: string, workload: Workload): { scenario: Scenario; notes: readonly string[] } {
  refuseOversized(workload, undefined, source);
  return defaultScenario(source.replace(/\.(csv|ya?ml|json)(\.gz)?$/, ''), workload);
}

function refuseOversized(workload: Workload, offerings: OfferingsView | undefined, file: string): void {
  const view = offerings ?? offeringsOf(defaultCloud);
  const found = oversizedRow(workload, view.types);
  if (found === undefined) return;
  const asked = Object.entries(found.requests).map(([name, amount]) => `${name} ${amount}`);
  const most = Object.keys(found.requests).map(
    (name) => `${name} ${Math.max(...view.types.map(({ allocatable }) => allocatable[name] ?? 0))}`,
  );
  throw new InputError([
    {
      code: 'E0130',
      severity: 'error',
      file,
      line: 0,
      column: 0,
      path: workload.name(found.row),
      message: `${workload.name(found.row)}: a pod is larger than any instance type of the catalogue: it asks for ${asked.join(', ')}`,
      seen: asked.join(', '),
      accepted: `at most ${most.join(', ')}, not necessarily on one type`,
      help: `the most that any type has free is ${most.join(', ')}; or set workload.oversized to keep`,
    },
  ]);
}

const defaultCloud = { cloud: { catalog: 'aws' } } as Scenario;

/** Options errors of the assembly, told at their place in the scenario file. */
function checked<T>(document: ScenarioReading, body: () => T, prefix: readonly (string | number)[] = []): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const help = error.suggestion;
    throw document.problem([...prefix, ...error.path], 'E0131', bare(error), help);
  }
}

/** An options error's message without the path before it. */
function bare(error: OptionsError): string {
  const prefix = `${error.path.join('.')}: `;
  return error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
}

function finish(scenario: Scenario, workload: Workload, source: string, notes: string[], reading: Reading): LoadedInput {
  return {
    scenario,
    workload,
    source,
    notes: [...notes, ...reading.receipts.map(formatReceipt)],
    problems: reading.problems,
    inputs: reading.inputs,
  };
}

function withoutUndefined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
