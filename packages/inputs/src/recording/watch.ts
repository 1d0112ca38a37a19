import { canonical, type PodSpec, TAINT, Workload, type WorkloadCall, type WorkloadRow } from '@plimsoll/core';
import { type DocumentContext, Field, isRecord } from '../document/field.ts';
import { readPod } from '../kubernetes/pod-spec.ts';
import { ProblemList } from '../problems/problem.ts';
import { ReceiptWriter } from '../receipt/receipt.ts';
import type { ByteSource } from '../trace-csv/inflate.ts';
import type { RecordingReading } from './api-calls.ts';
import { type JsonLine, readJsonLines } from './json-lines.ts';
import { type ObservedPod, Successions } from './successions.ts';

const SECOND = 1000;
/** Controllers whose pods come with nodes, or are the node's own. */
const OF_NODES = ['DaemonSet', 'Node'];

/**
 * Reads a recorded watch of pods and nodes: the API's own watch JSON (`type` and `object`) a line, in the order of the stream.
 *
 * Each pod that its users asked for becomes a row: its arrival is its creation, its spec what the scheduler saw, its run time what
 * the recording shows. A pod that replaced one that was evicted, preempted or lost is the same pod going on. DaemonSets are inferred from
 * their pods. The API's times are whole seconds, so arrivals are as well. What cannot be known is in the receipt.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export async function readWatch(source: ByteSource, file: string): Promise<RecordingReading> {
  const problems = new ProblemList();
  const lines = await readJsonLines(source, file, problems);
  const watch = new Watch(file, problems);
  for (const line of lines) watch.read(line);
  if (watch.empty && problems.errors === 0) {
    const message = 'the recording holds no pods';
    const help = 'a watch of pods is a line for each event: {"type": "ADDED", "object": {"kind": "Pod", …}}';
    problems.add({ code: 'E0001', severity: 'error', file, line: 1, column: 1, message, help });
  }
  const warnings = problems.settle();
  const { workload, linesByName } = watch.finish();
  return {
    workload,
    receipt: watch.receipt.finish(file, 'events', lines.length),
    problems: warnings,
    lineOf: (row) => linesByName.get(workload.name(row)) ?? 1,
  };
}

class Watch {
  readonly receipt = new ReceiptWriter();
  readonly #file: string;
  readonly #problems: ProblemList;
  readonly #pods = new Map<string, ObservedPod>();
  readonly #daemonSets = new Map<string, { namespace: string; name: string; template: PodSpec }>();
  /** Owners whose template has been counted in the receipt. */
  readonly #counted = new Set<string>();
  #start = Number.POSITIVE_INFINITY;

  constructor(file: string, problems: ProblemList) {
    this.#file = file;
    this.#problems = problems;
  }

  get empty(): boolean {
    return this.#pods.size === 0 && this.#daemonSets.size === 0;
  }

  read({ value, line, locate }: JsonLine): void {
    const context: DocumentContext = { file: this.#file, problems: this.#problems, locate, unchecked: true };
    const event = new Field(value, [], context);
    const before = this.#problems.errors;
    event.entries();
    for (const key of ['type', 'object']) if (isRecord(value) && !event.at(key).present) event.at(key).missing();
    const type = event.at('type').oneOf(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);
    if (this.#problems.errors > before) return;
    const object = event.at('object');
    const kind = object.at('kind').text();
    if (type === 'BOOKMARK' || type === 'ERROR') this.receipt.ignored(`${type} events`, line, 'F0308', '');
    else if (kind === 'Pod') this.#pod(object, type === 'DELETED', line);
    else if (kind === 'Node') this.receipt.ignored('Node', line, 'F0343', 'autoscalers buy their own nodes');
    else this.receipt.ignored(kind ?? 'object without a kind', line, 'F0320', 'only pods become a workload');
  }

  finish(): { workload: Workload; linesByName: ReadonlyMap<string, number> } {
    const start = Number.isFinite(this.#start) ? this.#start : 0;
    const successions = new Successions([...this.#pods.values()]);
    const templates: PodSpec[] = [];
    const ids = new Map<string, number>();
    const rows: WorkloadRow[] = [];
    const linesByName = new Map<string, number>();
    for (const { first, duration } of successions.all()) {
      const key = canonical(first.spec);
      let template = ids.get(key);
      if (template === undefined) {
        template = templates.push(first.spec) - 1;
        ids.set(key, template);
      }
      rows.push({ name: first.name, template, time: first.created - start, duration, count: 1 });
      linesByName.set(first.name, first.line);
    }
    const calls: WorkloadCall[] = [...this.#daemonSets.values()].map(({ namespace, name, template }) => ({
      // The set itself is as old as the cluster for all that can be known.
      time: 0,
      verb: 'apply',
      object: { kind: 'DaemonSet', namespace, name, template },
    }));
    const { replaced, unfinished, taken } = successions;
    this.receipt.approximated('replacements', 0, 'F0341', 'they go on for the pods that were lost before them', replaced);
    this.receipt.approximated('pods taken away', 0, 'F0342', 'each runs for as long as the recording shows', taken);
    this.receipt.approximated('pods that did not end', 0, 'F0342', 'they run until the end', unfinished);
    return { workload: Workload.of(templates, rows, calls), linesByName };
  }

  #pod(object: Field, deleted: boolean, line: number): void {
    const metadata = object.at('metadata');
    const uid = metadata.at('uid').text() ?? `${metadata.at('namespace').text()}/${metadata.at('name').requiredText()}`;
    const owner = metadata
      .at('ownerReferences')
      .items()
      .find((reference) => reference.at('controller').flag());
    const ownerKind = owner?.at('kind').text() ?? 'none';
    const created = this.#time(metadata.at('creationTimestamp'));
    if (OF_NODES.includes(ownerKind)) {
      if (ownerKind === 'DaemonSet') this.#daemonSet(object, owner as Field, line);
      else this.receipt.ignored('static pods', line, 'F0320', 'pods of the kubelet itself are not part of a node here');
      return;
    }
    if (created === undefined) return;
    let pod = this.#pods.get(uid);
    if (pod === undefined) {
      if (created < this.#start) this.#start = created;
      const ownerName = owner?.at('name').text() ?? '';
      pod = {
        name: `${prefix(metadata)}${metadata.at('name').requiredText()}`,
        owner: owner === undefined ? uid : `${ownerKind} ${metadata.at('namespace').text()}/${ownerName}`,
        ownerKind,
        line,
        created,
        spec: this.#spec(object, ownerKind === 'none' ? uid : `${ownerKind} ${ownerName}`, line),
        ended: undefined,
        running: undefined,
        succeeded: false,
        disrupted: false,
      };
      this.#pods.set(uid, pod);
    }
    const status = object.at('status');
    const conditions = status.at('conditions').items();
    pod.running ??= this.#time(condition(conditions, 'Ready', 'True')?.at('lastTransitionTime'));
    if (condition(conditions, 'DisruptionTarget', 'True') !== undefined) pod.disrupted = true;
    const deletionAt = this.#time(metadata.at('deletionTimestamp'));
    const grace = (metadata.at('deletionGracePeriodSeconds').whole({ min: 0, max: 2 ** 31 }) ?? 0) * SECOND;
    const phase = status.at('phase').text();
    if (phase === 'Succeeded') {
      pod.succeeded = true;
      pod.ended ??= this.#time(condition(conditions, 'Ready', 'False')?.at('lastTransitionTime')) ?? finishedAt(status);
    } else if (deletionAt !== undefined) pod.ended ??= deletionAt - grace;
    else if (phase === 'Failed')
      pod.ended ??= this.#time(condition(conditions, 'Ready', 'False')?.at('lastTransitionTime')) ?? created;
    if (deleted) pod.ended ??= deletionAt ?? created;
  }

  #spec(object: Field, owner: string, line: number): PodSpec {
    const first = !this.#counted.has(owner);
    this.#counted.add(owner);
    this.receipt.honoured('Pod', line);
    const field = first ? new Field(object.value, object.path, { ...object.context, receipt: this.receipt }) : object;
    // The node was the recorded scheduler's choice.
    const { nodeName: _, ...spec } = readPod(field, {});
    return spec;
  }

  #daemonSet(object: Field, owner: Field, line: number): void {
    const namespace = object.at('metadata').at('namespace').text() ?? 'default';
    const name = owner.at('name').requiredText();
    const key = `${namespace}/${name}`;
    this.receipt.approximated('DaemonSet', line, 'F0341', 'inferred from its pods: one comes with each node that it fits');
    if (this.#daemonSets.has(key)) return;
    const { nodeName: _, nodeAffinity: __, tolerations = [], ...rest } = readPod(object, {});
    // The controller adds the others to every one of its pods.
    const own = tolerations.filter(({ key: taint }) => taint === undefined || !ADDED.includes(taint));
    this.#daemonSets.set(key, { namespace, name, template: { ...rest, ...(own.length > 0 && { tolerations: own }) } });
  }

  /** A time of the API in milliseconds. */
  #time(field: Field | undefined): number | undefined {
    const text = field?.text();
    if (text === undefined || field === undefined) return undefined;
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return time;
    field.problem('E0103', `expected a time such as "2026-01-31T12:00:00Z", got ${JSON.stringify(text)}`, { seen: text });
    return undefined;
  }
}

const ADDED: readonly string[] = [
  TAINT.notReady,
  TAINT.unreachable,
  TAINT.unschedulable,
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable',
];

function condition(conditions: readonly Field[], type: string, status: string): Field | undefined {
  return conditions.find((entry) => entry.at('type').value === type && entry.at('status').value === status);
}

function finishedAt(status: Field): number | undefined {
  const times = status
    .at('containerStatuses')
    .items()
    .flatMap((container) => container.at('state').at('terminated').at('finishedAt').text() ?? [])
    .map((text) => Date.parse(text));
  return times.length === 0 ? undefined : Math.max(...times);
}

function prefix(metadata: Field): string {
  const namespace = metadata.at('namespace').text() ?? 'default';
  return namespace === 'default' ? '' : `${namespace}/`;
}
