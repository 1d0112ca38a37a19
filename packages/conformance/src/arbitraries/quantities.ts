import type { ResourceList } from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Millicores that a container asks for: few values, so that pods tie. */
export function cpuAmounts(): Arbitrary<number> {
  return fc.constantFrom(0, 100, 250, 500, 1000, 1500, 2000, 4000);
}

/** Bytes of memory that a container asks for: few values. */
export function memoryAmounts(): Arbitrary<number> {
  return fc.constantFrom(0, 64 * MIB, 256 * MIB, 512 * MIB, GIB, 2 * GIB, 3 * GIB, 8 * GIB);
}

/** Requests of one container. A resource may be absent, which differs from zero in scores. */
export function requests(): Arbitrary<ResourceList> {
  return present({
    cpu: { weight: 9, amounts: cpuAmounts() },
    memory: { weight: 9, amounts: memoryAmounts() },
    'ephemeral-storage': { weight: 1, amounts: fc.constantFrom(GIB, 10 * GIB) },
    'example.com/gpu': { weight: 1, amounts: fc.constantFrom(1, 2) },
  });
}

/** A quantity as Kubernetes writes it, with its exact value as a fraction `numerator / denominator` of the unit. */
export interface QuantityText {
  readonly text: string;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Suffixes of quantities as powers of ten, and of two. */
const DECIMAL: readonly (readonly [string, number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['e3', 3],
  ['E-2', -2],
];
const BINARY: readonly (readonly [string, number])[] = [
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
];

/** Texts that the API accepts as quantities, small enough to be held exactly in thousandths, with what they mean. */
export function quantityTexts(): Arbitrary<QuantityText> {
  const digits = fc.tuple(
    fc.constantFrom('', '-', '+'),
    fc.oneof(fc.nat(4), fc.nat(999)),
    fc.option(fc.constantFrom('', '0', '5', '25', '001', '999'), { nil: undefined }),
  );
  const suffix = fc.oneof(
    fc.constantFrom(...DECIMAL).map(([text, power]) => ({ text, ...fraction(10n, power) })),
    fc.constantFrom(...BINARY).map(([text, power]) => ({ text, ...fraction(2n, power) })),
  );
  return fc.tuple(digits, suffix).map(([[sign, whole, decimals], unit]) => {
    const after = decimals ?? '';
    return {
      text: `${sign}${whole}${decimals === undefined ? '' : `.${after}`}${unit.text}`,
      numerator: (sign === '-' ? -1n : 1n) * BigInt(`${whole}${after}`) * unit.numerator,
      denominator: 10n ** BigInt(after.length) * unit.denominator,
    };
  });
}

function fraction(base: bigint, power: number): { numerator: bigint; denominator: bigint } {
  return power < 0
    ? { numerator: 1n, denominator: base ** BigInt(-power) }
    : { numerator: base ** BigInt(power), denominator: 1n };
}

/** A list that holds each resource with a weight out of ten. */
function present(resources: Readonly<Record<string, { weight: number; amounts: Arbitrary<number> }>>): Arbitrary<ResourceList> {
  const entries = Object.entries(resources).map(([name, { weight, amounts }]) =>
    fc.oneof(
      // The absent one first: values shrink towards it.
      { weight: 10 - weight, arbitrary: fc.constant([]) },
      { weight, arbitrary: amounts.map((amount) => [[name, amount] as const]) },
    ),
  );
  return fc.tuple(...entries).map((parts) => Object.fromEntries(parts.flat()));
}
