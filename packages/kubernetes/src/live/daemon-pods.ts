import { firstUntolerated, isHard, type NodeShape, type PodSpec, TAINT, type Toleration, termHolds } from '@plimsoll/core';

/** Tolerations that every daemon pod has. Source: Kubernetes v1.36.2, `pkg/controller/daemon/util/daemonset_util.go`. */
const ADDED: readonly Toleration[] = [
  { key: TAINT.notReady, operator: 'Exists', effect: 'NoExecute' },
  { key: TAINT.unreachable, operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: TAINT.unschedulable, operator: 'Exists', effect: 'NoSchedule' },
];

/** A DaemonSet's pod as its controller makes it, for no node in particular. */
export function daemonPod(template: PodSpec): PodSpec {
  const given = template.tolerations ?? [];
  // Its own tolerations of these taints end after a while; those of the controller do not, and stand in their place.
  const kept = given.filter((toleration) => toleration.effect !== 'NoExecute' || toleration.tolerationSeconds === undefined);
  return { ...template, controller: 'DaemonSet', tolerations: [...kept, ...ADDED] };
}

/** The same for one node, by whose name it is bound there: the scheduler decides about that node alone. */
export function daemonPodFor(spec: PodSpec, nodeName: string): PodSpec {
  const field = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] };
  const terms = spec.nodeAffinity?.required ?? [{}];
  return {
    ...spec,
    nodeAffinity: {
      ...spec.nodeAffinity,
      required: terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), field] })),
    },
  };
}

/**
 * Whether a node gets a daemon pod, by its labels and taints; whether there is room is left to the scheduler.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/daemon/daemon_controller.go` (NodeShouldRunDaemonPod).
 */
export function wantsDaemonPod(spec: PodSpec, shape: NodeShape, nodeName: string): boolean {
  if (firstUntolerated(shape.taints, spec.tolerations ?? [], isHard) !== undefined) return false;
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) =>
    key === 'kubernetes.io/hostname' ? value === nodeName : shape.labels[key] === value,
  );
  const required = spec.nodeAffinity?.required;
  return selected && (required === undefined || required.some((term) => termHolds(term, shape.labels, nodeName)));
}
