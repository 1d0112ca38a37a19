import { compareText, OptionsError } from '@plimsoll/core';

/** The error for a name that is not known, with the nearest one that is. */
export function unknownName(
  path: readonly (string | number)[],
  what: string,
  got: string,
  known: Iterable<string>,
): OptionsError {
  const nearest = nearestName(got, known);
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return new OptionsError(path, `unknown ${what} "${got}"${hint}`, nearest);
}

/** The known name nearest to a wrong one, by edits of one character; undefined where more than a third of it would have to change. */
function nearestName(wrong: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.floor(wrong.length / 3) + 1;
  for (const name of [...known].sort(compareText)) {
    const edits = distance(wrong, name, fewest);
    if (edits < fewest) {
      fewest = edits;
      best = name;
    }
  }
  return best;
}

/** Edits from one text to another, or any number from `limit` on where there are at least that many. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + change));
    }
    above = row;
  }
  return above[b.length];
}
