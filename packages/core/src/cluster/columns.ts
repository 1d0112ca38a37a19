/** A column that may be read but not written. */
export interface ReadonlyColumn {
  readonly length: number;
  readonly [row: number]: number;
}

/** Columns of a table that grow together by doubling. A reader fetches a column anew after each growth. */
export class Columns<F extends Record<string, ColumnType>> {
  readonly of: { [K in keyof F]: InstanceType<F[K]> };
  readonly #types: F;
  #capacity: number;

  constructor(types: F, capacity: number) {
    this.#types = types;
    this.#capacity = capacity;
    this.of = {} as { [K in keyof F]: InstanceType<F[K]> };
    for (const key in types) this.of[key] = new types[key](capacity) as InstanceType<F[typeof key]>;
  }

  /** Makes room for a row. */
  reserve(row: number): void {
    if (row < this.#capacity) return;
    this.#capacity = Math.max(row + 1, this.#capacity * 2);
    for (const key in this.#types) {
      const wider = new this.#types[key](this.#capacity);
      wider.set(this.of[key]);
      this.of[key] = wider as InstanceType<F[typeof key]>;
    }
  }

  /** Copies of the first `rows` of every column. */
  snapshot(rows: number): { [K in keyof F]: InstanceType<F[K]> } {
    const out = {} as { [K in keyof F]: InstanceType<F[K]> };
    for (const key in this.#types) out[key] = this.of[key].slice(0, rows) as InstanceType<F[typeof key]>;
    return out;
  }

  restore(saved: { readonly [K in keyof F]: InstanceType<F[K]> }, rows: number): void {
    if (rows > 0) this.reserve(rows - 1);
    for (const key in this.#types) this.of[key].set(saved[key] as ArrayLike<number>);
  }
}

type ColumnType = Float64ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor | Uint32ArrayConstructor;
