import { matchesSelector } from '@plimsoll/core';
import type { DeschedulerCluster, DeschedulerPod } from './cluster.ts';
import { fitsElsewhere } from './node-fit.ts';
import type { DeschedulerPolicy, EvictorArgs, PodProtection } from './policy.ts';
import { SYSTEM_CRITICAL_PRIORITY } from './read-policy.ts';

const EVICT = 'descheduler.alpha.kubernetes.io/evict';
const PREFER_NO_EVICTION = 'descheduler.alpha.kubernetes.io/prefer-no-eviction';
const MIRROR = 'kubernetes.io/config.mirror';
const SOURCE = 'kubernetes.io/config.source';

export function prefersNoEviction({ spec }: DeschedulerPod): boolean {
  return PREFER_NO_EVICTION in spec.annotations;
}

const PROTECTED: Readonly<Record<PodProtection, (pod: DeschedulerPod, cluster: DeschedulerCluster) => boolean>> = {
  SystemCriticalPods: ({ spec }) => (spec.priority ?? 0) >= SYSTEM_CRITICAL_PRIORITY,
  FailedBarePods: ({ owners }) => owners.length === 0,
  PodsWithLocalStorage: ({ spec }) => (spec.volumes ?? []).some(({ kind }) => LOCAL.has(kind)),
  DaemonSetPods: ({ owners }) => owners.some(({ kind }) => kind === 'DaemonSet'),
  PodsWithPVC: ({ spec }) => (spec.volumes ?? []).some(({ kind }) => kind === 'persistentVolumeClaim'),
  PodsWithoutPDB: (pod, { budgets }) => !budgets.some((budget) => budget.namespace === pod.spec.namespace && budget.covers(pod)),
  // Claims of devices are not modelled.
  PodsWithResourceClaims: () => false,
};
const LOCAL = new Set(['emptyDir', 'emptyDirMemory', 'hostPath']);

/**
 * Whether a pod may be evicted at all. The annotation `descheduler.alpha.kubernetes.io/evict` overrules everything.
 *
 * Source: descheduler v0.36.0, `pkg/framework/plugins/defaultevictor`.
 */
export function isEvictable(pod: DeschedulerPod, args: EvictorArgs, cluster: DeschedulerCluster): boolean {
  const { annotations, priority } = pod.spec;
  if (EVICT in annotations) return true;
  if (args.noEvictionPolicy === 'Mandatory' && prefersNoEviction(pod)) return false;
  if (MIRROR in annotations || (annotations[SOURCE] ?? 'api') !== 'api' || pod.deleting) return false;
  if (args.protections.some((protection) => PROTECTED[protection](pod, cluster))) return false;
  if (!args.protections.includes('FailedBarePods') && pod.owners.length === 0 && pod.phase !== 'Failed') return false;
  if (args.protections.includes('SystemCriticalPods') && priority !== undefined && priority >= args.priorityThreshold)
    return false;
  if (args.labelSelector !== undefined && !matchesSelector(pod.spec.labels, args.labelSelector)) return false;
  if (args.minReplicas > 1 && pod.owners.length === 1 && cluster.replicasOf(pod.owners[0].uid) < args.minReplicas) return false;
  if (args.minPodAgeMs === undefined) return true;
  return pod.startedAt !== undefined && cluster.now - pod.startedAt >= args.minPodAgeMs;
}

/** The last look before an eviction: with `nodeFit`, whether the pod would fit on another ready node. */
export function passesNodeFit(pod: DeschedulerPod, args: EvictorArgs, cluster: DeschedulerCluster): boolean {
  return !args.nodeFit || fitsElsewhere(pod, cluster.readyNodes, cluster);
}

/** What became of an eviction. */
export type EvictionOutcome = 'evicted' | 'node limit' | 'total limit' | 'namespace limit' | 'refused';

/** Asks the API for an eviction: whether it was accepted. */
export type RequestEviction = (pod: DeschedulerPod, plugin: string, profile: string) => boolean;

/** Counts a cycle's evictions against the policy's limits. Source: descheduler v0.36.0, `pkg/descheduler/evictions`. */
export class PodEvictor {
  readonly #cluster: DeschedulerCluster;
  readonly #limits: DeschedulerPolicy;
  readonly #request: RequestEviction;
  readonly #perNode = new Map<string, number>();
  readonly #perNamespace = new Map<string, number>();
  #total = 0;

  constructor(cluster: DeschedulerCluster, limits: DeschedulerPolicy, request: RequestEviction) {
    this.#cluster = cluster;
    this.#limits = limits;
    this.#request = request;
  }

  evict(pod: DeschedulerPod, plugin: string, profile: string): EvictionOutcome {
    const { maxTotal = Infinity, maxPerNode = Infinity, maxPerNamespace = Infinity } = this.#limits;
    const onNode = this.#perNode.get(pod.nodeName) ?? 0;
    const inNamespace = this.#perNamespace.get(pod.spec.namespace) ?? 0;
    if (this.#total >= maxTotal) return 'total limit';
    if (onNode >= maxPerNode) return 'node limit';
    if (inNamespace >= maxPerNamespace) return 'namespace limit';
    if (!this.#request(pod, plugin, profile)) return 'refused';
    this.#perNode.set(pod.nodeName, onNode + 1);
    this.#perNamespace.set(pod.spec.namespace, inNamespace + 1);
    this.#total++;
    this.#cluster.markEvicted(pod);
    return 'evicted';
  }
}
