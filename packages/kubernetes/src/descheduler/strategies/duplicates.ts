import { compareText } from '@plimsoll/core';
import type { DeschedulerPod } from '../cluster.ts';
import { selectsNode, toleratesTaint } from '../node-fit.ts';
import type { RemoveDuplicatesArgs } from '../policy.ts';
import { inNamespaces, type StrategyContext } from './strategy.ts';

interface OwnedPods {
  /** Pods of the owner anywhere. */
  count: number;
  /** By node, the pods beyond the first one there. */
  readonly duplicates: Map<string, DeschedulerPod[]>;
}

/**
 * Evicts pods of one owner that crowd on a node, down to the mean over the nodes they could run on.
 *
 * Source: descheduler v0.36.0, `plugins/removeduplicates`. The real one takes owners and nodes in the order of maps; here they go in the
 * order they are met, unless the cycle is told another.
 */
export function removeDuplicates(context: StrategyContext, args: RemoveDuplicatesArgs): void {
  const { cluster, nodes } = context;
  const byOwner = new Map<string, OwnedPods>();
  for (const node of nodes) {
    const seen = new Set<string>();
    const pods = cluster
      .podsOn(node.name)
      .filter((pod) => inNamespaces(args.namespaces, pod.spec.namespace) && context.evictable(pod) && context.passes(pod));
    for (const pod of pods) {
      if (pod.owners.length === 0 || pod.owners.some(({ kind }) => args.excludeOwnerKinds.includes(kind))) continue;
      const images = pod.spec.containers.map(({ image = '' }) => image).sort(compareText);
      const keys = pod.owners.map(({ kind, name }) => JSON.stringify([pod.spec.namespace, kind, name, images]));
      const same = JSON.stringify([...keys].sort(compareText));
      for (const key of keys) {
        let owned = byOwner.get(key);
        if (owned === undefined) byOwner.set(key, (owned = { count: 0, duplicates: new Map() }));
        owned.count++;
        if (seen.has(same)) owned.duplicates.set(node.name, [...(owned.duplicates.get(node.name) ?? []), pod]);
      }
      seen.add(same);
    }
  }
  const owners = context.order([...byOwner.values()], ({ duplicates }) => [...duplicates.values()].flat());
  for (const { count, duplicates } of owners) {
    const targets = targetNodes([...duplicates.values()].flat(), context);
    if (targets < 2) continue;
    const most = Math.ceil(count / targets);
    for (const pods of context.order([...duplicates.values()], (pods) => pods)) {
      for (const pod of pods.slice(most - 1)) {
        const outcome = context.evict(pod);
        if (outcome === 'total limit') return;
        if (outcome === 'node limit') break;
      }
    }
  }
}

/** On how many nodes some of the pods could run, going by taints and node affinity. A pod with only one node to go to adds none. */
function targetNodes(pods: readonly DeschedulerPod[], { nodes }: StrategyContext): number {
  const targets = new Set<string>();
  for (const pod of pods) {
    const fitting = nodes.filter(
      (node) =>
        selectsNode(pod, node) &&
        node.shape.taints.every((taint) => taint.effect === 'PreferNoSchedule' || toleratesTaint(pod, taint)),
    );
    if (fitting.length > 1) for (const { name } of fitting) targets.add(name);
  }
  return targets.size;
}
