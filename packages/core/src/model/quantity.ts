/**
 * Kubernetes quantities as exact integers: CPU in millicores, everything else in whole units (bytes, counts).
 *
 * Source of the grammar and of rounding up: Kubernetes v1.36, `apimachinery/pkg/api/resource/quantity.go`.
 */

const PATTERN = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([eE][+-]?\d+)|([numkKMGTPE]i?)?)$/;

const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};

const DECIMAL_EXPONENT: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** Wrong quantity text, or one too large to be held exactly. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/**
 * Parses a quantity to whole units, rounded up (bytes, counts).
 *
 * @throws QuantityError when the text is no quantity, or when the value passes 2^53 and could not be held exactly.
 */
export function parseUnits(text: string): number {
  return scaled(text, 0);
}

/** Parses a quantity to thousandths, rounded up: the form of CPU. Throws as {@link parseUnits} does. */
export function parseMilli(text: string): number {
  return scaled(text, 3);
}

/** Parses the value of a named resource: `cpu` to millicores, all others to whole units. Throws as {@link parseUnits} does. */
export function parseResource(resource: string, value: string | number): number {
  const text = typeof value === 'number' ? String(value) : value;
  return resource === 'cpu' ? parseMilli(text) : parseUnits(text);
}

function scaled(text: string, shift: number): number {
  const match = PATTERN.exec(text);
  if (match === null) {
    throw new QuantityError(`expected a Kubernetes quantity such as "500m", "2" or "1.5Gi", got ${JSON.stringify(text)}`);
  }
  const [, sign, digits, exponent, suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  let numerator = BigInt(`${whole}${fraction}` || '0');
  let tens = shift - fraction.length;
  if (exponent !== undefined) tens += Number(exponent.slice(1));
  else if (suffix.endsWith('i')) {
    const factor = BINARY[suffix];
    if (factor === undefined)
      throw new QuantityError(`unknown suffix in quantity ${JSON.stringify(text)}; binary suffixes are Ki to Ei`);
    numerator *= factor;
  } else {
    const power = DECIMAL_EXPONENT[suffix];
    if (power === undefined)
      throw new QuantityError(`unknown suffix in quantity ${JSON.stringify(text)}; use m, k, M, G, T, P, E or Ki to Ei`);
    tens += power;
  }
  if (tens > 40) throw new QuantityError(`quantity ${JSON.stringify(text)} is too large`);
  let value = numerator;
  if (tens >= 0) value *= 10n ** BigInt(tens);
  else {
    // 10^-tens may be huge for absurd exponents; a value far below one rounds up to one (a binary suffix adds 19 digits at most).
    if (-tens > digits.length + 20) value = numerator === 0n ? 0n : 1n;
    else {
      const divisor = 10n ** BigInt(-tens);
      // Away from zero, as the real parser rounds what is finer than its scale.
      value = (numerator + divisor - 1n) / divisor;
    }
  }
  const signed = sign === '-' ? -value : value;
  if (signed > BigInt(Number.MAX_SAFE_INTEGER) || signed < -BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new QuantityError(`quantity ${JSON.stringify(text)} passes 2^53 and cannot be held exactly`);
  }
  return Number(signed) + 0;
}

const BINARY_STEPS = [
  ['Ei', 2 ** 60],
  ['Pi', 2 ** 50],
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/** Prints an integer resource value as a person would write it: `1500m`, `2`, `3Gi`. */
export function formatResource(resource: string, value: number): string {
  if (resource === 'cpu') return value % 1000 === 0 ? String(value / 1000) : `${value}m`;
  if (resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-')) {
    for (const [suffix, size] of BINARY_STEPS) if (value !== 0 && value % size === 0) return `${value / size}${suffix}`;
  }
  return String(value);
}
