import type { ResourceList } from '@plimsoll/core';
import { REASON } from '../../filters/plugins.ts';
import { leastRequested } from '../../scores/resources.ts';
import type { SchedulerConfig, ScoringStrategy, WeightedResource } from '../config.ts';
import type { NodeInfo } from '../node-info.ts';
import type { FilterPlugin, ScorePlugin } from '../plugin.ts';
import { countedForFit } from '../pod-requests.ts';

const FIT = 'NodeResourcesFit';
const NATIVE = ['cpu', 'memory', 'ephemeral-storage'];

/** Resources besides CPU, memory and ephemeral storage that a scheduler counts: extended ones, huge pages, attachable volumes. */
export function isScalar(name: string): boolean {
  return isExtended(name) || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-') || isNativePrefixed(name);
}

function isNativePrefixed(name: string): boolean {
  return name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return name.includes('/') && !isNativePrefixed(name) && !name.startsWith('requests.');
}

/** Whether the filter does not look at a resource. Only extended ones can be left out. */
export function isIgnored(name: string, { fit }: SchedulerConfig): boolean {
  return isExtended(name) && (fit.ignoredResources.includes(name) || fit.ignoredResourceGroups.includes(name.split('/')[0]));
}

/**
 * Every resource that the pod asks for must be free on the node.
 *
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/fit.go`.
 */
export const nodeResourcesFit: FilterPlugin = {
  name: FIT,
  prepare: ({ pod, config }) => {
    const { requests } = pod;
    const names = [...NATIVE, ...Object.keys(requests).filter((name) => isScalar(name) && !isIgnored(name, config))];
    return {
      is: 'ready',
      state: {
        filter: ({ node, pods, requested }) => {
          const reasons: string[] = [];
          let unresolvable = false;
          const places = node.allocatable.pods ?? 0;
          if (pods.length + 1 > places) {
            reasons.push(REASON.tooManyPods);
            if (places < 1) unresolvable = true;
          }
          for (const name of names) {
            const wanted = requests[name] ?? 0;
            const capacity = node.allocatable[name] ?? 0;
            if (wanted <= 0 || wanted <= capacity - (requested[name] ?? 0)) continue;
            reasons.push(`Insufficient ${name}`);
            if (wanted > capacity) unresolvable = true;
          }
          return reasons.length === 0 ? undefined : { code: unresolvable ? 'UU' : 'U', plugin: FIT, reasons };
        },
      },
    };
  },
};

/** What a node has of a resource and what would be in use with the pod; nothing where the score leaves it out. */
export interface Use {
  readonly capacity: number;
  readonly used: number;
  /** What of it is the pod's. */
  readonly extra: number;
  readonly weight: number;
}

function usesOf(resources: readonly WeightedResource[], node: NodeInfo, wanted: ResourceList, counted: boolean): Use[] {
  const uses: Use[] = [];
  for (const { name, weight } of resources) {
    const extra = wanted[name] ?? 0;
    const capacity = node.node.allocatable[name] ?? 0;
    if (capacity === 0 || (extra === 0 && isScalar(name))) continue;
    let used = node.requested[name] ?? 0;
    if (counted && name === 'cpu') used = node.countedCpu;
    if (counted && name === 'memory') used = node.countedMemory;
    uses.push({ capacity, used: used + extra, extra, weight });
  }
  return uses;
}

/**
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/resource_allocation.go`, `least_allocated.go`, `most_allocated.go` and
 * `requested_to_capacity_ratio.go`.
 */
export const nodeResourcesFitScore: ScorePlugin = {
  name: FIT,
  prepare: ({ pod, config }) => {
    const { strategy } = config.fit;
    const wanted = countedForFit(pod.pod.spec);
    return { score: (node) => strategyScore(strategy, usesOf(strategy.resources, node, wanted, true)) };
  },
};

export function strategyScore(strategy: ScoringStrategy, uses: readonly Use[]): number {
  switch (strategy.type) {
    case 'LeastAllocated':
      return weightedMean(uses, ({ used, capacity }) => leastRequested(used, capacity));
    case 'MostAllocated':
      return weightedMean(uses, ({ used, capacity }) => Math.trunc((Math.min(used, capacity) * 100) / capacity));
    case 'RequestedToCapacityRatio': {
      const scored = uses
        .map((use) => ({ weight: use.weight, score: shapeScore(strategy, use) }))
        .filter(({ score }) => score > 0);
      const weights = scored.reduce((sum, { weight }) => sum + weight, 0);
      if (weights === 0) return 0;
      return Math.round(scored.reduce((sum, { score, weight }) => sum + score * weight, 0) / weights);
    }
  }
}

function weightedMean(uses: readonly Use[], score: (use: Use) => number): number {
  const weights = uses.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0) return 0;
  return Math.trunc(uses.reduce((sum, use) => sum + score(use) * use.weight, 0) / weights);
}

/** The value of the broken line at a utilisation; outside of its points it goes on level. */
function shapeScore({ shape = [] }: ScoringStrategy, { used, capacity }: Use): number {
  const at = used > capacity ? 100 : Math.trunc((used * 100) / capacity);
  for (let i = 0; i < shape.length; i++) {
    const to = shape[i];
    if (at > to.utilization) continue;
    if (i === 0) return to.score * 10;
    const from = shape[i - 1];
    const rise = (to.score - from.score) * 10 * (at - from.utilization);
    return from.score * 10 + Math.trunc(rise / (to.utilization - from.utilization));
  }
  return (shape.at(-1)?.score ?? 0) * 10;
}

/**
 * How much the pod would better the balance between a node's resources.
 *
 * Source: kube-scheduler v1.36.2, `plugins/noderesources/balanced_allocation.go`.
 */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  prepare: ({ pod, config }) => {
    const resources = config.balancedResources;
    if (resources.every(({ name }) => (pod.requests[name] ?? 0) === 0)) return undefined;
    return {
      score: (node) => {
        const uses = usesOf(resources, node, pod.requests, false);
        const before = uses.map((use) => ({ ...use, used: use.used - use.extra }));
        return 50 + Math.trunc((50 + balanceOf(uses) - balanceOf(before)) / 2);
      },
    };
  },
};

export function balanceOf(uses: readonly Use[]): number {
  const shares = uses.map(({ used, capacity }) => Math.min(1, used / capacity));
  return Math.trunc((1 - deviation(shares)) * 100);
}

function deviation(shares: readonly number[]): number {
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs((shares[0] - shares[1]) / 2);
  let total = 0;
  for (const share of shares) total += share;
  const mean = total / shares.length;
  let sum = 0;
  for (const share of shares) sum += (share - mean) * (share - mean);
  return Math.sqrt(sum / shares.length);
}
