import {
  type Container,
  type HostPort,
  type LabelSelector,
  type NodeAffinity,
  type NodeSelectorTerm,
  type PodAffinityTerm,
  type PodAffinityTerms,
  type PodSpec,
  type PreferredNodeTerm,
  parseResource,
  type ResourceList,
  type Taint,
  type Toleration,
  type TopologySpread,
  type Volume,
} from '@plimsoll/core';
import { Json } from '../kube-scheduler/json.ts';

/**
 * A pod, or a template with a namespace, exactly as it is written: the recordings had no API server, so nothing is defaulted. A
 * limit is no request, and a host port without a protocol has none.
 */
export function podSpecAsWritten(raw: Json, limitsAreRequests = false): PodSpec {
  const [meta, spec] = [raw.at('metadata'), raw.at('spec')];
  const affinity = spec.at('affinity');
  const containers = (list: Json): Container[] => list.items.map((item) => container(item, limitsAreRequests));
  const owner = meta.at('ownerReferences', 0, 'kind').text;
  const nodeAffinity = nodeAffinityFrom(affinity.at('nodeAffinity'));
  const podAffinity = podTerms(affinity.at('podAffinity'));
  const podAntiAffinity = podTerms(affinity.at('podAntiAffinity'));
  return {
    namespace: meta.at('namespace').text ?? 'default',
    labels: meta.at('labels').labels,
    annotations: meta.at('annotations').labels,
    ...(spec.at('priority').number !== undefined && { priority: spec.at('priority').number as number }),
    controller: owner ?? 'none',
    containers: containers(spec.at('containers')),
    ...(spec.at('initContainers').present && { initContainers: containers(spec.at('initContainers')) }),
    ...(spec.at('resources').present && { podRequests: amounts(spec.at('resources', 'requests')) }),
    ...(spec.at('overhead').present && { overhead: amounts(spec.at('overhead')) }),
    ...(spec.at('nodeSelector').present && { nodeSelector: spec.at('nodeSelector').labels }),
    ...(nodeAffinity && { nodeAffinity }),
    ...(podAffinity && { podAffinity }),
    ...(podAntiAffinity && { podAntiAffinity }),
    ...(spec.at('tolerations').present && { tolerations: spec.at('tolerations').items.map(toleration) }),
    ...(spec.at('topologySpreadConstraints').present && {
      topologySpread: spec.at('topologySpreadConstraints').items.map(spread),
    }),
    ...(spec.at('volumes').present && { volumes: spec.at('volumes').items.map(volume) }),
  };
}

/** Amounts by resource. What passes 2^53, as a limit without meaning may, is held as nearly as a double can. */
export function amounts(raw: Json): ResourceList {
  const out: Record<string, number> = {};
  for (const name of raw.keys) {
    const value = raw.at(name).value as string | number;
    try {
      out[name] = parseResource(name, value);
    } catch {
      out[name] = Number.MAX_SAFE_INTEGER;
    }
  }
  return out;
}

export function taints(raw: Json): Taint[] {
  return raw.items.map((taint) => ({
    key: taint.at('key').text ?? '',
    ...(taint.at('value').text && { value: taint.at('value').text as string }),
    effect: (taint.at('effect').text ?? '') as Taint['effect'],
  }));
}

function container(raw: Json, limitsAreRequests: boolean): Container {
  const ports = raw.at('ports').items.flatMap((port): HostPort[] => {
    const number = port.at('hostPort').number ?? 0;
    if (number === 0) return [];
    const protocol = (port.at('protocol').text ?? '') as HostPort['protocol'];
    return [{ port: number, protocol, ip: port.at('hostIP').text ?? '' }];
  });
  return {
    requests: {
      ...(limitsAreRequests ? amounts(raw.at('resources', 'limits')) : {}),
      ...amounts(raw.at('resources', 'requests')),
    },
    ...(ports.length > 0 && { ports }),
    ...(raw.at('restartPolicy').text === 'Always' && { restartPolicy: 'Always' as const }),
  };
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function nodeAffinityFrom(raw: Json): NodeAffinity | undefined {
  if (!raw.present) return undefined;
  const [required, preferred] = [raw.at(REQUIRED), raw.at(PREFERRED)];
  return {
    ...(required.present && { required: (required.at('nodeSelectorTerms').value ?? []) as NodeSelectorTerm[] }),
    ...(preferred.present && { preferred: preferred.value as PreferredNodeTerm[] }),
  };
}

function podTerms(raw: Json): PodAffinityTerms | undefined {
  if (!raw.present) return undefined;
  const term = (item: Json): PodAffinityTerm => ({
    topologyKey: item.at('topologyKey').text ?? '',
    ...selector('labelSelector', item.at('labelSelector')),
    ...(item.at('namespaces').present && { namespaces: item.at('namespaces').texts }),
    ...selector('namespaceSelector', item.at('namespaceSelector')),
  });
  return {
    required: raw.at(REQUIRED).items.map(term),
    preferred: raw.at(PREFERRED).items.map((item) => ({
      weight: item.at('weight').number ?? 0,
      term: term(item.at('podAffinityTerm')),
    })),
  };
}

function selector<K extends string>(key: K, raw: Json): { [P in K]?: LabelSelector } {
  return raw.present ? ({ [key]: raw.value as LabelSelector } as { [P in K]: LabelSelector }) : {};
}

function toleration(raw: Json): Toleration {
  const text = (key: string): string | undefined => raw.at(key).text || undefined;
  return {
    ...(text('key') && { key: text('key') as string }),
    ...(text('operator') && { operator: text('operator') as 'Exists' | 'Equal' }),
    ...(text('value') && { value: text('value') as string }),
    ...(text('effect') && { effect: text('effect') as Taint['effect'] }),
    ...(raw.at('tolerationSeconds').number !== undefined && { tolerationSeconds: raw.at('tolerationSeconds').number as number }),
  };
}

function spread(raw: Json): TopologySpread {
  const policy = (key: string): 'Honor' | 'Ignore' | undefined => raw.at(key).text as 'Honor' | 'Ignore' | undefined;
  return {
    topologyKey: raw.at('topologyKey').text ?? '',
    maxSkew: raw.at('maxSkew').number ?? 0,
    whenUnsatisfiable: (raw.at('whenUnsatisfiable').text ?? '') as TopologySpread['whenUnsatisfiable'],
    ...selector('labelSelector', raw.at('labelSelector')),
    ...(raw.at('minDomains').present && { minDomains: raw.at('minDomains').number as number }),
    ...(policy('nodeAffinityPolicy') && { nodeAffinityPolicy: policy('nodeAffinityPolicy') as 'Honor' }),
    ...(policy('nodeTaintsPolicy') && { nodeTaintsPolicy: policy('nodeTaintsPolicy') as 'Honor' }),
    ...(raw.at('matchLabelKeys').present && { matchLabelKeys: raw.at('matchLabelKeys').texts }),
  };
}

function volume(raw: Json): Volume {
  const name = raw.at('name').text ?? '';
  const claim = raw.at('persistentVolumeClaim');
  if (claim.present) return { name, kind: 'persistentVolumeClaim', claim: claim.at('claimName').text ?? '' };
  return { name, kind: raw.at('ephemeral').present ? 'ephemeral' : 'other' };
}

/** Reads pods so that equal texts give the same spec object: all that is derived from a spec is then derived once. */
export class PodSpecs {
  readonly #known = new Map<string, PodSpec>();

  of(raw: Json): PodSpec {
    const { namespace, labels, annotations, ownerReferences } = (raw.at('metadata').value ?? {}) as Record<string, unknown>;
    const { nodeName: _, ...spec } = (raw.at('spec').value ?? {}) as Record<string, unknown>;
    const kind = new Json(ownerReferences).at(0, 'kind').text;
    const text = JSON.stringify([namespace, labels, annotations, kind, spec]);
    let known = this.#known.get(text);
    if (known === undefined) this.#known.set(text, (known = podSpecAsWritten(raw)));
    return known;
  }
}
