/** Amounts by resource name: `cpu` in millicores, all others in whole units (bytes, counts). */
export type ResourceList = Readonly<Record<string, number>>;

/** Amounts by resource index, dense; a shorter vector counts as zero beyond its end. */
export type ResourceVector = readonly number[];

/** Index of CPU (millicores) in every vector. */
export const CPU = 0;
/** Index of memory (bytes). */
export const MEMORY = 1;
/** Index of ephemeral storage (bytes). */
export const EPHEMERAL = 2;
/** Index of the number of pods. */
export const PODS = 3;

/** The largest capacity for which `(capacity − used) × 100` stays exact in a double. */
export const CAPACITY_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 100);

/** The table that gives each resource name its index. It only grows; the first four indices are fixed. */
export class ResourceNames {
  readonly names: string[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
  readonly #index = new Map(this.names.map((name, index) => [name, index]));

  get count(): number {
    return this.names.length;
  }

  /** The index of a name; a new name gets the next one. */
  indexOf(name: string): number {
    let index = this.#index.get(name);
    if (index === undefined) {
      index = this.names.push(name) - 1;
      this.#index.set(name, index);
    }
    return index;
  }

  /** The index of a name, or -1 where nothing has used that name yet. */
  find(name: string): number {
    return this.#index.get(name) ?? -1;
  }

  /** A list as a vector. */
  vector(list: ResourceList): number[] {
    const out: number[] = [0, 0, 0, 0];
    for (const name of Object.keys(list)) {
      const index = this.indexOf(name);
      while (out.length <= index) out.push(0);
      out[index] = list[name];
    }
    return out;
  }

  /** A vector as a list, zeros left out. */
  list(vector: ResourceVector): ResourceList {
    const out: Record<string, number> = {};
    vector.forEach((amount, index) => {
      if (amount !== 0) out[this.names[index]] = amount;
    });
    return out;
  }
}

/** The sum of lists. */
export function addLists(...lists: readonly ResourceList[]): Record<string, number> {
  const out: Record<string, number> = {};
  for (const list of lists) for (const name of Object.keys(list)) out[name] = (out[name] ?? 0) + list[name];
  return out;
}

/** The larger of two lists, name by name. */
export function maxLists(a: ResourceList, b: ResourceList): Record<string, number> {
  const out: Record<string, number> = { ...a };
  for (const name of Object.keys(b)) out[name] = Math.max(out[name] ?? 0, b[name]);
  return out;
}
