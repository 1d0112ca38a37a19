import { exp, ln } from './portable-math.ts';

/**
 * How long something takes or how large it is, as data. Times in milliseconds where nothing else is said.
 *
 * - `constant`: always `value`
 * - `uniform`: from `min` to `max`
 * - `lognormal`: by its median and its 99th percentile, cut off at `max` where given
 * - `exponential`: by its mean
 */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'lognormal'; readonly median: number; readonly p99: number; readonly max?: number }
  | { readonly kind: 'exponential'; readonly mean: number };

/** The standard normal quantile of 0.99. */
const Z99 = 2.3263478740408408;

/** The value of a distribution at a uniform number in [0, 1): the same number always gives the same value. */
export function quantile(distribution: Distribution, u: number): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return distribution.min + (distribution.max - distribution.min) * u;
    case 'lognormal': {
      const sigma = ln(distribution.p99 / distribution.median) / Z99;
      const value = distribution.median * exp(sigma * normalQuantile(u));
      return distribution.max === undefined ? value : Math.min(value, distribution.max);
    }
    case 'exponential':
      return -distribution.mean * ln(1 - u);
  }
}

/** The same rounded to whole milliseconds, never below zero. */
export function quantileMs(distribution: Distribution, u: number): number {
  return Math.max(0, Math.round(quantile(distribution, u)));
}

/**
 * The standard normal quantile, by the rational approximations of P. J. Acklam (relative error below 1.2e-9), computed with
 * portable arithmetic. `u` is held inside [2^-33, 1 − 2^-33].
 */
export function normalQuantile(u: number): number {
  const p = Math.min(Math.max(u, 2 ** -33), 1 - 2 ** -33);
  if (p < 0.02425) return tail(Math.sqrt(-2 * ln(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * ln(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  const above =
    ((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r -
      3.066479806614716e1) *
      r +
    2.506628277459239;
  const below =
    ((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r -
      1.328068155288572e1) *
      r +
    1;
  return (q * above) / below;
}

function tail(q: number): number {
  const above =
    ((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below = (((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
  return above / below;
}
