/**
 * How long a machine must still be without pods that come or go before it may be consolidated; 0 when it may. Milliseconds.
 *
 * @param since when its pods last changed, or else when it was initialized
 *
 * Source: Karpenter 1.14.1, `pkg/utils/disruption/disruption.go` (IsUnderConsolidateAfter).
 */
export function restOfWindow(consolidateAfter: number, since: number, now: number): number {
  // Without a window even an event that is still to come does not close it.
  return consolidateAfter === 0 ? 0 : Math.max(0, since + consolidateAfter - now);
}
