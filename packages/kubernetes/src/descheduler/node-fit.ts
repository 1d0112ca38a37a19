import { LABEL, type Labels, matchesSelector, type PodAffinityTerm, termHolds, tolerates } from '@plimsoll/core';
import type { DeschedulerCluster, DeschedulerNode, DeschedulerPod } from './cluster.ts';

/**
 * Whether the pod would fit on a node, as the descheduler understands it: far less than kube-scheduler looks at.
 *
 * Source: descheduler v0.36.0, `pkg/descheduler/node/node.go` (NodeFit).
 */
export function nodeFits(pod: DeschedulerPod, node: DeschedulerNode, cluster: DeschedulerCluster): boolean {
  return (
    !node.shape.unschedulable &&
    selectsNode(pod, node) &&
    node.shape.taints.every(({ effect, ...rest }) => effect === 'PreferNoSchedule' || toleratesTaint(pod, { effect, ...rest })) &&
    !meetsForeignPods(pod, node, cluster) &&
    (pod.nodeName === node.name || hasRoom(pod, node, cluster))
  );
}

/** Whether the pod fits on one of these nodes that is not its own. */
export function fitsElsewhere(pod: DeschedulerPod, nodes: readonly DeschedulerNode[], cluster: DeschedulerCluster): boolean {
  return nodes.some((node) => node.name !== pod.nodeName && nodeFits(pod, node, cluster));
}

/** Node selector and required node affinity. */
export function selectsNode({ spec }: DeschedulerPod, { name, shape }: DeschedulerNode): boolean {
  const { nodeSelector = {}, nodeAffinity } = spec;
  for (const key in nodeSelector) if (labelOf(name, shape.labels, key) !== nodeSelector[key]) return false;
  return nodeAffinity?.required === undefined || nodeAffinity.required.some((term) => termHolds(term, shape.labels, name));
}

/** The sum of the weights of the preferred terms that hold. */
export function preferredWeight({ spec }: DeschedulerPod, { name, shape }: DeschedulerNode): number {
  let sum = 0;
  for (const { weight, preference } of spec.nodeAffinity?.preferred ?? [])
    if (termHolds(preference, shape.labels, name)) sum += weight;
  return sum;
}

export function toleratesTaint({ spec }: DeschedulerPod, taint: DeschedulerNode['shape']['taints'][number]): boolean {
  return (spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint));
}

/** A node's label; its name stands for the host name. */
export function labelOf(node: string, labels: Labels, key: string): string | undefined {
  return key === LABEL.hostname ? node : labels[key];
}

/** Whether a pod other than the candidate is one that the candidate's term is about. */
export function termMatches(term: PodAffinityTerm, candidate: DeschedulerPod, other: DeschedulerPod): boolean {
  // By name alone, whatever the namespace, as in the real program.
  if (other.name === candidate.name) return false;
  const namespaces = term.namespaces?.length ? term.namespaces : [candidate.spec.namespace];
  return namespaces.includes(other.spec.namespace) && matchesSelector(other.spec.labels, term.labelSelector);
}

function meetsForeignPods(pod: DeschedulerPod, { name, shape }: DeschedulerNode, cluster: DeschedulerCluster): boolean {
  const terms = pod.spec.podAntiAffinity?.required ?? [];
  if (terms.length === 0) return false;
  const others = cluster.podsOn(name);
  return terms.some(
    (term) =>
      labelOf(name, shape.labels, term.topologyKey) !== undefined && others.some((other) => termMatches(term, pod, other)),
  );
}

function hasRoom(pod: DeschedulerPod, { name, shape }: DeschedulerNode, cluster: DeschedulerCluster): boolean {
  const others = cluster.podsOn(name);
  if ((shape.allocatable.pods ?? 0) - others.length <= 0) return false;
  const requests = cluster.requests(pod);
  for (const resource in requests) {
    let free = shape.allocatable[resource] ?? 0;
    // What a node does not have counts as nothing, whatever its pods take of it.
    if (resource in shape.allocatable || resource === 'cpu' || resource === 'memory')
      for (const other of others) free -= cluster.requests(other)[resource] ?? 0;
    if (requests[resource] > free) return false;
  }
  return true;
}
