import type { LabelSelector, Labels } from './labels.ts';
import type { NodeAffinity } from './node-selector.ts';
import { addLists, maxLists, type ResourceList } from './resources.ts';
import type { Toleration } from './taints.ts';

/** A container as far as decisions depend on it. */
export interface Container {
  readonly name?: string;
  readonly image?: string;
  /** Requests; a limit without a request counts as request, as the API server defaults it. */
  readonly requests: ResourceList;
  readonly ports?: readonly HostPort[];
  /** `Always` on an init container makes it a sidecar. */
  readonly restartPolicy?: 'Always';
}

/** A port of the host that the pod takes. */
export interface HostPort {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** Empty means all addresses. */
  readonly ip: string;
}

/** A pod affinity or anti-affinity term. */
export interface PodAffinityTerm {
  readonly topologyKey: string;
  readonly labelSelector?: LabelSelector;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
}

/** Terms that must hold, and terms with weights that score. */
export interface PodAffinityTerms {
  readonly required?: readonly PodAffinityTerm[];
  readonly preferred?: readonly { readonly weight: number; readonly term: PodAffinityTerm }[];
}

/** A topology spread constraint. */
export interface TopologySpread {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  readonly labelSelector?: LabelSelector;
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: 'Honor' | 'Ignore';
  readonly nodeTaintsPolicy?: 'Honor' | 'Ignore';
  readonly matchLabelKeys?: readonly string[];
}

/** A volume, as far as placement and drains depend on it. */
export interface Volume {
  readonly name: string;
  readonly kind: 'persistentVolumeClaim' | 'ephemeral' | 'emptyDir' | 'emptyDirMemory' | 'hostPath' | 'other';
  readonly claim?: string;
}

/** The kind of object that would replace a lost pod; `none` for a bare pod. */
export type ControllerKind =
  | 'ReplicaSet'
  | 'Job'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'ReplicationController'
  | 'none'
  | (string & {});

/**
 * What a pod is, apart from its name, owner's name and times. Two pods with equal specs share a {@link PodClass}.
 * Fields carry the API's meaning; absent fields have the API's defaults.
 */
export interface PodSpec {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Absent where the object has none: Cluster Autoscaler never treats such a pod as expendable. */
  readonly priority?: number;
  readonly preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
  readonly schedulerName?: string;
  readonly controller: ControllerKind;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  /** Pod-level requests. */
  readonly podRequests?: ResourceList;
  readonly overhead?: ResourceList;
  readonly nodeName?: string;
  readonly nodeSelector?: Labels;
  readonly nodeAffinity?: NodeAffinity;
  readonly podAffinity?: PodAffinityTerms;
  readonly podAntiAffinity?: PodAffinityTerms;
  readonly tolerations?: readonly Toleration[];
  readonly topologySpread?: readonly TopologySpread[];
  readonly schedulingGates?: readonly string[];
  readonly volumes?: readonly Volume[];
  /** Seconds between deletion and kill. Default 30. */
  readonly gracePeriodSeconds?: number;
}

/** What CPU a container without a request counts for in scores: 100m. Source: kube-scheduler v1.36, `pkg/scheduler/util/pod_resources.go`. */
export const NON_ZERO_CPU = 100;
/** What memory a container without a request counts for in scores: 200 MiB. Same source. */
export const NON_ZERO_MEMORY = 200 * 2 ** 20;

const POD_LEVEL = /^(cpu|memory|hugepages-.*)$/;

/**
 * The requests a node must have free for the pod: containers and sidecars summed, at least the largest step of the
 * init sequence, replaced by pod-level requests where given, plus overhead.
 *
 * Source: Kubernetes v1.36.2, `component-helpers/resource/helpers.go` (PodRequests).
 */
export function effectiveRequests(spec: PodSpec): ResourceList {
  let total: ResourceList = addLists(...spec.containers.map((c) => c.requests));
  let sidecars: ResourceList = {};
  let peak: ResourceList = {};
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      total = addLists(total, container.requests);
      sidecars = addLists(sidecars, container.requests);
      peak = maxLists(peak, sidecars);
    } else peak = maxLists(peak, addLists(container.requests, sidecars));
  }
  const out: Record<string, number> = maxLists(total, peak);
  for (const [name, amount] of Object.entries(spec.podRequests ?? {})) if (POD_LEVEL.test(name)) out[name] = amount;
  return addLists(out, spec.overhead ?? {});
}

/**
 * The same with 100m CPU and 200 MiB of memory for each container that has no such request: what scores count.
 * An explicit zero stays zero. A resource set at pod level is not defaulted.
 */
export function nonZeroRequests(spec: PodSpec): { cpu: number; memory: number } {
  const fill = (container: Container): Container => {
    const requests: Record<string, number> = { ...container.requests };
    if (requests.cpu === undefined && spec.podRequests?.cpu === undefined) requests.cpu = NON_ZERO_CPU;
    if (requests.memory === undefined && spec.podRequests?.memory === undefined) requests.memory = NON_ZERO_MEMORY;
    return { ...container, requests };
  };
  const init = spec.initContainers?.map(fill);
  const filled = effectiveRequests({ ...spec, containers: spec.containers.map(fill), ...(init && { initContainers: init }) });
  return { cpu: filled.cpu ?? 0, memory: filled.memory ?? 0 };
}
