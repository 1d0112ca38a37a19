import { effectiveRequests, firstUntolerated, LABEL, type NodeShape, termHolds } from '@plimsoll/core';
import { isCritical, type KubeletPod, requestOf } from './kubelet-pod.ts';
import { type Requirement, victimsOf } from './preemption.ts';

/** What the kubelet answers to a pod that was bound to its node. */
export interface Admission {
  readonly admit: boolean;
  readonly reason?: string;
  readonly message?: string;
  /** Pods that a critical one drove out. */
  readonly preempted: readonly KubeletPod[];
}

/** A resource that does not suffice. */
interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/**
 * Whether a kubelet runs a pod. A critical pod drives others out where only resources are missing.
 *
 * Source: Kubernetes v1.36.2, `pkg/kubelet/lifecycle/predicate.go`. The node's operating system is linux; device plug-ins, topology and
 * cpu managers are not modelled, nor the label of the operating system.
 */
export function admitPod(pod: KubeletPod, nodeName: string, node: NodeShape, others: readonly KubeletPod[]): Admission {
  const refuse = (reason: string, message: string): Admission => ({ admit: false, reason, message, preempted: [] });
  if (pod.os !== undefined && pod.os !== 'linux')
    return refuse('PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS");
  const shortages = shortagesOf(pod, node, others);
  const [predicate, why] = failedPredicate(pod, nodeName, node, others) ?? [];
  if (isCritical(pod) && predicate === undefined && shortages.length > 0) {
    const missing = shortages.map(
      ({ resource, requested, used, capacity }): Requirement => ({ resource, amount: requested - (capacity - used) }),
    );
    const victims = victimsOf(pod, others, missing);
    if (!('unmet' in victims)) return { admit: true, preempted: victims.pods };
    const list = victims.unmet.map(({ resource, amount }) => `(res: ${resource}, q: ${amount}), `).join('');
    return refuse(
      'UnexpectedAdmissionError',
      `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${list}]`,
    );
  }
  if (shortages.length > 0 && !isCritical(pod)) {
    const [{ resource, requested, used, capacity }] = shortages;
    return refuse(
      `OutOf${resource}`,
      `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
    );
  }
  if (predicate !== undefined) return refuse(predicate, `Predicate ${predicate} failed: ${why}`);
  return { admit: true, preempted: [] };
}

/** In the real order: pods, CPU, memory, disk, then extended resources that the node has. */
function shortagesOf(pod: KubeletPod, { allocatable }: NodeShape, others: readonly KubeletPod[]): Shortage[] {
  const requests = effectiveRequests(pod.spec);
  const extended = Object.keys(requests).filter((name) => !BASIC.includes(name) && name in allocatable);
  const out: Shortage[] = [];
  if (others.length + 1 > (allocatable.pods ?? 0))
    out.push({ resource: 'pods', requested: 1, used: others.length, capacity: allocatable.pods ?? 0 });
  for (const resource of [...BASIC, ...extended]) {
    const requested = requests[resource] ?? 0;
    const capacity = allocatable[resource] ?? 0;
    const used = others.reduce((sum, other) => sum + requestOf(other, resource), 0);
    if (requested > 0 && requested > capacity - used) out.push({ resource, requested, used, capacity });
  }
  return out;
}
const BASIC = ['cpu', 'memory', 'ephemeral-storage'];

function failedPredicate(
  { spec, isStatic }: KubeletPod,
  nodeName: string,
  { labels, taints }: NodeShape,
  others: readonly KubeletPod[],
): readonly [string, string] | undefined {
  const { nodeSelector = {}, nodeAffinity } = spec;
  const selected =
    Object.keys(nodeSelector).every((key) => (key === LABEL.hostname ? nodeName : labels[key]) === nodeSelector[key]) &&
    (nodeAffinity?.required === undefined || nodeAffinity.required.some((term) => termHolds(term, labels, nodeName)));
  if (!selected) return ['NodeAffinity', "node(s) didn't match Pod's node affinity/selector"];
  if (spec.nodeName !== undefined && spec.nodeName !== nodeName)
    return ['NodeName', "node(s) didn't match the requested node name"];
  if (portsTaken(spec, others)) return ['NodePorts', "node(s) didn't have free ports for the requested pod ports"];
  // Of taints the kubelet minds only NoExecute.
  if (!isStatic && firstUntolerated(taints, spec.tolerations ?? [], (effect) => effect === 'NoExecute') !== undefined)
    return ['TaintToleration', "node(s) had taints that the pod didn't tolerate"];
  return undefined;
}

function portsTaken(spec: KubeletPod['spec'], others: readonly KubeletPod[]): boolean {
  const portsOf = ({ containers, initContainers = [] }: KubeletPod['spec']) =>
    [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')].flatMap(
      ({ ports = [] }) => ports,
    );
  const anywhere = (ip: string): boolean => ip === '' || ip === '0.0.0.0';
  const taken = others.flatMap((other) => portsOf(other.spec));
  return portsOf(spec).some((want) =>
    taken.some(
      ({ port, protocol, ip }) =>
        port === want.port && protocol === want.protocol && (anywhere(ip) || anywhere(want.ip) || ip === want.ip),
    ),
  );
}
