import type { DeschedulerNode, DeschedulerPod } from '../cluster.ts';
import { nodeFits, preferredWeight, selectsNode } from '../node-fit.ts';
import type { NodeAffinityArgs } from '../policy.ts';
import { concerns, evictInOrder, type StrategyContext } from './strategy.ts';

/** Evicts pods whose node no longer is what their node affinity asks for, or prefers. Source: descheduler v0.36.0, `plugins/removepodsviolatingnodeaffinity`. */
export function removePodsViolatingNodeAffinity(context: StrategyContext, args: NodeAffinityArgs): void {
  const { cluster, nodes } = context;
  for (const type of args.nodeAffinityType) {
    for (const node of nodes) {
      const pods = cluster
        .podsOn(node.name)
        .filter(
          (pod) =>
            concerns(args, pod) &&
            context.evictable(pod) &&
            context.passes(pod) &&
            isMisplaced(pod, node, nodes, type) &&
            nodes.some((other) => nodeFits(pod, other, cluster)),
        );
      // The real loop goes on with the next type.
      if (!evictInOrder(pods, context)) break;
    }
  }
}

function isMisplaced(pod: DeschedulerPod, node: DeschedulerNode, nodes: readonly DeschedulerNode[], type: string): boolean {
  const { nodeAffinity } = pod.spec;
  if (type === 'requiredDuringSchedulingIgnoredDuringExecution')
    return nodeAffinity?.required !== undefined && !selectsNode(pod, node);
  if (type !== 'preferredDuringSchedulingIgnoredDuringExecution' || !nodeAffinity?.preferred?.length) return false;
  const weight = preferredWeight(pod, node);
  return nodes.some((other) => preferredWeight(pod, other) > weight);
}
