/**
 * Scores of a node's room for a pod, each from 0 to 100.
 *
 * All amounts are whole numbers up to 2^53 / 100, so that the divisions below, truncated, are those of 64-bit integers.
 */

/**
 * How much of a resource would be left: 100 is all, 0 nothing.
 *
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/least_allocated.go`.
 */
export function leastRequested(requested: number, capacity: number): number {
  if (capacity === 0 || requested > capacity) return 0;
  return Math.floor(((capacity - requested) * 100) / capacity);
}

/** The share of a resource in use, at most 1. */
function fraction(requested: number, capacity: number): number {
  return Math.min(requested / capacity, 1);
}

/**
 * LeastAllocated over CPU and memory, equal weights. A resource that the node does not have is left out.
 *
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/least_allocated.go` and `resource_allocation.go`.
 */
export function leastAllocated(cpu: number, cpuCapacity: number, memory: number, memoryCapacity: number): number {
  if (cpuCapacity === 0) return memoryCapacity === 0 ? 0 : leastRequested(memory, memoryCapacity);
  if (memoryCapacity === 0) return leastRequested(cpu, cpuCapacity);
  return (leastRequested(cpu, cpuCapacity) + leastRequested(memory, memoryCapacity)) >> 1;
}

/**
 * How evenly CPU and memory are used, 50 to 100: half of the distance between the two shares is lost.
 *
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/balanced_allocation.go` (balancedResourceScorer).
 */
export function balance(cpu: number, cpuCapacity: number, memory: number, memoryCapacity: number): number {
  if (cpuCapacity === 0 || memoryCapacity === 0) return 100;
  const deviation = Math.abs((fraction(cpu, cpuCapacity) - fraction(memory, memoryCapacity)) / 2);
  return Math.floor((1 - deviation) * 100);
}

/**
 * How much a pod would better the balance of a node: 50 plus half of what the balance with it has over (50 less than) the one
 * without it.
 *
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/balanced_allocation.go`.
 */
export function balanceGain(after: number, before: number): number {
  return 50 + ((50 + after - before) >> 1);
}
