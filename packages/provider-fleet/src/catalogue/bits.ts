/** A set of rows as bits, 32 a word. All sets of one catalogue have the same number of words. */
export type Bits = Int32Array;

/** How many words a set of `rows` rows has. */
export function wordsFor(rows: number): number {
  return (rows + 31) >>> 5;
}

export function setBit(bits: Bits, row: number): void {
  bits[row >>> 5] |= 1 << (row & 31);
}

export function hasBit(bits: Bits, row: number): boolean {
  return (bits[row >>> 5] & (1 << (row & 31))) !== 0;
}

/** Keeps in `out` what `other` has too. Returns whether anything is left. */
export function keepCommon(out: Bits, other: Bits): boolean {
  let any = 0;
  for (let w = 0; w < out.length; w++) any |= out[w] &= other[w];
  return any !== 0;
}

/** Whether two sets share a row. */
export function meet(a: Bits, b: Bits): boolean {
  for (let w = 0; w < a.length; w++) if ((a[w] & b[w]) !== 0) return true;
  return false;
}

export function isEmpty(bits: Bits): boolean {
  for (let w = 0; w < bits.length; w++) if (bits[w] !== 0) return false;
  return true;
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let w = 0; w < bits.length; w++) {
    for (let word = bits[w]; word !== 0; word &= word - 1) count++;
  }
  return count;
}

/** Rows of a set, ascending. */
export function rowsOf(bits: Bits): number[] {
  const out: number[] = [];
  for (let w = 0; w < bits.length; w++) {
    for (let word = bits[w]; word !== 0; word &= word - 1) out.push((w << 5) + 31 - Math.clz32(word & -word));
  }
  return out;
}
