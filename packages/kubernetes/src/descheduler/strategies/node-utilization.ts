import { goSortBy } from '@plimsoll/core';
import type { DeschedulerNode, DeschedulerPod } from '../cluster.ts';
import { toleratesTaint } from '../node-fit.ts';
import type { HighNodeUtilizationArgs, LowNodeUtilizationArgs, NamespaceFilter, ResourceThresholds } from '../policy.ts';
import { sortByPriority } from './pod-order.ts';
import { inNamespaces, type StrategyContext } from './strategy.ts';

type Amounts = Record<string, number>;

/** A node with what its pods request, which changes as they are evicted. */
interface UsedNode {
  readonly node: DeschedulerNode;
  readonly pods: readonly DeschedulerPod[];
  readonly used: Amounts;
  readonly percent: ResourceThresholds;
  /** How much of it may be used. */
  readonly allowed: Amounts;
}

/**
 * Takes pods from nodes above the target thresholds, so that they find room on nodes below the thresholds.
 *
 * Source: descheduler v0.36.0, `plugins/nodeutilization/lownodeutilization.go`. Sources of metrics are not modelled: requests count.
 */
export function lowNodeUtilization(context: StrategyContext, args: LowNodeUtilizationArgs): void {
  const resources = resourcesOf(args.thresholds);
  const nodes = usedNodes(context, resources);
  const limits = args.useDeviationThresholds ? deviations(nodes, args) : { low: args.thresholds, high: args.targetThresholds };
  const [low, high]: [UsedNode[], UsedNode[]] = [[], []];
  for (const used of nodes) {
    const one = { ...used, allowed: capped(used.node, limits.high, resources) };
    const percent = args.useDeviationThresholds ? only(used.percent, args.thresholds) : used.percent;
    if (!used.node.shape.unschedulable && isBelow(percent, limits.low)) low.push(one);
    else if (isAbove(percent, limits.high)) high.push(one);
  }
  if (low.length === 0 || low.length <= args.numberOfNodes || low.length === nodes.length || high.length === 0) return;
  goSortBy(high, (a, b) => weight(a) > weight(b));
  drain(context, {
    from: high,
    to: low,
    resources,
    namespaces: args.evictableNamespaces,
    removable: context.evictable,
    goOn: ({ used, allowed }, room) => Object.keys(used).some((name) => allowed[name] < used[name]) && hasRoom(room),
    ...(args.nodeLimit !== undefined && { limit: args.nodeLimit }),
  });
}

/**
 * Empties nodes below the thresholds, so that an autoscaler can take them away.
 *
 * Source: descheduler v0.36.0, `plugins/nodeutilization/highnodeutilization.go`.
 */
export function highNodeUtilization(context: StrategyContext, args: HighNodeUtilizationArgs): void {
  const resources = resourcesOf(args.thresholds);
  const nodes = usedNodes(context, resources);
  const [low, others]: [UsedNode[], UsedNode[]] = [[], []];
  for (const used of nodes) {
    const one = { ...used, allowed: capped(used.node, {}, resources) };
    if (isBelow(used.percent, args.thresholds)) low.push(one);
    else if (!used.node.shape.unschedulable) others.push(one);
  }
  if (low.length === 0 || low.length <= args.numberOfNodes || low.length === nodes.length || others.length === 0) return;
  goSortBy(low, (a, b) => weight(a) < weight(b));
  const onlyThresholding = args.evictionModes.includes('OnlyThresholdingResources');
  drain(context, {
    from: low,
    to: others,
    resources,
    namespaces: args.evictableNamespaces,
    removable: (pod) => context.evictable(pod) && (!onlyThresholding || requestsAny(pod, args.thresholds)),
    goOn: (_, room) => hasRoom(room),
  });
}

interface Drain {
  readonly from: readonly UsedNode[];
  readonly to: readonly UsedNode[];
  readonly resources: readonly string[];
  readonly namespaces: NamespaceFilter | undefined;
  removable(pod: DeschedulerPod): boolean;
  /** Whether a node is to lose another pod, while so much room is left on the others. */
  goOn(node: UsedNode, room: Amounts): boolean;
  /** Pods to take from one node at most. */
  readonly limit?: number;
}

function drain(context: StrategyContext, { from, to, resources, namespaces, removable, goOn, limit }: Drain): void {
  const room: Amounts = {};
  for (const name of resources) {
    room[name] = 0;
    for (const { allowed, used } of to) room[name] += allowed[name] - used[name];
  }
  for (const one of from) {
    const pods = sortByPriority(one.pods.filter(removable));
    if (pods.length === 0 || !goOn(one, room)) continue;
    let taken = 0;
    for (const pod of pods) {
      if (limit !== undefined && taken >= limit) break;
      if (!to.some(({ node }) => toleratesAll(pod, node))) continue;
      if (!inNamespaces(namespaces && { exclude: namespaces.exclude ?? [] }, pod.spec.namespace) || !context.passes(pod))
        continue;
      const outcome = context.evict(pod);
      if (outcome === 'total limit') return;
      if (outcome === 'node limit') break;
      if (outcome !== 'evicted') continue;
      taken++;
      const requests = context.cluster.requests(pod);
      for (const name of resources) {
        const amount = name === 'pods' ? 1 : (requests[name] ?? 0);
        one.used[name] -= amount;
        room[name] -= amount;
      }
      if (!goOn(one, room)) break;
    }
  }
}

/** All taints, preferences too; and a pod with fewer tolerations than there are taints is not looked at closely. */
function toleratesAll(pod: DeschedulerPod, { shape }: DeschedulerNode): boolean {
  return (pod.spec.tolerations ?? []).length >= shape.taints.length && shape.taints.every((taint) => toleratesTaint(pod, taint));
}

function resourcesOf(thresholds: ResourceThresholds): string[] {
  return [...new Set(['cpu', 'memory', 'pods', ...Object.keys(thresholds)])];
}

function usedNodes({ cluster, nodes }: StrategyContext, resources: readonly string[]): Omit<UsedNode, 'allowed'>[] {
  return nodes.map((node) => {
    const pods = cluster.podsOn(node.name);
    const used: Amounts = {};
    for (const name of resources) {
      used[name] = name === 'pods' ? pods.length : 0;
      if (name !== 'pods') for (const pod of pods) used[name] += cluster.requests(pod)[name] ?? 0;
    }
    return { node, pods, used, percent: percentages(used, node) };
  });
}

function percentages(used: Amounts, { shape }: DeschedulerNode): ResourceThresholds {
  const out: Amounts = {};
  for (const name in used) {
    const capacity = shape.allocatable[name];
    if (capacity !== undefined) out[name] = capacity > 0 ? (used[name] / capacity) * 100 : 0;
  }
  return out;
}

/** How much may be used under a threshold; all where there is none. */
function capped({ shape }: DeschedulerNode, thresholds: ResourceThresholds, resources: readonly string[]): Amounts {
  const out: Amounts = {};
  for (const name of resources) {
    const capacity = shape.allocatable[name] ?? 0;
    out[name] = name in thresholds ? Math.trunc(thresholds[name] * 0.01 * capacity) : capacity;
  }
  return out;
}

/** Thresholds as distances from the mean. */
function deviations(
  nodes: readonly Omit<UsedNode, 'allowed'>[],
  { thresholds, targetThresholds }: LowNodeUtilizationArgs,
): { readonly low: ResourceThresholds; readonly high: ResourceThresholds } {
  const [low, high]: [Amounts, Amounts] = [{}, {}];
  for (const name in thresholds) {
    let [sum, count] = [0, 0];
    for (const { percent } of nodes) {
      if (!(name in percent)) continue;
      sum += percent[name];
      count++;
    }
    if (count === 0) continue;
    const mean = sum / count;
    low[name] = Math.min(Math.max(mean - thresholds[name], 0), 100);
    high[name] = Math.min(Math.max(mean + targetThresholds[name], 0), 100);
  }
  return { low, high };
}

function only(percent: ResourceThresholds, thresholds: ResourceThresholds): ResourceThresholds {
  return Object.fromEntries(Object.entries(percent).filter(([name]) => name in thresholds));
}

function isBelow(percent: ResourceThresholds, thresholds: ResourceThresholds): boolean {
  return Object.keys(thresholds).every((name) => thresholds[name] >= (percent[name] ?? 0));
}

function isAbove(percent: ResourceThresholds, thresholds: ResourceThresholds): boolean {
  return Object.keys(thresholds).some((name) => thresholds[name] < (percent[name] ?? 0));
}

function hasRoom(room: Amounts): boolean {
  return Object.values(room).every((amount) => amount > 0);
}

/** Millicores, bytes and counts in one sum, as the real sort key. */
function weight({ used }: UsedNode): number {
  let sum = 0;
  for (const name in used) sum += used[name];
  return sum;
}

function requestsAny({ spec }: DeschedulerPod, thresholds: ResourceThresholds): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].some(({ requests }) =>
    Object.keys(thresholds).some((name) => name in requests),
  );
}
