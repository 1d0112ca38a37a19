/**
 * Logarithm and exponential from + − × ÷ alone, so that every JavaScript engine computes the same bits.
 *
 * The engines' own `Math.log` and `Math.exp` differ in their last bits (Node 20 against Chromium: hundreds of 20,000 points),
 * and one such bit can turn a tie and with it a whole run. Both functions here reduce the argument exactly and sum a series
 * in a fixed order; they agree with the true values within a few units in the last place.
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LN2 = LN2_HIGH + LN2_LOW;
const SQRT_HALF = Math.SQRT1_2;

/** Natural logarithm of a positive number. `ln(0)` is −Infinity; a negative argument or NaN gives NaN. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  if (x === Infinity) return Infinity;
  let mantissa = x;
  let exponent = 0;
  // Powers of two are exact, so the reduction loses nothing.
  while (mantissa >= 2 ** 32) {
    mantissa /= 2 ** 32;
    exponent += 32;
  }
  while (mantissa < 2 ** -32) {
    mantissa *= 2 ** 32;
    exponent -= 32;
  }
  while (mantissa >= 2 * SQRT_HALF) {
    mantissa /= 2;
    exponent += 1;
  }
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent -= 1;
  }
  // ln(m) = 2 artanh(s) with s = (m − 1)/(m + 1), |s| ≤ 0.172: eleven odd powers reach double precision.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let power = 23; power >= 3; power -= 2) sum = (sum + 1 / power) * square;
  return exponent * LN2_HIGH + (2 * s * sum + exponent * LN2_LOW + 2 * s);
}

/** e to the power x. Overflows to Infinity above 709.78, underflows to 0 below −745.13. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x / LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // |r| ≤ 0.347: sixteen terms of the series reach double precision.
  let sum = 1;
  for (let n = 16; n >= 1; n--) sum = 1 + (r * sum) / n;
  // Beyond the exponents of ordinary doubles, the last factor is multiplied apart.
  if (k > 1023) return sum * powerOfTwo(1023) * 2;
  return k >= -1021 ? sum * powerOfTwo(k) : sum * powerOfTwo(k + 64) * 2 ** -64;
}

function powerOfTwo(k: number): number {
  let result = 1;
  let factor = k < 0 ? 0.5 : 2;
  for (let n = Math.abs(k); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= factor;
    factor *= factor;
  }
  return result;
}
