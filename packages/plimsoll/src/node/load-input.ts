import { createHash } from 'node:crypto';
import { isAbsolute, normalize, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OptionsError, type Scenario, Workload } from '@plimsoll/core';
import {
  InputError,
  type Path,
  type Problem,
  type Receipt,
  type RecordingReading,
  readApiCalls,
  readManifests,
  readScenario,
  readTraceCsv,
  readWatch,
  type ScenarioReading,
  type TraceOptions,
} from '@plimsoll/inputs';
import { type DefaultScenario, defaultScenario } from '../default-scenario.ts';
import { mergeWorkloads } from '../merge-workloads.ts';
import { receiptNotes } from '../receipt-notes.ts';
import { strangerNotes } from '../scheduler-setup.ts';
import { offeringsOf, providerOf } from '../simulate.ts';
import { checkedScenario } from './check-scenario.ts';
import { type ReadNamed, withConfigFiles } from './config-files.ts';
import { FileError, type FoundFile, findBeside, findInput, keptName, readBytes } from './files.ts';
import { type ReadPods, refusedByDefaults, refuseOversized } from './oversized.ts';
import { withSchedulerFile } from './scheduler-file.ts';

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
  /** SHA-256 of every file that was read, by its name relative to the folder of the first. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Where to look. */
export interface LoadOptions {
  /** Folder that relative names start from. Default: the process's. */
  readonly cwd?: string;
  /** A trace to replay in place of the scenario's own, relative to `cwd`. */
  readonly trace?: string;
}

/**
 * Reads what a user names: a scenario file, a trace, a Kubernetes manifest, or a bundled workload (default `quickstart`). A trace or a
 * manifest gets a scenario that suits it. Everything is checked here: what is loaded can be run.
 *
 * @throws InputError with file, line and column.
 */
export async function loadInput(name = 'quickstart', { cwd = process.cwd(), trace }: LoadOptions = {}): Promise<LoadedInput> {
  try {
    const input = findInput(name, cwd);
    const reading = new Reading(input);
    const yaml = /\.(ya?ml|json)$/.test(input.path);
    const text = yaml ? reading.text(input) : '';
    if (isScenario(text)) {
      const other = trace === undefined ? undefined : { path: resolve(cwd, trace), shown: normalize(trace) };
      return await fromScenario(text, input, reading, other);
    }
    if (trace !== undefined) throw noScenario(input.shown);
    if (/\.jsonl(\.gz)?$/.test(input.path)) return bare(await reading.recording(input, readWatch), input, reading);
    return bare(yaml ? reading.manifests([input]) : await reading.trace(input), input, reading);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const { shown: file, message, help } = error;
    throw new InputError([{ code: 'E0006', severity: 'error', file, line: 0, column: 0, message, help }]);
  }
}

/** A scenario is known by its version, or by keys that no Kubernetes object has. */
function isScenario(text: string): boolean {
  return /^[\s{,]*["']?(apiVersion["']?\s*:\s*["']?plimsoll\b|kind["']?\s*:\s*["']?Scenario\b|autoscalers["']?\s*:)/m.test(text);
}

/** Reads files, and collects what was read. */
class Reading {
  readonly receipts: Receipt[] = [];
  readonly problems: Problem[] = [];
  readonly inputs: Record<string, string> = {};
  readonly #first: FoundFile;
  readonly #texts = new Map<string, string>();

  constructor(first: FoundFile) {
    this.#first = first;
  }

  text(file: FoundFile): string {
    const known = this.#texts.get(file.path);
    if (known !== undefined) return known;
    const text = new TextDecoder().decode(this.#bytes(file));
    this.#texts.set(file.path, text);
    return text;
  }

  async trace(file: FoundFile, options: Omit<TraceOptions, 'file'> = {}): Promise<ReadPods> {
    const bytes = this.#bytes(file);
    const { workload, receipt, problems, placeOf } = await readTraceCsv(bytes, { ...options, file: file.shown });
    this.receipts.push({ ...receipt, file: keptName(file, this.#first) });
    this.problems.push(...problems);
    return {
      workload,
      placeOf: (row) => {
        const place = placeOf(row);
        const excerpt = lineOf(bytes, place.line);
        return { ...place, ...(excerpt !== undefined && { excerpt }) };
      },
    };
  }

  /** A recording in JSON lines: of calls to the API, or of a watch. */
  async recording(file: FoundFile, read: (source: Uint8Array, file: string) => Promise<RecordingReading>): Promise<ReadPods> {
    const bytes = this.#bytes(file);
    const { workload, receipt, problems, lineOf } = await read(bytes, file.shown);
    this.receipts.push({ ...receipt, file: keptName(file, this.#first) });
    this.problems.push(...problems);
    return { workload, placeOf: (row) => ({ file: file.shown, line: lineOf(row), column: 1 }) };
  }

  manifests(files: readonly FoundFile[]): ReadPods {
    const texts = files.map((file) => ({ file: file.shown, text: this.text(file) }));
    const { receipt, problems, ...pods } = readManifests(texts);
    this.receipts.push({ ...receipt, file: files.map((file) => keptName(file, this.#first)).join(', ') });
    this.problems.push(...problems);
    return pods;
  }

  #bytes(file: FoundFile): Uint8Array {
    const bytes = readBytes(file);
    this.inputs[keptName(file, this.#first)] = createHash('sha256').update(bytes).digest('hex');
    return bytes;
  }
}

/** The text of a line, for messages. */
function lineOf(bytes: Uint8Array, line: number): string | undefined {
  try {
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    return new TextDecoder().decode(plain).split('\n', line)[line - 1]?.replace(/\r$/, '');
  } catch {
    // Too long for one text: the message does without.
    return undefined;
  }
}

/** A trace or a manifest without a scenario. */
function bare(pods: ReadPods, input: FoundFile, reading: Reading): LoadedInput {
  const { workload } = pods;
  const kept = keptName(input, input);
  if (workload.length === 0) throw noPods(input.shown);
  refuseOversized(pods, offeringsOf(anyCloud).types);
  const { scenario, notes } = defaultsFor(kept.replace(/\.(csv|ya?ml|jsonl?)(\.gz)?$/, ''), pods);
  return finish({ scenario, workload, source: sourceOf(input), notes }, reading);
}

const anyCloud = { cloud: { catalog: 'aws' } } as Scenario;

function defaultsFor(name: string, pods: ReadPods): DefaultScenario {
  try {
    return defaultScenario(name, pods.workload);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    throw refusedByDefaults(pods, (row) => suits(pods.workload, row), error);
  }
}

/** Whether the default scenario buys machines for the pods of a row. */
function suits(workload: Workload, row: number): boolean {
  const template = workload.templates[workload.template[row]];
  try {
    defaultScenario('one', Workload.of([template], [{ name: 'one', template: 0, time: 0, duration: 1, count: 1 }]));
    return true;
  } catch {
    return false;
  }
}

async function fromScenario(text: string, input: FoundFile, reading: Reading, other?: FoundFile): Promise<LoadedInput> {
  const read: ReadNamed = async (scenario, path, name) => {
    const file = findBeside(input, name);
    return { file: file.shown, text: await named(scenario, path, () => reading.text(file)) };
  };
  const scheduled = await withSchedulerFile(readScenario(text, input.shown), read);
  reading.receipts.push(...scheduled.receipts);
  reading.problems.push(...scheduled.problems);
  const document = await withConfigFiles(scheduled.document, read);
  const parts = await readWorkload(document, input, reading, other);
  const workload = mergeWorkloads(parts.map((part) => part.workload));
  if (workload.length + workload.calls.length === 0) throw document.problem(['workload'], 'E0001', NO_PODS, { part: 'key' });
  const scenario = checkedScenario(document);
  if (scenario.workload.oversized === 'error') {
    const { types } = offeringsOf(scenario);
    for (const part of parts) refuseOversized(part, types);
  }
  return finish({ scenario, workload, source: sourceOf(input), notes: optionNotes(scenario) }, reading);
}

/** What autoscalers say of their options, once for those that say the same. */
function optionNotes(scenario: Scenario): string[] {
  const notes = Object.keys(scenario.autoscalers).flatMap((name) => {
    const { plugin, options } = providerOf(scenario, name);
    return plugin.notes?.(options) ?? [];
  });
  return [...new Set(notes)];
}

/** @param other a trace in place of the scenario's own; how that was to be read holds for it too. */
async function readWorkload(
  document: ScenarioReading,
  input: FoundFile,
  reading: Reading,
  other?: FoundFile,
): Promise<ReadPods[]> {
  const { trace, manifests, calls, watch } = document.scenario.workload;
  const parts: ReadPods[] = [];
  if (other !== undefined) {
    const { file: _, ...options } = typeof trace === 'object' ? trace : { file: '' };
    parts.push(await reading.trace(other, withoutUndefined(options)));
  } else if (trace !== undefined) {
    const { file, ...options } = typeof trace === 'string' ? { file: trace } : trace;
    const path = typeof trace === 'string' ? ['workload', 'trace'] : ['workload', 'trace', 'file'];
    parts.push(await named(document, path, () => reading.trace(findBeside(input, file), withoutUndefined(options))));
  }
  if (manifests !== undefined) {
    const files = manifests.map((file) => findBeside(input, file));
    for (const [index, file] of files.entries())
      await named(document, ['workload', 'manifests', index], () => reading.text(file));
    parts.push(reading.manifests(files));
  }
  for (const [key, file, read] of [
    ['calls', calls, readApiCalls],
    ['watch', watch, readWatch],
  ] as const) {
    if (file === undefined) continue;
    parts.push(await named(document, ['workload', key], () => reading.recording(findBeside(input, file), read)));
  }
  if (parts.length > 0) return parts;
  const help = 'give trace: a file, manifests: a list of files, watch: a recording, or calls: recorded calls to the API';
  throw document.problem(['workload'], 'E0101', 'the workload names no trace, manifests or recording', { help, part: 'key' });
}

/** A file that cannot be read is the fault of the line that names it. */
async function named<T>(document: ScenarioReading, path: Path, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof FileError ? document.problem(path, 'E0006', error.message, { help: error.help }) : error;
  }
}

const NO_PODS = 'the input brings no pods';

function noScenario(file: string): InputError {
  const message = `${JSON.stringify(file)} is no scenario, whose trace could be replaced by another`;
  return new InputError([{ code: 'E0004', severity: 'error', file, line: 0, column: 0, message }]);
}

function noPods(file: string): InputError {
  const help = 'Deployment, ReplicaSet, StatefulSet, ReplicationController, Job and Pod bring pods';
  return new InputError([{ code: 'E0001', severity: 'error', file, line: 1, column: 1, message: NO_PODS, help }]);
}

/** How a run's tables call the input. Paths of the machine are left out. */
function sourceOf(input: FoundFile): string {
  return isAbsolute(input.shown) || input.shown.startsWith('..') ? keptName(input, input) : input.shown;
}

function finish(input: Pick<LoadedInput, 'scenario' | 'workload' | 'source' | 'notes'>, reading: Reading): LoadedInput {
  const { problems, inputs, receipts } = reading;
  const strangers = strangerNotes(input.scenario, input.workload);
  return { ...input, notes: [...input.notes, ...receipts.flatMap(receiptNotes), ...strangers], problems, inputs };
}

function withoutUndefined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
