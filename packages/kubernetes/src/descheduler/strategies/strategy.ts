import { matchesSelector } from '@plimsoll/core';
import type { DeschedulerCluster, DeschedulerNode, DeschedulerPod } from '../cluster.ts';
import type { EvictionOutcome } from '../evictor.ts';
import type { CommonArgs, NamespaceFilter } from '../policy.ts';

/** What a strategy works with during one cycle. */
export interface StrategyContext {
  readonly cluster: DeschedulerCluster;
  /** Ready nodes, by name. */
  readonly nodes: readonly DeschedulerNode[];
  /** Whether the pod may be evicted at all. */
  evictable(pod: DeschedulerPod): boolean;
  /** The last look before an eviction. */
  passes(pod: DeschedulerPod): boolean;
  evict(pod: DeschedulerPod): EvictionOutcome;
  readonly order: MapOrder;
}

/** The order in which things are dealt with that the real program keeps in a map, where any order may come. */
export type MapOrder = <T>(items: readonly T[], podsOf: (item: T) => readonly DeschedulerPod[]) => readonly T[];

/** Whether a strategy's namespaces and labels take a pod in. */
export function concerns({ namespaces, labelSelector }: CommonArgs, { spec }: DeschedulerPod): boolean {
  return inNamespaces(namespaces, spec.namespace) && (labelSelector === undefined || matchesSelector(spec.labels, labelSelector));
}

export function inNamespaces(filter: NamespaceFilter | undefined, namespace: string): boolean {
  if (filter?.include?.length && !filter.include.includes(namespace)) return false;
  return !filter?.exclude?.includes(namespace);
}

/** Evicts a node's pods in order, until a limit: false once the cycle's limit is reached. */
export function evictInOrder(pods: readonly DeschedulerPod[], { evict }: StrategyContext): boolean {
  for (const pod of pods) {
    const outcome = evict(pod);
    if (outcome === 'total limit') return false;
    if (outcome === 'node limit') return true;
  }
  return true;
}
