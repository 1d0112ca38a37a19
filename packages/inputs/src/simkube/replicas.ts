import { canonical, type PodSpec, type WorkloadRow } from '@plimsoll/core';

/** Replicas that were added at one moment and still run. */
interface Batch {
  readonly since: number;
  /** Line of the record that added them. */
  readonly line: number;
  readonly template: number;
  count: number;
}

interface Owner {
  readonly name: string;
  /** Oldest first. */
  readonly batches: Batch[];
}

/** What an object wants from a moment on. */
export interface ReplicaChange {
  readonly kind: string;
  /** `namespace/name`. */
  readonly name: string;
  readonly replicas: number;
  /** Milliseconds; not earlier than that of the change before. */
  readonly time: number;
  /** Line of the record. */
  readonly line: number;
  readonly spec: PodSpec;
}

/** A row, and the line of the record that added its replicas. */
type ReplicaRow = WorkloadRow & { readonly line: number };

/**
 * Follows how many replicas objects want, and makes a row of those that are added at one moment and taken away at one moment. The newest
 * are taken away first, as a ReplicaSet prefers; a changed template replaces all replicas at once.
 */
export class Replicas {
  readonly #owners = new Map<string, Owner>();
  readonly #templates: PodSpec[] = [];
  readonly #ids = new Map<string, number>();
  readonly #rows: ReplicaRow[] = [];
  #taken = 0;

  set({ kind, name, replicas, time, line, spec }: ReplicaChange): void {
    const key = `${kind} ${name}`;
    let owner = this.#owners.get(key);
    if (owner === undefined) {
      const taken = [...this.#owners.values()].some((other) => other.name === name);
      this.#owners.set(key, (owner = { name: taken ? `${name}-${kind.toLowerCase()}` : name, batches: [] }));
    }
    if (replicas === 0) {
      this.#shrink(owner, 0, time);
      return;
    }
    const template = this.#template(spec);
    const { batches } = owner;
    if (batches.some((batch) => batch.template !== template)) this.#shrink(owner, 0, time);
    const now = batches.reduce((sum, batch) => sum + batch.count, 0);
    if (replicas < now) this.#shrink(owner, replicas, time);
    else if (replicas > now) batches.push({ since: time, line, template, count: replicas - now });
  }

  /** All rows, in the order of their start; replicas that still run have no end. `taken` counts the pods that were taken away. */
  finish(): { templates: readonly PodSpec[]; rows: readonly ReplicaRow[]; taken: number } {
    for (const owner of this.#owners.values()) {
      for (const batch of owner.batches) this.#row(owner, batch, batch.count, Number.POSITIVE_INFINITY);
      owner.batches.length = 0;
    }
    return { templates: this.#templates, rows: this.#named(), taken: this.#taken };
  }

  /** Rows by their start, the later ones of an owner numbered. */
  #named(): ReplicaRow[] {
    const numbers = new Map<string, number>();
    return [...this.#rows]
      .sort((a, b) => a.time - b.time)
      .map((row) => {
        const number = (numbers.get(row.name) ?? 0) + 1;
        numbers.set(row.name, number);
        return number === 1 ? row : { ...row, name: `${row.name}-${number}` };
      });
  }

  #shrink(owner: Owner, replicas: number, time: number): void {
    const { batches } = owner;
    let surplus = batches.reduce((sum, batch) => sum + batch.count, 0) - replicas;
    while (surplus > 0) {
      const newest = batches[batches.length - 1];
      const gone = Math.min(surplus, newest.count);
      this.#row(owner, newest, gone, time - newest.since);
      this.#taken += gone;
      newest.count -= gone;
      if (newest.count === 0) batches.pop();
      surplus -= gone;
    }
  }

  #row(owner: Owner, { since, line, template }: Batch, count: number, duration: number): void {
    // Replicas that were added and taken away in the same moment never were.
    if (duration === 0) return;
    this.#rows.push({ name: owner.name, template, time: since, duration, count, line });
  }

  #template(spec: PodSpec): number {
    const key = canonical(spec);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#templates.push(spec) - 1;
      this.#ids.set(key, id);
    }
    return id;
  }
}
