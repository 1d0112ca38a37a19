const ZERO = 48;
const POINT = 46;

/** Digits that are certainly exact in a double. */
const DIGITS_MAX = 15;

/** The whole number that the bytes spell in plain digits, or NaN: no sign, no spaces, at most fifteen digits. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > DIGITS_MAX) return Number.NaN;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Seconds with up to three decimals as whole milliseconds, or NaN. */
export function milliseconds(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start;
  for (; at < end && bytes[at] !== POINT; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (at === start || at - start > DIGITS_MAX - 3) return Number.NaN;
  if (at === end) return value * 1000;
  if (at + 1 === end) return Number.NaN;
  let decimals = 0;
  for (at += 1; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    // Zeros beyond the third decimal lose nothing.
    if (decimals === 3) {
      if (digit !== 0) return Number.NaN;
      continue;
    }
    value = value * 10 + digit;
    decimals += 1;
  }
  return value * 10 ** (3 - decimals);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const UTF8_LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes as text, or undefined where they hold control characters or are not UTF-8. */
export function text(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte > 0x7e) return byte === 0x7f ? undefined : decoded(bytes.subarray(start, end));
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) return undefined;
  }
  return ascii(bytes, start, end);
}

/** Several letters a call: `out += letter` would make a text for each letter on the way. */
function ascii(b: Uint8Array, start: number, end: number): string {
  let out = '';
  let i = start;
  for (; i + 8 <= end; i += 8) {
    out += String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7]);
  }
  if (i + 4 <= end) {
    out += String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3]);
    i += 4;
  }
  for (; i < end; i++) out += String.fromCharCode(b[i]);
  return out;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes as text, what is not UTF-8 replaced: for messages only. */
export function anyText(bytes: Uint8Array, start: number, end: number): string {
  return UTF8_LENIENT.decode(bytes.subarray(start, end));
}
