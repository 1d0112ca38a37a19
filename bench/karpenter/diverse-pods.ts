import { LABEL, type PodSpec } from '@plimsoll/core';
import {
  ClusterState,
  Fleet,
  type InstanceType,
  type NodePoolObject,
  type Offering,
  type PodObject,
  requirementSet,
} from '@plimsoll/provider-fleet';

const ZONES = ['test-zone-1', 'test-zone-2', 'test-zone-3'];
const MILLICORES = [100, 250, 500, 1000, 1500];
const MEBIBYTES = [100, 256, 512, 1024, 2048, 4096];
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const MIB = 2 ** 20;

/** A cluster without nodes, and pods to plan for: all that a plan is made from. */
export interface Problem {
  readonly fleet: Fleet;
  readonly pods: readonly PodObject[];
}

/**
 * The problem of Karpenter's own scheduling benchmark: a fifth each of plain pods, pods spread over zones, pods spread over hosts, pods that want
 * their like in their zone, and pods that want a host for themselves; one pool without requirements, 400 types of one shape in three zones.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduling_benchmark_test.go`.
 */
export function diversePods(count: number, types = 400): Problem {
  const next = generator(42);
  const pick = <T>(list: readonly T[]): T => list[next() % list.length];
  const specs = new Map<string, PodSpec>();
  const fifth = Math.floor(count / 5);
  const pods = Array.from({ length: count }, (_, i): PodObject => {
    const kind = KINDS[Math.min(KINDS.length - 1, Math.floor(i / fifth))];
    const own = pick(LETTERS);
    const asked = pick(LETTERS);
    const requests = { cpu: pick(MILLICORES), memory: pick(MEBIBYTES) * MIB };
    const made: PodSpec = {
      namespace: 'default',
      annotations: {},
      controller: 'none',
      containers: [{ requests }],
      ...rulesOf(kind, own, asked),
    };
    const text = JSON.stringify(made);
    const spec = specs.get(text) ?? made;
    specs.set(text, spec);
    const name = `p${String(i).padStart(5, '0')}`;
    const uid = `${next().toString(16).padStart(8, '0')}-${i}`;
    const state = { phase: 'Pending', unschedulable: true, unready: false, hasResourceClaims: false };
    return { name, uid, createdAt: 0, spec, owners: [], ...state };
  });
  const state = new ClusterState({ ...NOTHING, pods, nodePools: [POOL] });
  const options = { preferencePolicy: 'Respect', minValuesPolicy: 'Strict', reservedCapacity: true } as const;
  return { fleet: new Fleet(state, new Map([[POOL.name, instanceTypes(types)]]), options), pods };
}

const KINDS = ['plain', 'zone spread', 'host spread', 'together', 'apart'] as const;

function rulesOf(kind: (typeof KINDS)[number], own: string, asked: string): Pick<PodSpec, 'labels'> & Partial<PodSpec> {
  const labels = { 'my-label': own };
  const selector = (label: string, value: string) => ({ matchLabels: { [label]: value } });
  const spread = (topologyKey: string) => [
    { topologyKey, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector: selector('my-label', asked) },
  ];
  switch (kind) {
    case 'plain':
      return { labels };
    case 'zone spread':
      return { labels, topologySpread: spread(LABEL.zone) };
    case 'host spread':
      return { labels, topologySpread: spread(LABEL.hostname) };
    case 'together': {
      const term = { topologyKey: LABEL.zone, labelSelector: selector('my-affinity', own) };
      return { labels: { 'my-affinity': own }, podAffinity: { required: [term] } };
    }
    case 'apart': {
      const term = { topologyKey: LABEL.hostname, labelSelector: selector('app', 'nginx') };
      return { labels: { app: 'nginx' }, podAntiAffinity: { required: [term] } };
    }
  }
}

const POOL: NodePoolObject = {
  name: 'default',
  annotations: {},
  weight: 0,
  labels: {},
  requirements: [],
  taints: [],
  startupTaints: [],
  limits: { cpu: 1e10, memory: 9e15 },
  ready: true,
  deleting: false,
};

const NOTHING = {
  nodes: [],
  nodeClaims: [],
  daemonSets: [],
  budgets: [],
  volumeClaims: [],
  volumes: [],
  storageClasses: [],
  csiNodes: [],
  namespaces: [],
};

/** Types of n cores, 2n GiB and room for 10n pods. */
function instanceTypes(count: number): readonly InstanceType[] {
  const offering = (zone: string, capacityType: string, price: number): Offering => ({
    zone,
    capacityType,
    price,
    available: true,
    requirements: requirementSet([
      { key: LABEL.zone, operator: 'In', values: [zone] },
      { key: LABEL.capacityType, operator: 'In', values: [capacityType] },
    ]),
  });
  return Array.from({ length: count }, (_, i): InstanceType => {
    const cores = i + 1;
    const capacity = { cpu: cores * 1000, memory: cores * 2048 * MIB, pods: cores * 10 };
    const price = 0.1 * cores + 0.2 * cores;
    return {
      name: `type-${i}`,
      requirements: requirementSet([
        { key: LABEL.instanceType, operator: 'In', values: [`type-${i}`] },
        { key: LABEL.arch, operator: 'In', values: ['amd64'] },
        { key: LABEL.os, operator: 'In', values: ['linux', 'windows', 'darwin'] },
        { key: LABEL.zone, operator: 'In', values: ZONES },
        { key: LABEL.capacityType, operator: 'In', values: ['on-demand', 'spot'] },
      ]),
      capacity,
      allocatable: { ...capacity, cpu: capacity.cpu - 100, memory: capacity.memory - 10 * MIB },
      offerings: [
        ...ZONES.slice(0, 2).map((zone) => offering(zone, 'spot', price)),
        ...ZONES.map((zone) => offering(zone, 'on-demand', price)),
      ],
    };
  });
}

/** Whole numbers below 2^32, the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state ^ (state >>> 12)) >>> 0;
  };
}
