import { Workload, type WorkloadCall, type WorkloadObject } from '@plimsoll/core';
import { type DocumentContext, Field } from '../document/field.ts';
import { PriorityClasses } from '../kubernetes/priority-classes.ts';
import { type Problem, ProblemList } from '../problems/problem.ts';
import { type Receipt, ReceiptWriter } from '../receipt/receipt.ts';
import type { ByteSource } from '../trace-csv/inflate.ts';
import { type JsonLine, readJsonLines } from './json-lines.ts';
import { mergePatch } from './merge-patch.ts';
import { KINDS, readWorkloadObject } from './workload-objects.ts';

/** What came of reading a recording. */
export interface RecordingReading {
  readonly workload: Workload;
  readonly receipt: Receipt;
  /** Warnings and notes; errors are thrown. */
  readonly problems: readonly Problem[];
  /** Line of the record that a row of the workload came from. */
  lineOf(row: number): number;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/scale`: resource, name and subresource are the parts of interest. */
const PATH = /^\/apis?\/(?:[^/]+\/)?v\d\w*(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/;

/**
 * Reads recorded calls to the API: a JSON object a line with `t` (milliseconds), `verb` (POST, PUT, PATCH, DELETE), `path` and `body`,
 * and `status` where the answer is known. Deployments, DaemonSets, Jobs, Pods and PodDisruptionBudgets become calls of a workload;
 * merge patches change the object that was created before, PriorityClasses are looked up, and everything else is in the receipt. Calls
 * that the API refused changed nothing and are left out.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export async function readApiCalls(source: ByteSource, file: string): Promise<RecordingReading> {
  const problems = new ProblemList();
  const lines = await readJsonLines(source, file, problems);
  const calls = new Calls(file, problems);
  for (const line of lines) calls.read(line);
  const warnings = problems.settle();
  return {
    workload: Workload.of([], [], calls.calls),
    receipt: calls.receipt.finish(file, 'calls', lines.length),
    problems: warnings,
    lineOf: () => 1,
  };
}

class Calls {
  readonly calls: WorkloadCall[] = [];
  readonly receipt = new ReceiptWriter();
  readonly #file: string;
  readonly #problems: ProblemList;
  readonly #classes = new PriorityClasses();
  /** The objects as they stand, by kind, namespace and name. */
  readonly #objects = new Map<string, unknown>();
  #latest = 0;

  constructor(file: string, problems: ProblemList) {
    this.#file = file;
    this.#problems = problems;
  }

  read({ value, line, locate }: JsonLine): void {
    const context: DocumentContext = { file: this.#file, problems: this.#problems, locate };
    const call = new Field(value, [], context);
    const before = this.#problems.errors;
    call.entries();
    const time = call.at('t').whole({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const verb = call.at('verb').oneOf(['POST', 'PUT', 'PATCH', 'DELETE']);
    const path = call.at('path').requiredText();
    for (const key of ['t', 'verb']) if (call.value !== undefined && !call.at(key).present) call.at(key).missing();
    const status = call.at('status').whole({ min: 0, max: 999 }) ?? 200;
    if (this.#problems.errors > before || time === undefined || verb === undefined) return;
    if (time < this.#latest)
      call.at('t').problem('E0110', `calls are expected in order of t, and this is earlier than ${this.#latest}`);
    this.#latest = time;
    const match = PATH.exec(path);
    if (match === null) {
      call.at('path').problem('E0107', `${JSON.stringify(path)} is no path of the API`, { seen: path });
      return;
    }
    const [, namespace = 'default', resource, named] = match;
    const what = `${verb} ${resource}`;
    if (status >= 400) {
      this.receipt.ignored(what, line, 'F0340', `the API refused it with ${status}`);
      return;
    }
    const body = call.at('body');
    if (resource === 'priorityclasses' && verb === 'POST') {
      this.#classes.read(body);
      this.receipt.honoured(what, line);
      return;
    }
    const kind = KINDS[resource];
    if (kind === undefined) {
      this.receipt.ignored(what, line, 'F0320', 'no controller here knows such objects');
      return;
    }
    const name = named ?? body.at('metadata').at('name').requiredText();
    const key = `${kind} ${namespace}/${name}`;
    if (verb === 'DELETE') {
      if (!this.#objects.delete(key)) this.#unknown(call, kind, name);
      else this.calls.push({ time, verb: 'delete', kind, namespace, name });
      this.receipt.honoured(what, line);
      return;
    }
    if (Array.isArray(body.value)) {
      this.receipt.ignored(what, line, 'F0340', 'JSON patches are not carried out');
      return;
    }
    let object: unknown = body.value;
    if (verb === 'PATCH') {
      if (!this.#objects.has(key)) {
        this.#unknown(call, kind, name);
        return;
      }
      object = mergePatch(this.#objects.get(key), object);
    }
    this.#objects.set(key, object);
    // What a patch leaves of the object before stands on an earlier line: problems then point at the body as a whole.
    const field = new Field(object, [], {
      ...context,
      receipt: this.receipt,
      locate: (at, part) => locate(verb === 'PATCH' ? ['body'] : ['body', ...at], part),
    });
    const made: WorkloadObject = readWorkloadObject(kind, field, { namespace, name }, { priorityClasses: this.#classes });
    this.calls.push({ time, verb: 'apply', object: made });
    this.receipt.honoured(what, line);
  }

  #unknown(call: Field, kind: string, name: string): void {
    const message = `there is no ${kind} ${JSON.stringify(name)} at this time`;
    call.at('path').problem('E0107', message, { seen: name, help: 'an object is created by a POST on an earlier line' });
  }
}
