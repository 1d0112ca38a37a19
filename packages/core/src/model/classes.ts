import { compareText, type Labels, sortedRecord } from './labels.ts';
import { effectiveRequests, nonZeroRequests, type PodSpec } from './pod-spec.ts';
import { CAPACITY_MAX, PODS, type ResourceList, ResourceNames, type ResourceVector } from './resources.ts';
import type { Taint } from './taints.ts';

/** Pods that no decision can tell apart, except by name, owner and time. */
export interface PodClass {
  readonly id: number;
  readonly spec: PodSpec;
  /** Effective requests by resource index, `pods: 1` included. */
  readonly requests: ResourceVector;
  /** CPU in millicores that scores count. */
  readonly nonZeroCpu: number;
  /** Memory in bytes that scores count. */
  readonly nonZeroMemory: number;
  /** Priority; 0 where the spec has none. */
  readonly priority: number;
}

/** What a node is, apart from its name and what runs on it. Labels leave out `kubernetes.io/hostname`, which is the name. */
export interface NodeShape {
  readonly labels: Labels;
  readonly annotations?: Labels;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  /** Images that the node holds from the start, each under all its names. */
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

/** Nodes alike share a class. Taints are part of it: a node whose taints change moves to another class. */
export interface NodeClass {
  readonly id: number;
  readonly shape: NodeShape;
  readonly capacity: ResourceVector;
  readonly allocatable: ResourceVector;
}

/** Interned classes of one run, with the resource names that their vectors are indexed by. It only grows. */
export class Classes {
  readonly resources = new ResourceNames();
  readonly pods: PodClass[] = [];
  readonly nodes: NodeClass[] = [];
  readonly #podIds = new Map<string, number>();
  readonly #nodeIds = new Map<string, number>();
  readonly #transitions = new Map<string, number>();

  /**
   * The class of a pod spec. Equal specs, whatever the order of their keys, give the same class.
   *
   * @throws RangeError where the sum of what the containers ask for cannot be held exactly.
   */
  pod(spec: PodSpec): PodClass {
    const key = canonical(spec);
    const known = this.#podIds.get(key);
    if (known !== undefined) return this.pods[known];
    const requests = this.resources.vector(effectiveRequests(spec));
    requests[PODS] = 1;
    const { cpu, memory } = nonZeroRequests(spec);
    for (const amount of [...requests, cpu, memory]) {
      if (!(amount <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`requests of ${amount} cannot be held exactly`);
    }
    const id = this.pods.length;
    const made: PodClass = { id, spec, requests, nonZeroCpu: cpu, nonZeroMemory: memory, priority: spec.priority ?? 0 };
    this.pods.push(made);
    this.#podIds.set(key, id);
    return made;
  }

  /**
   * The class of a node shape.
   *
   * @throws RangeError where an allocatable amount is too large for exact scores (81.9 TiB).
   */
  node(shape: NodeShape): NodeClass {
    const key = canonical(shape);
    const known = this.#nodeIds.get(key);
    if (known !== undefined) return this.nodes[known];
    for (const name of Object.keys(shape.allocatable)) {
      if (shape.allocatable[name] > CAPACITY_MAX) {
        throw new RangeError(
          `allocatable ${name} of ${shape.allocatable[name]} passes ${CAPACITY_MAX}, beyond which scores are not exact`,
        );
      }
    }
    const id = this.nodes.length;
    const made: NodeClass = {
      id,
      shape,
      capacity: this.resources.vector(shape.capacity),
      allocatable: this.resources.vector(shape.allocatable),
    };
    this.nodes.push(made);
    this.#nodeIds.set(key, id);
    return made;
  }

  /** The class that a node of class `id` has after a change of taints or of `unschedulable`. Remembered per change. */
  changed(id: number, change: NodeChange): number {
    const key = `${id} ${canonical(change)}`;
    let next = this.#transitions.get(key);
    if (next === undefined) {
      next = this.node(applyChange(this.nodes[id].shape, change)).id;
      this.#transitions.set(key, next);
    }
    return next;
  }

  snapshot(): ClassesSnapshot {
    return { resources: [...this.resources.names], pods: this.pods.map((c) => c.spec), nodes: this.nodes.map((c) => c.shape) };
  }

  /**
   * Interns everything of a snapshot in its order, so that ids are the same. What is interned already must be the snapshot's beginning.
   *
   * @throws Error where it is not.
   */
  restore(snapshot: ClassesSnapshot): void {
    const same =
      snapshot.resources.every((name, index) => this.resources.indexOf(name) === index) &&
      snapshot.pods.every((spec, id) => this.pod(spec).id === id) &&
      snapshot.nodes.every((shape, id) => this.node(shape).id === id);
    if (!same) throw new Error('classes are restored only where nothing else has been interned before');
  }
}

/** What {@link Classes} saves. */
export interface ClassesSnapshot {
  readonly resources: readonly string[];
  readonly pods: readonly PodSpec[];
  readonly nodes: readonly NodeShape[];
}

/** A change of a node's taints, labels or cordon. Removal is by key and, where given, effect; it happens before addition. */
export interface NodeChange {
  readonly addTaints?: readonly Taint[];
  readonly removeTaints?: readonly { readonly key: string; readonly effect?: Taint['effect'] }[];
  readonly unschedulable?: boolean;
  readonly addLabels?: Labels;
  /** Added annotations; an empty text takes one away. */
  readonly addAnnotations?: Labels;
}

function applyChange(shape: NodeShape, change: NodeChange): NodeShape {
  const removed = change.removeTaints ?? [];
  const added = change.addTaints ?? [];
  const taints = shape.taints.filter(
    (taint) => !removed.some((r) => r.key === taint.key && (r.effect === undefined || r.effect === taint.effect)),
  );
  // A taint of the same key and effect is replaced in its place, as Kubernetes' own helpers do: the order stays.
  for (const taint of added) {
    const at = taints.findIndex((t) => t.key === taint.key && t.effect === taint.effect);
    if (at < 0) taints.push(taint);
    else taints[at] = taint;
  }
  return {
    ...shape,
    labels: change.addLabels === undefined ? shape.labels : sortedRecord({ ...shape.labels, ...change.addLabels }),
    ...(change.addAnnotations !== undefined && { annotations: annotated(shape.annotations, change.addAnnotations) }),
    taints,
    unschedulable: change.unschedulable ?? shape.unschedulable,
  };
}

function annotated(before: Labels = {}, added: Labels): Labels {
  return Object.fromEntries(Object.entries({ ...before, ...added }).filter(([, value]) => value !== ''));
}

/** JSON with the keys of every object in text order and absent values left out: equal values, equal text. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort(compareText);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`).join(',')}}`;
}
