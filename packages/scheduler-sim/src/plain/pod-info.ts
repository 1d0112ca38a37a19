import type { HostPort, LabelSelector, Labels, PodAffinityTerm, ResourceList } from '@plimsoll/core';
import { matchesSelector } from '@plimsoll/core';
import { hostPorts } from '../filters/node-ports.ts';
import type { PodObject } from './objects.ts';
import { countedOnNode, requestsOf, requestsOnNode } from './pod-requests.ts';

/** A pod affinity term with the namespaces that it means. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector | undefined;
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly weight: number;
}

/** A pod with what plug-ins need of it, worked out once. */
export interface PodInfo {
  readonly pod: PodObject;
  /** `namespace/name`. */
  readonly key: string;
  readonly labels: Labels;
  readonly priority: number;
  readonly requests: ResourceList;
  readonly onNode: ResourceList;
  readonly counted: { readonly cpu: number; readonly memory: number };
  readonly ports: readonly HostPort[];
  readonly claims: readonly string[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
}

export function podInfo(pod: PodObject): PodInfo {
  const { spec } = pod;
  const term = (source: PodAffinityTerm, weight = 0): AffinityTerm => ({
    topologyKey: source.topologyKey,
    selector: source.labelSelector,
    namespaces: new Set(
      (source.namespaces ?? []).length === 0 && source.namespaceSelector === undefined ? [pod.namespace] : source.namespaces,
    ),
    namespaceSelector: source.namespaceSelector,
    weight,
  });
  return {
    pod,
    key: `${pod.namespace}/${pod.name}`,
    labels: spec.labels,
    priority: spec.priority ?? 0,
    requests: requestsOf(spec),
    onNode: requestsOnNode(pod),
    counted: countedOnNode(pod),
    ports: hostPorts(spec),
    claims: (spec.volumes ?? []).flatMap(({ claim }) => (claim === undefined ? [] : [claim])),
    affinity: (spec.podAffinity?.required ?? []).map((source) => term(source)),
    antiAffinity: (spec.podAntiAffinity?.required ?? []).map((source) => term(source)),
    preferredAffinity: (spec.podAffinity?.preferred ?? []).map((source) => term(source.term, source.weight)),
    preferredAntiAffinity: (spec.podAntiAffinity?.preferred ?? []).map((source) => term(source.term, source.weight)),
  };
}

/** Whether a pod has any pod affinity or anti-affinity. */
export function hasAffinity(info: PodInfo): boolean {
  return info.affinity.length + info.antiAffinity.length + info.preferredAffinity.length + info.preferredAntiAffinity.length > 0;
}

/** Whether a term means a pod, given the labels of the pod's namespace as the term's selector is to see them. */
export function termMatches(term: AffinityTerm, info: PodInfo, namespaceLabels: Labels): boolean {
  const inNamespace =
    term.namespaces.has(info.pod.namespace) ||
    (term.namespaceSelector !== undefined && matchesSelector(namespaceLabels, term.namespaceSelector));
  return inNamespace && matchesSelector(info.labels, term.selector);
}
