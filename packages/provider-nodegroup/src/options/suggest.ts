import { didYouMean } from '@plimsoll/core';

/** The known word nearest to a wrong one. Flags and fields here are unlike enough for two slips in a short word to be close. */
export function suggest(wrong: string, known: Iterable<string>): string | undefined {
  return didYouMean(wrong, known, Math.max(2, Math.floor(wrong.length / 3)));
}
