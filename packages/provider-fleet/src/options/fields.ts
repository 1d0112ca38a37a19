import { DurationError, didYouMean, OptionsError, parseDuration, parseResource, QuantityError } from '@plimsoll/core';

type Path = readonly (string | number)[];

/**
 * Reads an object strictly: each known field once, with its path in every error. Unknown keys are errors at once, with the name
 * that was probably meant.
 */
export class Fields {
  readonly path: Path;
  readonly #record: Readonly<Record<string, unknown>>;

  /** @param ignored keys that may stand there and mean nothing here, such as `apiVersion`. */
  constructor(value: unknown, path: Path, known: readonly string[], ignored: readonly string[] = []) {
    this.path = path;
    this.#record = asRecord(value, path);
    for (const key of Object.keys(this.#record)) {
      if (known.includes(key) || ignored.includes(key)) continue;
      const meant = didYouMean(key, known);
      const hint = meant === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${meant}?`;
      throw new OptionsError([...path, key], `unknown key${hint}`, meant);
    }
  }

  has(key: string): boolean {
    return this.#record[key] !== undefined && this.#record[key] !== null;
  }

  at(key: string): Path {
    return [...this.path, key];
  }

  raw(key: string): unknown {
    return this.#record[key];
  }

  text(key: string): string {
    const value = this.#record[key];
    if (typeof value !== 'string' || value === '') throw new OptionsError(this.at(key), `expected text, got ${show(value)}`);
    return value;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
    if (!this.has(key)) return fallback;
    const value = this.#record[key];
    if (allowed.includes(value as T)) return value as T;
    const meant = typeof value === 'string' ? didYouMean(value, allowed) : undefined;
    throw new OptionsError(this.at(key), `expected one of ${allowed.join(', ')}, got ${show(value)}`, meant);
  }

  whole(key: string, min: number, max: number, fallback: number): number {
    if (!this.has(key)) return fallback;
    const value = this.#record[key];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new OptionsError(this.at(key), `expected a whole number from ${min} to ${max}, got ${show(value)}`);
    }
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    if (!this.has(key)) return fallback;
    const value = this.#record[key];
    if (typeof value !== 'boolean') throw new OptionsError(this.at(key), `expected true or false, got ${show(value)}`);
    return value;
  }

  /** Milliseconds; `Never` is Infinity where it is allowed. */
  duration(key: string, fallback: number, never = false): number {
    if (!this.has(key)) return fallback;
    const value = this.#record[key];
    if (never && value === 'Never') return Infinity;
    const expected = `expected a duration such as "30s" or "10m"${never ? ' or Never' : ''}, got ${show(value)}`;
    if (typeof value !== 'string') throw new OptionsError(this.at(key), expected);
    try {
      return parseDuration(value);
    } catch (error) {
      if (error instanceof DurationError) throw new OptionsError(this.at(key), expected);
      throw error;
    }
  }

  /** Text by text. */
  labels(key: string): Readonly<Record<string, string>> {
    if (!this.has(key)) return {};
    const record = asRecord(this.#record[key], this.at(key));
    for (const name of Object.keys(record)) {
      if (typeof record[name] !== 'string') {
        throw new OptionsError(
          [...this.at(key), name],
          `expected text, got ${show(record[name])}; numbers and booleans need quotes`,
        );
      }
    }
    return record as Readonly<Record<string, string>>;
  }

  /** Amounts by resource, in the engine's units. */
  resources(key: string): Readonly<Record<string, number>> {
    if (!this.has(key)) return {};
    const record = asRecord(this.#record[key], this.at(key));
    const out: Record<string, number> = {};
    for (const name of Object.keys(record)) {
      const value = record[name];
      const path = [...this.at(key), name];
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw new OptionsError(path, `expected a quantity such as "100" or "64Gi", got ${show(value)}`);
      }
      try {
        out[name] = parseResource(name, value);
      } catch (error) {
        if (error instanceof QuantityError) throw new OptionsError(path, error.message);
        throw error;
      }
    }
    return out;
  }

  /** Each element of a list, read by `read`; no list is an empty one. */
  list<T>(key: string, read: (value: unknown, path: Path) => T): readonly T[] {
    if (!this.has(key)) return [];
    const value = this.#record[key];
    if (!Array.isArray(value)) throw new OptionsError(this.at(key), `expected a list, got ${show(value)}`);
    return value.map((element, index) => read(element, [...this.at(key), index]));
  }

  texts(key: string): readonly string[] {
    return this.list(key, (value, path) => {
      if (typeof value !== 'string') throw new OptionsError(path, `expected text, got ${show(value)}`);
      return value;
    });
  }
}

function asRecord(value: unknown, path: Path): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new OptionsError(path, `expected an object, got ${show(value)}`);
  return value as Readonly<Record<string, unknown>>;
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
