import {
  LABEL,
  type LabelRequirement,
  type LabelSelector,
  type Labels,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
} from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';

/** Zones of generated nodes and offerings. */
export const ZONES = ['zone-a', 'zone-b', 'zone-c'] as const;

/** Labels that pods carry, with their few values. */
const POD_LABELS = { app: ['web', 'db', 'batch'], tier: ['1', '2'] } as const;

/** Labels that nodes carry beside those of their type and place. `rank` has whole numbers, for Gt and Lt, and one that is none. */
const NODE_LABELS = { disk: ['ssd', 'hdd'], rank: ['1', '2', '10', 'x'] } as const;

/** Labels of a pod. */
export function podLabels(): Arbitrary<Labels> {
  return someOf(POD_LABELS);
}

/** A node's own labels, beside those of its type and place. */
export function nodeLabels(): Arbitrary<Labels> {
  return someOf(NODE_LABELS);
}

/** A selector over the labels of {@link podLabels}. */
export function labelSelectors(): Arbitrary<LabelSelector> {
  const requirement: Arbitrary<LabelRequirement> = keyAndValues(POD_LABELS).chain(([key, values]) =>
    fc.constantFrom<LabelRequirement>(
      { key, operator: 'In', values },
      { key, operator: 'NotIn', values },
      { key, operator: 'Exists' },
      { key, operator: 'DoesNotExist' },
    ),
  );
  return fc.record(
    { matchLabels: podLabels(), matchExpressions: fc.array(requirement, { maxLength: 2 }) },
    { requiredKeys: [], noNullPrototype: true },
  );
}

/** A `nodeSelector` over zones and the labels of {@link nodeLabels}. */
export function nodeSelectors(): Arbitrary<Labels> {
  return someOf({ [LABEL.zone]: ZONES, disk: NODE_LABELS.disk });
}

/** A term of node affinity over zones, capacity types and the labels of {@link nodeLabels}, valid for the API. */
export function nodeSelectorTerms(): Arbitrary<NodeSelectorTerm> {
  const keys = { ...NODE_LABELS, [LABEL.zone]: ZONES, [LABEL.capacityType]: ['on-demand', 'spot'], absent: ['x'] };
  const set: Arbitrary<NodeSelectorRequirement> = keyAndValues(keys).chain(([key, values]) =>
    fc.constantFrom<NodeSelectorRequirement>(
      { key, operator: 'In', values },
      { key, operator: 'NotIn', values },
      { key, operator: 'Exists' },
      { key, operator: 'DoesNotExist' },
    ),
  );
  const order: Arbitrary<NodeSelectorRequirement> = fc.record(
    { key: fc.constant('rank'), operator: fc.constantFrom('Gt', 'Lt'), values: fc.constantFrom(['1'], ['2']) },
    { noNullPrototype: true },
  );
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: set }, { weight: 1, arbitrary: order }), { minLength: 1, maxLength: 2 })
    .map((matchExpressions) => ({ matchExpressions }));
}

function someOf(values: Readonly<Record<string, readonly string[]>>): Arbitrary<Labels> {
  const model = Object.fromEntries(Object.entries(values).map(([key, list]) => [key, fc.constantFrom(...list)]));
  return fc.record(model, { requiredKeys: [], noNullPrototype: true }) as Arbitrary<Labels>;
}

function keyAndValues(values: Readonly<Record<string, readonly string[]>>): Arbitrary<readonly [string, readonly string[]]> {
  return fc
    .constantFrom(...Object.keys(values))
    .chain((key) =>
      fc
        .subarray([...values[key]], { minLength: 1, maxLength: Math.min(2, values[key].length) })
        .map((list) => [key, list] as const),
    );
}
