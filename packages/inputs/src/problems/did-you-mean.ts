import { didYouMean } from '@plimsoll/core';

/** The help text for a word that was not understood: the nearest candidate where there is one, else all of a short list. */
export function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const near = didYouMean(word, candidates);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  return candidates.length > 0 && candidates.length <= 8 ? `expected one of ${candidates.join(', ')}` : undefined;
}
