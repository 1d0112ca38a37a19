import { normalised } from '../../scores/normalise.ts';

/** Brings scores to 0..100 by the largest of them, in place. */
export function normaliseByLargest(scores: number[], reverse: boolean): void {
  const largest = scores.reduce((most, score) => Math.max(most, score), 0);
  for (let i = 0; i < scores.length; i++) scores[i] = normalised(scores[i], largest, reverse);
}
