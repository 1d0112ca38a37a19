import { compareText } from '../model/labels.ts';

/**
 * The candidate that was probably meant, or undefined where none is close: at most one slip (a letter wrong, missing, extra, or swapped
 * with its neighbour) for each three letters. Difference in case alone always counts as close. Ties go to the first in text order.
 *
 * @param limit how many slips are close
 */
export function didYouMean(
  word: string,
  candidates: Iterable<string>,
  limit = Math.max(1, Math.floor(word.length / 3)),
): string | undefined {
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of [...candidates].sort(compareText)) {
    if (candidate === word) continue;
    const [a, b] = [word.toLowerCase(), candidate.toLowerCase()];
    const distance = Math.abs(a.length - b.length) > limit ? limit + 1 : slips(a, b);
    if (distance < bestDistance && distance < Math.max(candidate.length, 1)) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Damerau-Levenshtein distance with each pair of neighbours swapped at most once (optimal string alignment). */
export function slips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
