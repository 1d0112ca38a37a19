/** A value of unknown JSON, read by names. What is absent reads as absent all the way down. */
export class Json {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  at(...path: readonly (string | number)[]): Json {
    let value = this.value;
    for (const key of path) {
      if (value === null || typeof value !== 'object') return new Json(undefined);
      value = (value as Record<string | number, unknown>)[key];
    }
    return new Json(value);
  }

  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  get number(): number | undefined {
    return typeof this.value === 'number' ? this.value : undefined;
  }

  get flag(): boolean {
    return this.value === true;
  }

  get items(): Json[] {
    return Array.isArray(this.value) ? this.value.map((item) => new Json(item)) : [];
  }

  get texts(): string[] {
    return this.items.flatMap(({ text }) => (text === undefined ? [] : [text]));
  }

  /** An object's values that are texts. */
  get labels(): Record<string, string> {
    const out: Record<string, string> = {};
    for (const [key, value] of Object.entries((this.value as object | undefined) ?? {})) out[key] = String(value);
    return out;
  }

  get keys(): string[] {
    return Object.keys((this.value as object | undefined) ?? {});
  }

  /** An instant in milliseconds. */
  get time(): number | undefined {
    return this.text === undefined ? undefined : Date.parse(this.text);
  }
}
