import {
  type Container,
  effectiveRequests,
  LABEL,
  type NodeAffinity,
  type PodAffinityTerm,
  type PodAffinityTerms,
  type PodSpec,
  type TopologySpread,
} from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';
import { labelSelectors, nodeSelectors, nodeSelectorTerms, podLabels } from './labels.ts';
import { requests } from './quantities.ts';
import { tolerations } from './taints.ts';

/** Parts of a pod that may be generated, beside its containers, labels and owner. */
export const POD_PARTS = [
  'initContainers',
  'podRequests',
  'overhead',
  'priority',
  'nodeSelector',
  'nodeAffinity',
  'tolerations',
  'hostPorts',
  'podAffinity',
  'podAntiAffinity',
  'topologySpread',
] as const;

export type PodPart = (typeof POD_PARTS)[number];

/** What generated pods may have. */
export interface PodSpecsSettings {
  /** Default: all of {@link POD_PARTS}. */
  readonly parts?: readonly PodPart[];
}

/**
 * Pod specs that the API would accept, from few values: many are alike, so that classes are shared and decisions tie. Each part is
 * absent more often than present, or few pods would fit anywhere.
 */
export function podSpecs({ parts = POD_PARTS }: PodSpecsSettings = {}): Arbitrary<PodSpec> {
  const optional: { readonly [part in Exclude<PodPart, 'hostPorts'>]: Arbitrary<Partial<PodSpec>> } = {
    initContainers: fc
      .array(containers({ init: true }), { minLength: 1, maxLength: 3 })
      .map((initContainers) => ({ initContainers })),
    // What the pod asks for beyond its containers: see `complete`.
    podRequests: fc.constantFrom({ cpu: 0 }, { cpu: 500 }, { cpu: 500, memory: 2 ** 28 }).map((podRequests) => ({ podRequests })),
    overhead: fc.constant({ overhead: { cpu: 50, memory: 64 * 2 ** 20 } }),
    priority: fc.constantFrom(0, 100, -10).map((priority) => ({ priority })),
    nodeSelector: nodeSelectors().map((nodeSelector) => ({ nodeSelector })),
    nodeAffinity: nodeAffinities().map((nodeAffinity) => ({ nodeAffinity })),
    tolerations: tolerations().map((list) => ({ tolerations: list })),
    podAffinity: podAffinities().map((podAffinity) => ({ podAffinity })),
    podAntiAffinity: podAffinities().map((podAntiAffinity) => ({ podAntiAffinity })),
    topologySpread: fc
      .uniqueArray(topologySpreads(), { minLength: 1, maxLength: 2, selector: (s) => `${s.topologyKey} ${s.whenUnsatisfiable}` })
      .map((topologySpread) => ({ topologySpread })),
  };
  const chosen = POD_PARTS.filter((part) => part !== 'hostPorts' && parts.includes(part)).map((part) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: optional[part as keyof typeof optional] }),
  );
  const base = fc.record(
    {
      namespace: fc.constantFrom('default', 'default', 'other'),
      labels: podLabels(),
      annotations: fc.constant({}),
      controller: fc.constantFrom('ReplicaSet', 'Job', 'none'),
      // Ports in one container alone: the API refuses a pod that takes one twice.
      containers: fc
        .tuple(containers({ ports: parts.includes('hostPorts') }), fc.array(containers(), { maxLength: 1 }))
        .map(([first, more]) => [first, ...more]),
    },
    { noNullPrototype: true },
  );
  return fc.tuple(base, ...chosen).map(([spec, ...rest]) => complete(Object.assign({}, spec, ...rest) as PodSpec));
}

/** Pod-level requests must cover those of the containers, or the API would refuse the pod. */
function complete(spec: PodSpec): PodSpec {
  const { podRequests, ...rest } = spec;
  if (podRequests === undefined) return spec;
  const { overhead: _, ...bare } = rest;
  const least = effectiveRequests(bare);
  return {
    ...rest,
    podRequests: Object.fromEntries(Object.entries(podRequests).map(([name, more]) => [name, (least[name] ?? 0) + more])),
  };
}

/** A container. `init` ones may be sidecars; `ports` ones may take a port of the host. */
export function containers({ init = false, ports = false } = {}): Arbitrary<Container> {
  const sidecar = fc.oneof(fc.constant({}), fc.constant({ restartPolicy: 'Always' as const }));
  const port = fc.oneof(
    { weight: 7, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(80, 443), fc.constantFrom<'TCP' | 'UDP'>('TCP', 'UDP'), fc.constantFrom('', '10.0.0.1'))
        .map(([number, protocol, ip]) => ({ ports: [{ port: number, protocol, ip }] })),
    },
  );
  return fc
    .tuple(requests(), init ? sidecar : fc.constant({}), ports ? port : fc.constant({}))
    .map(([amounts, restart, taken]) => ({ requests: amounts, ...restart, ...taken }));
}

/** Node affinity with required terms, preferred ones, or both. */
export function nodeAffinities(): Arbitrary<NodeAffinity> {
  const preferred = fc.record(
    { weight: fc.constantFrom(1, 10, 100), preference: nodeSelectorTerms() },
    { noNullPrototype: true },
  );
  return fc.record(
    {
      required: fc.array(nodeSelectorTerms(), { minLength: 1, maxLength: 2 }),
      preferred: fc.array(preferred, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
}

/** Pod affinity or anti-affinity over hosts and zones. */
export function podAffinities(): Arbitrary<PodAffinityTerms> {
  const term: Arbitrary<PodAffinityTerm> = fc.record(
    {
      topologyKey: fc.constantFrom(LABEL.hostname, LABEL.zone),
      labelSelector: labelSelectors(),
      namespaces: fc.constantFrom(['default'], ['default', 'other']),
      namespaceSelector: fc.constant({}),
    },
    { requiredKeys: ['topologyKey', 'labelSelector'], noNullPrototype: true },
  );
  const preferred = fc.record({ weight: fc.constantFrom(1, 10, 100), term }, { noNullPrototype: true });
  return fc.record(
    { required: fc.array(term, { minLength: 1, maxLength: 1 }), preferred: fc.array(preferred, { minLength: 1, maxLength: 2 }) },
    { requiredKeys: [], noNullPrototype: true },
  );
}

/** A topology spread constraint over hosts or zones, valid for the API. */
export function topologySpreads(): Arbitrary<TopologySpread> {
  const spread = fc.record(
    {
      topologyKey: fc.constantFrom(LABEL.hostname, LABEL.zone),
      maxSkew: fc.constantFrom(1, 2),
      whenUnsatisfiable: fc.constantFrom<TopologySpread['whenUnsatisfiable']>('DoNotSchedule', 'ScheduleAnyway'),
      labelSelector: labelSelectors(),
      minDomains: fc.constantFrom(1, 3),
      nodeAffinityPolicy: fc.constantFrom<'Honor' | 'Ignore'>('Honor', 'Ignore'),
      nodeTaintsPolicy: fc.constantFrom<'Honor' | 'Ignore'>('Honor', 'Ignore'),
    },
    { requiredKeys: ['topologyKey', 'maxSkew', 'whenUnsatisfiable', 'labelSelector'], noNullPrototype: true },
  );
  return spread.map(
    ({ minDomains, ...rest }): TopologySpread =>
      // The API allows minDomains only where the constraint is hard.
      minDomains === undefined || rest.whenUnsatisfiable === 'ScheduleAnyway' ? rest : { ...rest, minDomains },
  );
}
