import {
  type ClusterView,
  LABEL,
  NONE,
  type Offering,
  type OfferingsView,
  type PodSpec,
  type ProviderContext,
  Simulation,
  Streams,
  viewOf,
} from '@plimsoll/core';
import { karpenter } from '@plimsoll/provider-fleet';
import { kubeScheduler } from '@plimsoll/scheduler-sim';

const GIB = 2 ** 30;
const ZONES = ['a', 'b', 'c'];
/** Families: GiB of memory for each core, and the price of a core and hour in nano-dollars. */
const FAMILIES = { c: [2, 42_500_000], m: [4, 48_000_000], r: [8, 63_000_000] } as const;
const GENERATIONS = [5, 6, 7];
const CORES = [2, 4, 8, 16, 32, 48, 64, 96];

/**
 * A cluster in which nothing can be saved: nodes of the cheapest type for what they hold, so full that no pod of one fits on another. Only a
 * plan for each node shows that it has to stay.
 */
function fullCluster(nodes: number): { readonly view: ClusterView; readonly context: ProviderContext } {
  const offerings = prices();
  const { cluster, streams } = new Simulation(42);
  const random = new Streams(42).stream('bench', 'full-cluster');
  const view = viewOf(cluster);
  const context: ProviderContext = {
    name: 'karpenter',
    view,
    random: streams,
    offerings,
    groups: { groups: [], desired: () => 0, instances: () => [], lastFailure: () => -Infinity },
    scheduling: kubeScheduler().model(view),
    workload: { podName: String, ownerName: String, evictionBlocked: () => false },
    explain: 'off',
  };
  const cheapest = offerings.types
    .map((_, type) => offerings.offerings.find((offering) => offering.type === type) as Offering)
    .sort((a, b) => a.price - b.price);
  for (let n = 0; n < nodes; n++) {
    const cores = CORES[1 + random.below(4)];
    const offering = cheapest.find(({ type }) => (offerings.types[type].capacity.cpu ?? 0) >= cores * 1000) as Offering;
    const { capacity, labels } = offerings.types[offering.type];
    const node = cluster.orderNode({ name: `n${String(n).padStart(4, '0')}`, offering: offering.id, group: 0, decision: NONE });
    cluster.nodeRunning(node, offering.id);
    const place = { [LABEL.zone]: offering.zone, [LABEL.capacityType]: offering.capacityType, [LABEL.nodePool]: 'default' };
    const shape = { labels: { ...labels, ...place }, taints: [], unschedulable: false, capacity, allocatable: capacity };
    cluster.registerNode(node, cluster.classes.node(shape).id);
    cluster.readyNode(node, {});
    // Between 91 and 99 % of the cores, in four to eight pods of several sizes.
    let left = Math.floor(((capacity.cpu as number) * (910 + random.below(80))) / 1000);
    for (let count = 4 + random.below(5); count > 0; count--) {
      const cpu = count === 1 ? left : Math.floor(left / count / 50) * 50;
      left -= cpu;
      const pod = cluster.createPod({ podClass: cluster.classes.pod(spec(cpu)).id, owner: NONE, ordinal: n, duration: Infinity });
      cluster.bind(pod, node);
    }
  }
  return { view, context };
}

/** Karpenter looking at such a cluster, and a way to make it look again as if everything had changed. */
export function fullPass(nodes: number): { readonly pods: number; readonly look: () => number } {
  const { context, view } = fullCluster(nodes);
  const options = karpenter.parseOptions({
    nodePools: [
      {
        metadata: { name: 'default' },
        spec: {
          disruption: { budgets: [{ nodes: '100%' }] },
          template: { spec: { requirements: [{ key: LABEL.capacityType, operator: 'In', values: ['on-demand'] }] } },
        },
      },
    ],
  });
  return {
    pods: view.podCount,
    look: () => {
      const provider = karpenter.create(options, context);
      provider.restore(restored(provider.snapshot()));
      return provider.reconcile(0).decisions.length;
    },
  };
}

/** A provider that was saved before it had seen the cluster reads it when it is restored. */
function restored<T>(saved: T): T {
  return JSON.parse(JSON.stringify(saved)) as T;
}

function spec(cpu: number): PodSpec {
  return {
    namespace: 'default',
    labels: {},
    annotations: {},
    controller: 'ReplicaSet',
    containers: [{ requests: { cpu, memory: (cpu / 1000) * 1.5 * GIB } }],
  };
}

function prices(): OfferingsView {
  const types: OfferingsView['types'][number][] = [];
  const rows: Offering[] = [];
  for (const [family, [gib, price]] of Object.entries(FAMILIES)) {
    for (const generation of GENERATIONS) {
      for (const cores of CORES) {
        const name = `${family}${generation}.${cores}`;
        const size = { cpu: cores * 1000, memory: cores * gib * GIB, pods: 110 };
        const labels = { [LABEL.instanceType]: name, [LABEL.arch]: 'amd64', [LABEL.os]: 'linux', [LABEL.region]: 'r' };
        const all = { nominal: size, capacity: size, allocatable: size, predictedCapacity: size, predictedAllocatable: size };
        const type = types.push({ name, labels, ...all }) - 1;
        for (const zone of ZONES) {
          const nano = price * cores + generation * 1_000_000;
          rows.push({ id: rows.length, type, zone, capacityType: 'on-demand', price: nano });
        }
      }
    }
  }
  return { region: 'r', zones: ZONES, types, offerings: rows };
}
