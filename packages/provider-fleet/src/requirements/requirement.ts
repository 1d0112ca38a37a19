import { compareText } from '@plimsoll/core';

/** Operators of a NodePool requirement. A pod's node affinity has the first four, Gt and Lt. */
export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Gte', 'Lte'] as const;
export type Operator = (typeof OPERATORS)[number];

/**
 * What one label key may be: a set of values, or everything but a set, within whole-number bounds.
 *
 * Source: Karpenter 1.14.1, `pkg/scheduling/requirement.go`.
 */
export interface Requirement {
  readonly key: string;
  /** Whether `values` are those that are forbidden. */
  readonly complement: boolean;
  /** In text order, each once. */
  readonly values: readonly string[];
  /** Smallest whole number allowed; only with `complement`. */
  readonly lower: number | undefined;
  /** Largest whole number allowed; only with `complement`. */
  readonly upper: number | undefined;
  /** How many distinct values the surviving instance types must have between them. */
  readonly minValues: number | undefined;
}

/** A requirement from an operator and its values. `Gt 5` is the bound 6, `Lt 5` the bound 4. */
export function requirement(
  key: string,
  operator: Operator,
  values: readonly string[] = [],
  minValues: number | undefined = undefined,
): Requirement {
  const make = (complement: boolean, kept: readonly string[], lower?: number, upper?: number): Requirement => ({
    key,
    complement,
    values: [...new Set(kept)].sort(compareText),
    lower,
    upper,
    minValues,
  });
  const bound = Number(values[0]);
  switch (operator) {
    case 'In':
      return make(false, values);
    case 'NotIn':
      return make(true, values);
    case 'Exists':
      return make(true, []);
    case 'DoesNotExist':
      return make(false, []);
    case 'Gt':
      return make(true, [], bound + 1);
    case 'Gte':
      return make(true, [], bound);
    case 'Lt':
      return make(true, [], undefined, bound - 1);
    case 'Lte':
      return make(true, [], undefined, bound);
  }
}

/** What both allow. Bounds that exclude everything give DoesNotExist; a finite result has no bounds. */
export function intersect(a: Requirement, b: Requirement): Requirement {
  const lower = largest(a.lower, b.lower);
  const upper = smallest(a.upper, b.upper);
  const minValues = largest(a.minValues, b.minValues);
  if (lower !== undefined && upper !== undefined && lower > upper) {
    return { key: a.key, complement: false, values: [], lower: undefined, upper: undefined, minValues };
  }
  const complement = a.complement && b.complement;
  let values: readonly string[];
  if (complement) values = [...new Set([...a.values, ...b.values])].sort(compareText);
  else if (a.complement) values = b.values.filter((value) => !a.values.includes(value));
  else if (b.complement) values = a.values.filter((value) => !b.values.includes(value));
  else values = a.values.filter((value) => b.values.includes(value));
  if (lower !== undefined || upper !== undefined) values = values.filter((value) => within(value, lower, upper));
  return {
    key: a.key,
    complement,
    values,
    lower: complement ? lower : undefined,
    upper: complement ? upper : undefined,
    minValues,
  };
}

/** Whether some value is allowed by both. Two open requirements always meet unless their bounds exclude each other. */
export function hasIntersection(a: Requirement, b: Requirement): boolean {
  const lower = largest(a.lower, b.lower);
  const upper = smallest(a.upper, b.upper);
  if (lower !== undefined && upper !== undefined && lower > upper) return false;
  if (a.complement && b.complement) return true;
  const [finite, other] = a.complement ? [b, a] : [a, b];
  return finite.values.some((value) => other.values.includes(value) !== other.complement && within(value, lower, upper));
}

/** Whether a value is allowed. */
export function allows(r: Requirement, value: string): boolean {
  return r.values.includes(value) !== r.complement && within(value, r.lower, r.upper);
}

/** The operator that a result prints as: bounds do not show. */
export function operatorOf(r: Requirement): 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' {
  if (r.complement) return r.values.length > 0 ? 'NotIn' : 'Exists';
  return r.values.length > 0 ? 'In' : 'DoesNotExist';
}

/** Whether an absent label satisfies it. */
export function allowsAbsence(r: Requirement): boolean {
  const operator = operatorOf(r);
  return operator === 'NotIn' || operator === 'DoesNotExist';
}

function within(value: string, lower: number | undefined, upper: number | undefined): boolean {
  if (lower === undefined && upper === undefined) return true;
  if (!/^[+-]?\d{1,19}$/.test(value)) return false;
  const number = Number(value);
  return (lower === undefined || number >= lower) && (upper === undefined || number <= upper);
}

function largest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}

function smallest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
