import { goSortBy } from '../provisioning/go-sort.ts';

/** Types by price, cheapest first; the order of equal prices is that of the real program's sort. */
export function byPrice(types: readonly number[], prices: ArrayLike<number>): number[] {
  return goSortBy([...types], (a, b) => prices[a] < prices[b]);
}
