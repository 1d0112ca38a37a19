import { ln, type NodeShape, type PodSpec, Streams } from '@plimsoll/core';

const GI = 2 ** 30;
const DAY_MS = 86_400_000;
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const GROUP = 'example.com/group';

/** What pods ask of each other. */
type Flavour = 'plain' | 'replicas' | 'zone-spread' | 'host-anti-affinity';

/** Which cluster, and which pods over one day. */
export interface DaySize {
  readonly nodes: number;
  readonly pods: number;
  /** How many pod shapes. Default 50. */
  readonly shapes?: number;
  readonly flavour?: Flavour;
}

/** A day of a cluster of a fixed size: pods arrive at random, run for a while, and go. */
export interface Day {
  readonly nodeShapes: readonly NodeShape[];
  /** Row of {@link nodeShapes} of each node. */
  readonly nodes: Uint8Array;
  readonly shapes: readonly PodSpec[];
  /** By pod, in order of arrival: when it comes, how long it runs (milliseconds), and row of {@link shapes}. */
  readonly time: Float64Array;
  readonly duration: Float64Array;
  readonly shape: Uint16Array;
}

/** Eight groups of nodes: six sizes, three zones. */
const SIZES = [
  [4000, 16],
  [8000, 32],
  [16_000, 64],
  [16_000, 128],
  [32_000, 64],
  [64_000, 256],
  [8000, 32],
  [16_000, 64],
] as const;

/** Arrivals are Poisson, durations exponential, of a mean that keeps 70 % of the processors busy. */
export function makeDay({ nodes, pods, shapes: shapeCount = 50, flavour = 'plain' }: DaySize): Day {
  const stream = new Streams(42).stream('bench', 'day');
  const nodeShapes = SIZES.flatMap(([cpu, gi], group) => ['a', 'b', 'c'].map((zone) => nodeShape(cpu, gi, `g${group}`, zone)));
  const rows = Uint8Array.from({ length: nodes }, (_, node) => (node * 7 + (node >> 5)) % nodeShapes.length);
  const shapes = Array.from({ length: shapeCount }, (_, i) =>
    podSpec(i, flavour, stream.below(10), stream.below(4), stream.below(10)),
  );
  const capacity = rows.reduce((sum, row) => sum + (nodeShapes[row].allocatable.cpu ?? 0), 0);
  const mean = shapes.reduce((sum, { containers: [{ requests }] }) => sum + (requests.cpu ?? 0), 0) / shapes.length;
  const gap = DAY_MS / 1e6;
  const meanDuration = ((0.7 * capacity) / mean) * gap;
  const time = new Float64Array(pods);
  const duration = new Float64Array(pods);
  const shape = new Uint16Array(pods);
  let at = 0;
  for (let pod = 0; pod < pods; pod++) {
    at -= ln(1 - stream.next()) * gap;
    time[pod] = Math.round(at);
    duration[pod] = Math.max(1, Math.round(-ln(1 - stream.next()) * meanDuration));
    shape[pod] = stream.below(shapeCount);
  }
  return { nodeShapes, nodes: rows, shapes, time, duration, shape };
}

function nodeShape(cpu: number, gi: number, group: string, zone: string): NodeShape {
  const allocatable = { cpu, memory: gi * GI, pods: 110 };
  return { labels: { [GROUP]: group, [ZONE]: zone }, taints: [], unschedulable: false, capacity: allocatable, allocatable };
}

function podSpec(i: number, flavour: Flavour, size: number, ratio: number, choosy: number): PodSpec {
  const cpu = [100, 200, 250, 500, 500, 750, 1000, 1000, 2000, 4000][size];
  const memory = Math.round((cpu * [0.5, 2, 4, 6][ratio] * 1024) / 1000) * 2 ** 20;
  const app = { app: `app-${i}` };
  const selector = { matchLabels: app };
  // Six of ten go anywhere; the others keep to half of the groups.
  const groups = choosy < 6 ? undefined : SIZES.flatMap((_, g) => ((g + i) % 2 === 0 ? [`g${g}`] : []));
  return {
    namespace: 'default',
    labels: app,
    annotations: {},
    // A ReplicaSet's pods are spread by the default constraints; a Job's are not.
    controller: flavour === 'replicas' ? 'ReplicaSet' : 'Job',
    containers: [{ requests: { cpu, memory } }],
    ...(groups && { nodeAffinity: { required: [{ matchExpressions: [{ key: GROUP, operator: 'In', values: groups }] }] } }),
    ...(flavour === 'zone-spread' && {
      topologySpread: [{ topologyKey: ZONE, maxSkew: 5, whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector }],
    }),
    ...(flavour === 'host-anti-affinity' && {
      podAntiAffinity: { required: [{ topologyKey: HOST, labelSelector: selector }] },
    }),
  };
}
