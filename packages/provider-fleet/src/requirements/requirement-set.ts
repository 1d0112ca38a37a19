import { compareText, type Labels } from '@plimsoll/core';
import { allowsAbsence, hasIntersection, intersect, type Operator, type Requirement, requirement } from './requirement.ts';
import { normalised } from './well-known.ts';

/** Requirements by key. Immutable: every operation gives a new set. */
export type RequirementSet = ReadonlyMap<string, Requirement>;

/** A requirement as manifests write it. */
export interface RequirementSpec {
  readonly key: string;
  readonly operator: Operator;
  readonly values?: readonly string[];
  readonly minValues?: number;
}

/** No requirements: everything is allowed. */
const EMPTY_SET: RequirementSet = new Map();

/** The set of a list of requirements; several on one key must all hold. Beta keys become stable ones. */
export function requirementSet(specs: readonly RequirementSpec[]): RequirementSet {
  return withAll(
    EMPTY_SET,
    specs.map(({ key, operator, values, minValues }) => requirement(normalised(key), operator, values, minValues)),
  );
}

/** The set that labels stand for: each key In its one value. */
export function labelSet(labels: Labels): RequirementSet {
  return requirementSet(Object.keys(labels).map((key) => ({ key, operator: 'In', values: [labels[key]] })));
}

/** A set with more requirements; one on a key that is there already is intersected with it. */
export function withAll(set: RequirementSet, added: Iterable<Requirement>): RequirementSet {
  const out = new Map(set);
  for (const next of added) {
    const known = out.get(next.key);
    out.set(next.key, known === undefined ? next : intersect(known, next));
  }
  return out;
}

/** The first key on which two sets cannot meet, or undefined. Keys that only one of them has do not matter. */
export function conflict(a: RequirementSet, b: RequirementSet): string | undefined {
  for (const [key, incoming] of b) {
    const existing = a.get(key);
    if (existing === undefined || hasIntersection(existing, incoming)) continue;
    if (allowsAbsence(existing) && allowsAbsence(incoming)) continue;
    return key;
  }
  return undefined;
}

/**
 * The first key of `b` that `a` cannot serve, or undefined: a key that `a` does not define is refused, unless its absence
 * satisfies `b` or it is among `allowUndefined`.
 *
 * Source: Karpenter 1.14.1, `pkg/scheduling/requirements.go` (Compatible).
 */
export function incompatibility(a: RequirementSet, b: RequirementSet, allowUndefined: ReadonlySet<string>): string | undefined {
  for (const [key, incoming] of b) {
    if (!a.has(key) && !allowUndefined.has(key) && !allowsAbsence(incoming)) return key;
  }
  return conflict(a, b);
}

/** One line that equal sets share. */
export function setText(set: RequirementSet): string {
  return [...set.values()]
    .sort((x, y) => compareText(x.key, y.key))
    .map(requirementText)
    .join('\n');
}

/** One line that equal requirements share. */
export function requirementText(r: Requirement): string {
  return JSON.stringify([r.key, r.complement, r.values, r.lower ?? null, r.upper ?? null, r.minValues ?? null]);
}
