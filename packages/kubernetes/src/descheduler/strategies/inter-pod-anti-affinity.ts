import type { DeschedulerNode, DeschedulerPod } from '../cluster.ts';
import { labelOf, termMatches } from '../node-fit.ts';
import type { CommonArgs } from '../policy.ts';
import { sortByPriority } from './pod-order.ts';
import { concerns, type StrategyContext } from './strategy.ts';

/** Evicts pods whose required anti-affinity others break. Source: descheduler v0.36.0, `plugins/removepodsviolatinginterpodantiaffinity`. */
export function removePodsViolatingInterPodAntiAffinity(context: StrategyContext, args: CommonArgs): void {
  const { cluster, nodes } = context;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const onNode = new Map(nodes.map(({ name }) => [name, cluster.podsOn(name).filter((pod) => concerns(args, pod))]));
  // Pods that are still to stay; one that goes hurts nobody any more.
  const staying = new Set([...onNode.values()].flat());
  for (const node of nodes) {
    for (const pod of sortByPriority(onNode.get(node.name) as DeschedulerPod[])) {
      if (!isHurt(pod, node, staying, byName) || !context.evictable(pod) || !context.passes(pod)) continue;
      const outcome = context.evict(pod);
      if (outcome === 'total limit') return;
      if (outcome === 'node limit') break;
      if (outcome === 'evicted') staying.delete(pod);
    }
  }
}

function isHurt(
  pod: DeschedulerPod,
  node: DeschedulerNode,
  staying: ReadonlySet<DeschedulerPod>,
  byName: ReadonlyMap<string, DeschedulerNode>,
): boolean {
  for (const term of pod.spec.podAntiAffinity?.required ?? []) {
    for (const other of staying) {
      if (!termMatches(term, pod, other)) continue;
      const there = byName.get(other.nodeName);
      if (there !== undefined && sameDomain(node, there, term.topologyKey)) return true;
    }
  }
  return false;
}

function sameDomain(a: DeschedulerNode, b: DeschedulerNode, key: string): boolean {
  if (a.name === b.name) return true;
  const value = labelOf(a.name, a.shape.labels, key);
  return value !== undefined && value === labelOf(b.name, b.shape.labels, key);
}
