import type { Labels } from './labels.ts';
import { LABEL } from './well-known.ts';

/** One requirement of a node selector term. */
export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[];
}

/** A term: all expressions and all fields must hold. A term with neither matches nothing. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

/** A term with a weight of 1 to 100. */
export interface PreferredNodeTerm {
  readonly weight: number;
  readonly preference: NodeSelectorTerm;
}

/** Node affinity: `required` terms are alternatives (any of them), `preferred` ones add to the score. */
export interface NodeAffinity {
  readonly required?: readonly NodeSelectorTerm[];
  readonly preferred?: readonly PreferredNodeTerm[];
}

/**
 * Whether one requirement holds for a value that may be absent. `Gt` and `Lt` compare whole numbers and fail on anything else.
 *
 * Source: Kubernetes v1.36, `apimachinery/pkg/labels/selector.go` and `component-helpers/scheduling/corev1/nodeaffinity`.
 */
export function requirementHolds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      if (value === undefined || values.length !== 1) return false;
      const [left, right] = [wholeNumber(value), wholeNumber(values[0])];
      if (left === undefined || right === undefined) return false;
      return operator === 'Gt' ? left > right : left < right;
    }
  }
}

function wholeNumber(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Whether a term holds on a node, given its labels (without hostname) and its name. */
export function termHolds(term: NodeSelectorTerm, labels: Labels, nodeName: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((r) => requirementHolds(r, r.key === LABEL.hostname ? nodeName : labels[r.key])) &&
    fields.every((r) => requirementHolds(r, r.key === 'metadata.name' ? nodeName : undefined))
  );
}
