/**
 * How many units of a mixed group's size are to be on-demand: a base, and of what is above it a percentage, rounded up. The rest is spot.
 *
 * Base 10 and 50 %: 10 of 10, 15 of 20, 20 of 30, 25 of 40. Source: Amazon EC2 Auto Scaling User Guide, "Auto Scaling groups with
 * multiple instance types and purchase options".
 */
export function onDemandTarget(size: number, base: number, percentage: number): number {
  const first = Math.min(size, base);
  return first + Math.ceil((percentage * (size - first)) / 100);
}
