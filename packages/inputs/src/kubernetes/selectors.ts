import type { LabelRequirement, LabelSelector, Labels, NodeSelectorRequirement, NodeSelectorTerm } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { allModelled, checkFields } from './known-fields.ts';

const SELECTOR = allModelled('matchExpressions matchLabels');
const REQUIREMENT = allModelled('key operator values');
const TERM = allModelled('matchExpressions matchFields');

const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
/** The API server refuses these in a pod; Karpenter's own requirements have them, and its solver takes them from pods as well. */
const KARPENTER_OPERATORS = ['Gte', 'Lte'] as unknown as typeof NODE_OPERATORS;

/** A label selector; undefined where it is absent, which matches nothing. */
export function readLabelSelector(field: Field): LabelSelector | undefined {
  if (!field.present) return undefined;
  checkFields(field, SELECTOR, 'labelSelector');
  const expressions = field
    .at('matchExpressions')
    .items()
    .flatMap((item) => readRequirement(item, ['In', 'NotIn', 'Exists', 'DoesNotExist']) ?? []) as LabelRequirement[];
  const labels = field.at('matchLabels');
  return {
    ...(labels.present && { matchLabels: labels.labels() }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  };
}

/** A term of a node selector. */
export function readNodeSelectorTerm(field: Field): NodeSelectorTerm {
  checkFields(field, TERM, 'nodeSelectorTerm');
  const operators = field.context.unchecked ? [...NODE_OPERATORS, ...KARPENTER_OPERATORS] : NODE_OPERATORS;
  const read = (key: string): NodeSelectorRequirement[] =>
    field
      .at(key)
      .items()
      .flatMap((item) => readRequirement(item, operators) ?? []);
  const [matchExpressions, matchFields] = [read('matchExpressions'), read('matchFields')];
  return {
    ...(matchExpressions.length > 0 && { matchExpressions }),
    ...(matchFields.length > 0 && { matchFields }),
  };
}

function readRequirement(
  field: Field,
  operators: readonly NodeSelectorRequirement['operator'][],
): NodeSelectorRequirement | undefined {
  checkFields(field, REQUIREMENT, 'matchExpressions[]');
  const key = field.at('key').requiredKey();
  if (!field.at('operator').present) field.at('operator').missing();
  const operator = field.at('operator').oneOf(operators);
  if (operator === undefined) return undefined;
  const values = field.at('values').texts();
  const wantsNone = operator === 'Exists' || operator === 'DoesNotExist';
  if (wantsNone && values.length > 0) {
    field.at('values').problem('E0122', `${operator} takes no values`, { help: 'leave the values out' });
  } else if (!wantsNone && values.length === 0) {
    field.problem('E0122', `${operator} needs values`, { help: 'the API server refuses an empty list' });
  } else if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1) {
    field.at('values').problem('E0122', `${operator} takes exactly one value`);
  }
  return { key, operator, ...(values.length > 0 && { values }) };
}

/**
 * A selector with `matchLabelKeys` and `mismatchLabelKeys` written into it from the pod's own labels, as the API server does when it
 * stores a pod. Keys that the pod does not carry are left out.
 *
 * Source: Kubernetes v1.36, `pkg/registry/core/pod/strategy.go`.
 */
export function withLabelKeys(
  selector: LabelSelector | undefined,
  labels: Labels,
  match: readonly string[],
  mismatch: readonly string[],
): LabelSelector | undefined {
  if (selector === undefined) return undefined;
  const requirement = (operator: 'In' | 'NotIn') => (key: string) =>
    Object.hasOwn(labels, key) ? [{ key, operator, values: [labels[key]] }] : [];
  const added = [...match.flatMap(requirement('In')), ...mismatch.flatMap(requirement('NotIn'))];
  return added.length === 0 ? selector : { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}
