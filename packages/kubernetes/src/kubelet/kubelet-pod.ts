import { effectiveRequests, type PodSpec, type ResourceList } from '@plimsoll/core';

export type QosClass = 'BestEffort' | 'Burstable' | 'Guaranteed';

/** A pod, as the kubelet's admission and its eviction manager read it. */
export interface KubeletPod {
  readonly name: string;
  readonly spec: PodSpec;
  /** Limits, container by container. */
  readonly limits: readonly ResourceList[];
  readonly qosClass: QosClass;
  /** From a file or a URL: annotation `kubernetes.io/config.source` is not `api`. */
  readonly isStatic: boolean;
  /** `spec.os.name`. */
  readonly os?: string;
}

/** From this priority on a pod is critical. Source: Kubernetes v1.36.2, `pkg/apis/scheduling/types.go`. */
const CRITICAL_PRIORITY = 2_000_000_000;

/** Static pods, mirror pods and those of the system's priority classes. Source: Kubernetes v1.36.2, `pkg/kubelet/types/pod_update.go`. */
export function isCritical({ isStatic, spec }: KubeletPod): boolean {
  return isStatic || 'kubernetes.io/config.mirror' in spec.annotations || (spec.priority ?? 0) >= CRITICAL_PRIORITY;
}

/** What a pod requests of a resource; every pod is one pod. */
export function requestOf({ spec }: KubeletPod, resource: string): number {
  return resource === 'pods' ? 1 : (effectiveRequests(spec)[resource] ?? 0);
}

/**
 * The quality of service of a pod, from what its containers request and may use at most.
 *
 * Source: Kubernetes v1.36.2, `pkg/apis/core/v1/helper/qos/qos.go`.
 */
export function qosClassOf(containers: readonly { readonly requests: ResourceList; readonly limits: ResourceList }[]): QosClass {
  const resources = ['cpu', 'memory'];
  const some = containers.some(({ requests, limits }) =>
    resources.some((name) => (requests[name] ?? 0) > 0 || (limits[name] ?? 0) > 0),
  );
  if (!some) return 'BestEffort';
  const all = containers.every(({ limits }) => resources.every((name) => (limits[name] ?? 0) > 0));
  const total = (of: 'requests' | 'limits', name: string): number =>
    containers.reduce((sum, one) => sum + (one[of][name] ?? 0), 0);
  return all && resources.every((name) => total('requests', name) === total('limits', name)) ? 'Guaranteed' : 'Burstable';
}
