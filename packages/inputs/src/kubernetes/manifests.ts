import { didYouMean, type PodSpec, Workload, type WorkloadRow } from '@plimsoll/core';
import { type DocumentContext, Field } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import { type Problem, ProblemList } from '../problems/problem.ts';
import { type Receipt, ReceiptWriter } from '../receipt/receipt.ts';
import type { RowPlace } from '../trace-csv/reading.ts';
import { type WorkloadShape, workloadShape } from '../workload-shape/workload-shape.ts';
import { POD_KINDS, readArrivals } from './owners.ts';
import { PriorityClasses } from './priority-classes.ts';

/** A text of Kubernetes objects, and its name for messages. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

/** What came of reading manifests. */
export interface ManifestReading {
  /** The pods that the objects bring; no rows where none brings any. */
  readonly workload: Workload;
  readonly receipt: Receipt;
  readonly shape: WorkloadShape;
  /** Warnings and notes; errors are thrown. */
  readonly problems: readonly Problem[];
  /** Where the object that a row of the workload came from has its name. Searches for it, so it is for messages and not for loops. */
  placeOf(row: number): RowPlace;
}

/** API groups whose kinds are read; an object of the same kind in another group is somebody else's. */
const GROUPS: Readonly<Record<string, string>> = {
  Pod: '',
  ReplicationController: '',
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  Job: 'batch',
  PriorityClass: 'scheduling.k8s.io',
};

/** What is said of kinds that matter in a real cluster and are left out here. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  CronJob: 'its jobs are not created: write each as a Job with plimsoll.dev/at',
  DaemonSet: 'its pods are not placed on the nodes',
  HorizontalPodAutoscaler: 'replicas stay as they are written',
  LimitRange: 'containers get no default requests from it',
  Namespace: 'selectors of namespaces see no labels but the name',
  PersistentVolume: 'claims bind on any node',
  PersistentVolumeClaim: 'claims bind on any node',
  PodDisruptionBudget: 'it blocks no eviction',
  ResourceQuota: 'it refuses no pod',
  StorageClass: 'claims bind on any node',
};

/**
 * Reads Kubernetes objects, as they are applied: YAML or JSON, several documents, lists. Deployments, ReplicaSets, StatefulSets,
 * ReplicationControllers, Jobs and Pods become rows of a workload; everything else is in the receipt. A pod template says with
 * the annotations `plimsoll.dev/duration` how long its pods run, and with `plimsoll.dev/at` when they arrive (default: at the start).
 *
 * @throws InputError with the line and column of everything that is wrong, in all the files.
 */
export function readManifests(files: ManifestFile | readonly ManifestFile[]): ManifestReading {
  const problems = new ProblemList();
  const receipt = new ReceiptWriter();
  const list = 'text' in files ? [files] : files;
  const objects = list.flatMap(({ file, text }) => objectsOf(text, file, problems, receipt));
  const priorityClasses = new PriorityClasses();
  for (const object of objects) if (object.kind === 'PriorityClass') priorityClasses.read(object.field);
  const builder = new WorkloadBuilder();
  for (const { field, kind } of objects) {
    if (kind === 'PriorityClass') receipt.honoured(kind, field.line);
    else if (POD_KINDS.includes(kind)) {
      receipt.honoured(kind, field.line);
      const name = builder.name(field, kind);
      for (const { spec, suffix, time, duration, count } of readArrivals(field, kind, { priorityClasses })) {
        builder.add({ name: `${name}${suffix}`, time, duration, count }, spec, field);
      }
    } else receipt.ignored(kind, field.line, 'F0320', LEFT_OUT[kind] ?? 'not modelled');
  }
  const warnings = problems.settle();
  const workload = builder.build();
  return {
    workload,
    receipt: receipt.finish(list.map(({ file }) => file).join(', '), 'objects', objects.length),
    shape: workloadShape(workload),
    problems: warnings,
    placeOf: (row) => builder.placeOf(workload.name(row)),
  };
}

interface KubernetesObject {
  readonly field: Field;
  /** The kind, with its group where the group is not the one that is read. */
  readonly kind: string;
}

function objectsOf(text: string, file: string, problems: ProblemList, receipt: ReceiptWriter): KubernetesObject[] {
  const before = problems.errors;
  const documents = parseYaml(text, file, problems);
  if (documents.length === 0 && problems.errors === before) {
    const message = 'the file holds no Kubernetes object';
    const help = 'an object starts with its apiVersion and kind';
    problems.add({ code: 'E0001', severity: 'error', file, line: 1, column: 1, message, help });
  }
  return documents.flatMap(({ value, locate }) => {
    const context: DocumentContext = { file, problems, locate, receipt };
    return expand(new Field(value, [], context));
  });
}

/** The object, or what is in it where it is a list. */
function expand(field: Field): KubernetesObject[] {
  const before = field.context.problems.errors;
  field.entries();
  if (field.context.problems.errors > before) return [];
  const kind = field.at('kind').requiredText();
  const apiVersion = field.at('apiVersion').requiredText();
  if (kind === '' || apiVersion === '') return [];
  if (kind === 'List' || (kind.endsWith('List') && field.at('items').present)) return field.at('items').items().flatMap(expand);
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  if (GROUPS[kind] === group) return [{ field, kind }];
  if (Object.values(GROUPS).includes(group) && LEFT_OUT[kind] === undefined) {
    const near = didYouMean(
      kind,
      Object.keys(GROUPS).filter((known) => GROUPS[known] === group),
    );
    if (near !== undefined) {
      field
        .at('kind')
        .problem('E0107', `unknown kind ${JSON.stringify(kind)}`, { seen: kind, help: `did you mean ${JSON.stringify(near)}?` });
      return [];
    }
  }
  if (GROUPS[kind] === undefined) return [{ field, kind }];
  const help = `${kind} is of ${GROUPS[kind] === '' ? 'v1' : `${GROUPS[kind]}/v1`}`;
  if (Object.values(GROUPS).includes(group)) {
    field.at('apiVersion').problem('E0107', `there is no ${kind} in ${JSON.stringify(apiVersion)}`, { seen: apiVersion, help });
    return [];
  }
  return [{ field, kind: `${group}/${kind}` }];
}

/** Rows and templates; names are made unique across kinds and namespaces. */
class WorkloadBuilder {
  readonly #rows: WorkloadRow[] = [];
  /** The object of each row. */
  readonly #objects: Field[] = [];
  readonly #templates: PodSpec[] = [];
  readonly #seen = new Map<string, Field>();
  readonly #names = new Set<string>();

  /** The name for an object's rows: its own, with namespace and kind where another object has that name already. */
  name(object: Field, kind: string): string {
    const field = object.at('metadata').at('name');
    const prefix = object.at('metadata').at('generateName').text();
    const name = prefix === undefined || field.present ? field.requiredText() : `${prefix}${this.#names.size}`;
    const namespace = object.at('metadata').at('namespace').text() ?? 'default';
    const identity = `${kind} ${namespace}/${name}`;
    const first = this.#seen.get(identity);
    if (first === undefined) this.#seen.set(identity, field);
    else if (name !== '') {
      const message = `there are two of ${kind} ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)}`;
      field.problem('E0108', message, { seen: name, help: `the first is in ${first.context.file}, line ${first.line}` });
    }
    const qualified = namespace === 'default' ? name : `${namespace}/${name}`;
    const unique = this.#names.has(qualified) ? `${qualified}-${kind.toLowerCase()}` : qualified;
    this.#names.add(unique);
    return unique;
  }

  add(row: Omit<WorkloadRow, 'template'>, spec: PodSpec, object: Field): void {
    if (row.count === 0) return;
    this.#objects.push(object);
    if (this.#templates.at(-1) !== spec) this.#templates.push(spec);
    this.#rows.push({ ...row, template: this.#templates.length - 1 });
  }

  placeOf(name: string): RowPlace {
    const { context, path } = this.#objects[this.#rows.findIndex((row) => row.name === name)];
    return { file: context.file, line: 1, column: 1, ...context.locate?.([...path, 'metadata', 'name'], 'value') };
  }

  build(): Workload {
    return Workload.of(this.#templates, this.#rows);
  }
}
