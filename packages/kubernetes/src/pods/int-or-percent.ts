/** A count, or a percentage such as `25%`. */
export type IntOrPercent = number | string;

/**
 * A count of a total: a percentage is rounded `up` or down.
 *
 * Source: Kubernetes v1.36, `apimachinery/pkg/util/intstr` (GetScaledValueFromIntOrPercent).
 * @throws Error when a text is no percentage
 */
export function scaledCount(value: IntOrPercent, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const match = /^(-?\d+)%$/.exec(value);
  if (match === null) throw new Error(`expected a count or a percentage such as "25%", got ${JSON.stringify(value)}`);
  const hundredths = Number(match[1]) * total;
  return rounding === 'up' ? Math.ceil(hundredths / 100) : Math.floor(hundredths / 100);
}
