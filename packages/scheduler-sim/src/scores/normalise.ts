/**
 * Scales raw scores to 0..100 by the largest of them; `reverse` turns them round, so that the largest gets the least.
 *
 * Source: kube-scheduler v1.36.2, `plugins/helper/normalize_score.go`.
 */
export function normalised(raw: number, max: number, reverse: boolean): number {
  if (max === 0) return reverse ? 100 : raw;
  const score = Math.floor((100 * raw) / max);
  return reverse ? 100 - score : score;
}
