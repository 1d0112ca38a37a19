import { LABEL, matchesSelector, type NodeShape, type PodSpec, type Taint, type Toleration } from '@plimsoll/core';
import { nodeShapeFrom, podSpecFrom } from '@plimsoll/inputs';
import type { ApiNode, ApiObject, ApiPod, ApiTaint, NodeInput } from './input.ts';

/** The shape of a node of a golden case, with what the list of nodes adds to it. */
export function shapeOf(node: ApiNode, added: Partial<NodeInput> = {}): NodeShape {
  const shape = nodeShapeFrom(node, { unchecked: true });
  const labels = { ...shape.labels, ...added.labels };
  delete (labels as Record<string, string>)[LABEL.hostname];
  const annotations = { ...shape.annotations, ...added.annotations };
  return {
    ...shape,
    labels,
    ...(Object.keys(annotations).length > 0 && { annotations }),
    taints: [...shape.taints, ...(added.taints ?? []).map(sinceStart)],
    unschedulable: shape.unschedulable || added.cordoned === true,
  };
}

/** The start of a case, in seconds of Unix time. */
const START = 946_684_800;

/** A taint whose value is a time, in seconds since the start of the case; others as they are. */
function sinceStart(taint: ApiTaint): Taint {
  const isTime = taint.key.endsWith('ByClusterAutoscaler') || taint.key.endsWith('OfClusterAutoscaler');
  return (isTime && taint.value !== undefined ? { ...taint, value: String(Number(taint.value) - START) } : taint) as Taint;
}

/** The spec of a pod of a golden case. Where it runs and what it is called are no part of it. */
export function specOf(pod: ApiPod): PodSpec {
  const { nodeName: _, ...spec } = podSpecFrom(pod, { unchecked: true }) as PodSpec;
  return spec;
}

/** Tolerations that the DaemonSet controller gives its pods. Source: Kubernetes v1.36, `controller/daemon/util/daemonset_util.go`. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

/** The pods that a DaemonSet makes. */
export function daemonSpecOf(daemonSet: ApiObject): PodSpec {
  const template = daemonSet.spec?.template as ApiPod;
  const metadata = { ...template.metadata, namespace: daemonSet.metadata?.namespace ?? 'default' };
  const spec = podSpecFrom({ ...template, metadata }, { unchecked: true, controller: 'DaemonSet' });
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...DAEMON_TOLERATIONS] };
}

/** Name of a pod of the cases: the namespace stands before it where it is not `default`. */
export function qualified(namespace: string, name: string): string {
  return namespace === 'default' ? name : `${namespace}/${name}`;
}

/** A disruption budget of a case. */
export interface Budget {
  readonly namespace: string;
  readonly selects: (spec: PodSpec) => boolean;
  readonly selector: Parameters<typeof matchesSelector>[1];
  readonly minAvailable: string | number | undefined;
  readonly maxUnavailable: string | number | undefined;
  allowed: number;
}

export function budgetOf(raw: ApiObject): Budget {
  const namespace = raw.metadata?.namespace ?? 'default';
  const selector = raw.spec?.selector;
  return {
    namespace,
    selector,
    selects: (spec) => spec.namespace === namespace && matchesSelector(spec.labels, selector),
    minAvailable: raw.spec?.minAvailable,
    maxUnavailable: raw.spec?.maxUnavailable,
    allowed: 0,
  };
}

/** A number, or a percentage of `total` rounded up. */
export function scaled(value: string | number, total: number): number {
  return typeof value === 'string' && value.endsWith('%') ? Math.ceil((Number(value.slice(0, -1)) * total) / 100) : Number(value);
}
