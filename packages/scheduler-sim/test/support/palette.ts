import type { NodeShape, PodSpec } from '@plimsoll/core';
import type { ClaimObject, VolumeObject } from '../../src/plain/objects.ts';
import type { StorageObjects } from '../../src/storage/live-storage.ts';
import { nodeShape, podSpec } from './build.ts';

const GI = 2 ** 30;

export const zone = (name: string) => ({ 'topology.kubernetes.io/zone': name });
const spot = { key: 'spot', effect: 'PreferNoSchedule' as const };
export const slow = { key: 'slow', effect: 'PreferNoSchedule' as const };
export const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' as const };

/** Nodes of different sizes, zones and taints. */
export const SHAPES: readonly NodeShape[] = [
  nodeShape(4000, 8 * GI, { labels: zone('a') }),
  nodeShape(4000, 8 * GI, { labels: zone('b') }),
  nodeShape(8000, 8 * GI, { labels: { ...zone('b'), disk: 'ssd' } }),
  nodeShape(2000, 16 * GI, { labels: { ...zone('c'), disk: 'ssd' }, taints: [spot] }),
  nodeShape(4000, 8 * GI, { labels: zone('a'), taints: [spot, slow] }),
  nodeShape(4000, 8 * GI, { taints: [gpu], allocatable: { cpu: 4000, memory: 8 * GI, pods: 3, 'nvidia.com/gpu': 2 } }),
  nodeShape(1000, 2 * GI, { unschedulable: true }),
];

/** A node that takes whatever a test puts on it. */
export const HUGE = nodeShape(1e6, 1000 * GI, {
  labels: zone('a'),
  allocatable: { cpu: 1e6, memory: 1000 * GI, pods: 1000, 'nvidia.com/gpu': 100 },
});

const ssd = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
const zoneCa = { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In' as const, values: ['c', 'a'] }] };
const nodeOne = { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n1', 'n4'] }] };

/** Pods that ask for room, taints and nodes. */
export const SPECS: readonly PodSpec[] = [
  podSpec({ cpu: 500, memory: GI }),
  podSpec({ cpu: 1500, memory: GI }, { priority: 5 }),
  podSpec({ memory: 3 * GI }),
  podSpec(),
  podSpec({ cpu: 250 }, { tolerations: [{ operator: 'Exists' }] }),
  podSpec(
    { cpu: 250 },
    {
      nodeAffinity: {
        preferred: [
          { weight: 10, preference: ssd },
          { weight: 3, preference: zoneCa },
        ],
      },
    },
  ),
  podSpec({ cpu: 700 }, { nodeAffinity: { required: [ssd] } }),
  podSpec({ cpu: 100 }, { nodeAffinity: { required: [nodeOne], preferred: [{ weight: 1, preference: nodeOne }] } }),
  podSpec({ cpu: 100 }, { nodeSelector: { 'kubernetes.io/hostname': 'n2' } }),
  podSpec({ 'nvidia.com/gpu': 1 }, { tolerations: [{ key: 'gpu', operator: 'Exists' }] }),
  podSpec({}, { containers: [{ requests: { cpu: 100 }, ports: [{ port: 80, protocol: 'TCP', ip: '' }] }] }),
  podSpec({ cpu: 9000 }),
];

/** Pods of different importance. */
export const RANKED: readonly PodSpec[] = [
  podSpec({ cpu: 600, memory: GI }, { priority: -5 }),
  podSpec({ cpu: 1900, memory: GI }, { priority: -5, labels: { app: 'batch' }, controller: 'Job' }),
  podSpec({ cpu: 3000, memory: 2 * GI }, { priority: 10 }),
  podSpec({ cpu: 1100, memory: 4 * GI }, { priority: 20, tolerations: [{ key: 'gpu', operator: 'Exists' }] }),
  podSpec({ cpu: 2500 }, { priority: 20, preemptionPolicy: 'Never' }),
  podSpec({ cpu: 3500 }, { priority: 30, nodeAffinity: { required: [nodeOne] } }),
  podSpec({}, { priority: 15, containers: [{ requests: { cpu: 100 }, ports: [{ port: 80, protocol: 'TCP', ip: '' }] }] }),
  podSpec(
    { cpu: 1300 },
    {
      priority: 12,
      labels: { app: 'web' },
      podAntiAffinity: { required: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }] },
    },
  ),
];

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const web = { matchLabels: { app: 'web' } };
const db = { matchLabels: { app: 'db' } };
const small = { cpu: 150, memory: GI / 8 };

/** Pods that ask for, or against, other pods. */
export const SOCIAL: readonly PodSpec[] = [
  // Spread by the default constraints, over the pods of their own labels.
  podSpec(small, { labels: { app: 'web' } }),
  podSpec(small, { labels: { app: 'db' }, controller: 'StatefulSet' }),
  podSpec(small, { labels: { app: 'db' }, controller: 'Job', namespace: 'other' }),
  podSpec(small, {
    labels: { app: 'web', tier: 'hard' },
    topologySpread: [
      { topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: web },
      { topologyKey: HOST, maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: web },
    ],
  }),
  podSpec(small, {
    labels: { app: 'web' },
    nodeSelector: { disk: 'ssd' },
    topologySpread: [
      {
        topologyKey: HOST,
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: web,
        nodeTaintsPolicy: 'Honor',
        nodeAffinityPolicy: 'Ignore',
      },
    ],
  }),
  podSpec(small, {
    labels: { app: 'db' },
    topologySpread: [
      { topologyKey: ZONE, maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule', labelSelector: db, minDomains: 4 },
      { topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: db, nodeTaintsPolicy: 'Honor' },
      { topologyKey: 'disk', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
    ],
  }),
  podSpec(small, { labels: { app: 'web' }, podAntiAffinity: { required: [{ topologyKey: HOST, labelSelector: web }] } }),
  podSpec(small, { labels: { app: 'db' }, podAffinity: { required: [{ topologyKey: ZONE, labelSelector: web }] } }),
  podSpec(small, {
    labels: { app: 'db', first: 'yes' },
    podAffinity: {
      required: [
        { topologyKey: ZONE, labelSelector: db },
        { topologyKey: 'disk', labelSelector: db },
      ],
    },
    podAntiAffinity: { required: [{ topologyKey: HOST, labelSelector: web, namespaces: ['other', 'default'] }] },
  }),
  podSpec(small, {
    namespace: 'other',
    labels: { app: 'web' },
    podAntiAffinity: {
      required: [
        {
          topologyKey: ZONE,
          labelSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
          namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] }] },
        },
      ],
    },
  }),
  podSpec(small, {
    labels: { app: 'cache' },
    podAffinity: {
      preferred: [
        { weight: 40, term: { topologyKey: ZONE, labelSelector: web } },
        { weight: 7, term: { topologyKey: HOST, labelSelector: db } },
      ],
    },
    podAntiAffinity: { preferred: [{ weight: 25, term: { topologyKey: HOST, labelSelector: web } }] },
  }),
  podSpec(small, {
    labels: { app: 'web' },
    podAntiAffinity: { preferred: [{ weight: 100, term: { topologyKey: 'disk', labelSelector: {}, namespaceSelector: {} } }] },
  }),
];

const claim = (name: string, over: Partial<ClaimObject> = {}): ClaimObject => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  storageClassName: 'waits',
  accessModes: ['ReadWriteOnce'],
  requestedBytes: GI,
  deleting: false,
  bindCompleted: false,
  phase: 'Pending',
  ...over,
});
const volume = (name: string, over: Partial<VolumeObject> = {}): VolumeObject => ({
  name,
  labels: {},
  capacityBytes: 2 * GI,
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'waits',
  phase: 'Available',
  deleting: false,
  ...over,
});
const bound = (name: string, volumeName: string, over: Partial<ClaimObject> = {}): ClaimObject =>
  claim(name, { volumeName, bindCompleted: true, phase: 'Bound', ...over });
const inZone = (value: string) => ({
  nodeAffinity: [{ matchExpressions: [{ key: ZONE, operator: 'In' as const, values: [value] }] }],
});

/** Claims that are bound, wait for a pod, or cannot be, and volumes with limits of how many a node attaches. */
export const STORAGE: Partial<StorageObjects> = {
  claims: [
    bound('in-b', 'disk-b', { storageClassName: '' }),
    bound('zoned', 'disk-zoned', { storageClassName: '' }),
    bound('alone', 'disk-alone', { accessModes: ['ReadWriteOncePod'] }),
    bound('shared', 'disk-shared'),
    bound('lost', 'nowhere'),
    claim('first'),
    claim('second', { requestedBytes: 3 * GI }),
    claim('matched', { storageClassName: 'local' }),
    claim('never', { storageClassName: 'at-once' }),
  ],
  volumes: [
    volume('disk-b', { phase: 'Bound', ...inZone('b') }),
    volume('disk-zoned', { phase: 'Bound', labels: zone('a') }),
    volume('disk-alone', { phase: 'Bound', csi: { driver: 'csi.example.com', volumeHandle: 'alone' } }),
    volume('disk-shared', { phase: 'Bound', csi: { driver: 'csi.example.com', volumeHandle: 'shared' } }),
    volume('local-a', { storageClassName: 'local', ...inZone('a') }),
    volume('local-c', { storageClassName: 'local', ...inZone('c') }),
  ],
  storageClasses: [
    { name: 'waits', provisioner: 'csi.example.com', bindingMode: 'WaitForFirstConsumer' },
    { name: 'local', provisioner: 'kubernetes.io/no-provisioner', bindingMode: 'WaitForFirstConsumer' },
    { name: 'at-once', provisioner: 'csi.example.com', bindingMode: 'Immediate' },
  ],
  csiNodes: [
    { name: 'n0', drivers: [{ name: 'csi.example.com', count: 1 }] },
    { name: 'n2', drivers: [{ name: 'csi.example.com', count: 2 }] },
  ],
};

const withClaims = (claims: readonly string[], over: Partial<PodSpec> = {}): PodSpec =>
  podSpec(small, {
    volumes: claims.map((name) => ({ name, kind: 'persistentVolumeClaim' as const, claim: name })),
    ...over,
  });

/** Pods with claims: bound, waiting, exclusive, impossible, unknown. */
export const STORING: readonly PodSpec[] = [
  withClaims(['in-b']),
  withClaims(['zoned'], { labels: { app: 'web' }, priority: 10 }),
  withClaims(['alone'], { priority: 5 }),
  withClaims(['shared', 'first']),
  withClaims(['second'], { labels: { app: 'db' }, controller: 'StatefulSet' }),
  withClaims(['matched'], { nodeSelector: zone('c') }),
  withClaims(['never']),
  withClaims(['lost']),
  withClaims(['unknown', 'second']),
];

/** Nodes that hold images, and pods that run them. */
export const STOCKED: readonly NodeShape[] = [
  nodeShape(4000, 8 * GI, { labels: zone('a'), images: [{ names: ['big:1'], sizeBytes: 900 * 2 ** 20 }] }),
  nodeShape(4000, 8 * GI, { labels: zone('b'), images: [{ names: ['big:1', 'other:latest'], sizeBytes: 900 * 2 ** 20 }] }),
];
export const PICTURED: readonly PodSpec[] = [
  podSpec({}, { containers: [{ requests: small, image: 'big:1' }] }),
  podSpec({}, { containers: [{ requests: small, image: 'other' }], controller: 'Job' }),
];
