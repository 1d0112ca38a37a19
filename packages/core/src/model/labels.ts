/** Labels or annotations of an object. */
export type Labels = Readonly<Record<string, string>>;

/** One requirement of a label selector (`matchExpressions`). */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** A label selector. `{}` matches everything; an absent selector (`undefined`) matches nothing. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelRequirement[];
}

/** Compares two texts by UTF-16 code units: the same order on every machine and in every engine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Whether labels satisfy a selector. `NotIn` and `DoesNotExist` hold where the key is absent.
 *
 * Source: Kubernetes v1.36, `apimachinery/pkg/labels/selector.go`.
 */
export function matchesSelector(labels: Labels, selector: LabelSelector | undefined): boolean {
  if (selector === undefined) return false;
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false;
  for (const requirement of selector.matchExpressions ?? []) if (!matchesRequirement(labels, requirement)) return false;
  return true;
}

function matchesRequirement(labels: Labels, { key, operator, values = [] }: LabelRequirement): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** A copy with keys in text order, so that equal labels give equal JSON. */
export function sortedRecord<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const out: Record<string, T> = {};
  for (const key of Object.keys(record).sort(compareText)) out[key] = record[key];
  return out;
}
