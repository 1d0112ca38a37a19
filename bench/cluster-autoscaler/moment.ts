import {
  Classes,
  Cluster,
  type ClusterFacts,
  type GroupSpec,
  Log,
  type NodeShape,
  type PodSpec,
  type ProviderContext,
  Streams,
  viewOf,
} from '@plimsoll/core';
import { ClusterAutoscaler, clusterAutoscaler } from '@plimsoll/provider-nodegroup';
import { FilterModel } from '@plimsoll/scheduler-sim';

export const GIB = 2 ** 30;
export const MIB = 2 ** 20;
const HOUR = 3_600_000;

/** Pods of one ReplicaSet: each asks for so much CPU (millicores) and memory (bytes). Pods with a node stand there; others wait for one. */
interface Replicas {
  readonly owner: number;
  readonly cpu: number;
  readonly memory: number;
  readonly count?: number;
  readonly node?: number;
}

/** One group of equal nodes, and the pods of its cluster. */
export interface Moment {
  readonly cpu: number;
  readonly memory: number;
  readonly max: number;
  readonly nodes: number;
  readonly pods: readonly Replicas[];
}

/** A cluster that stands still, and a way to begin on it anew. */
export interface Standing {
  readonly context: ProviderContext;
  readonly template: NodeShape;
  /** An autoscaler that has just started; calls take it no time. */
  begin(flags?: Readonly<Record<string, unknown>>): ClusterAutoscaler;
}

/** Builds the cluster as it is an hour after all of its nodes came. */
export function standing({ cpu, memory, max, nodes, pods }: Moment): Standing {
  const classes = new Classes();
  const cluster = new Cluster(classes, new Log());
  const amounts = { cpu, memory, pods: 110 };
  const labels = { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' };
  const template: NodeShape = { labels, taints: [], unschedulable: false, capacity: amounts, allocatable: amounts };
  const rows = Array.from({ length: nodes }, (_, i) => {
    const name = `g0-${i}`;
    const row = cluster.orderNode({ name, offering: -1, group: 0, decision: -1 });
    cluster.nodeRunning(row, -1);
    cluster.registerNode(row, classes.node({ ...template, labels: { ...labels, 'kubernetes.io/hostname': name } }).id);
    cluster.readyNode(row, {});
    return row;
  });
  cluster.setNow(HOUR - 60_000);
  for (const { owner, node, count = 1, ...asked } of pods) {
    const podClass = classes.pod(specOf(asked)).id;
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const pod = cluster.createPod({ podClass, owner, ordinal, duration: Infinity });
      if (node === undefined) cluster.markUnschedulable(pod);
      else {
        cluster.bind(pod, rows[node]);
        cluster.start(pod);
      }
    }
  }
  cluster.setNow(HOUR);
  const view = viewOf(cluster);
  const group: GroupSpec = {
    name: 'g0',
    min: 0,
    max,
    desired: nodes,
    instanceTypes: [],
    zones: [],
    capacityType: 'on-demand',
    labels: {},
    taints: [],
    taggedResources: {},
  };
  const facts: ClusterFacts = { daemonSets: [], budgets: () => [], controller: () => ({ replicas: 3 }) };
  const context: ProviderContext = {
    name: 'cluster-autoscaler',
    view,
    random: new Streams(1),
    offerings: { region: '', zones: [], types: [], offerings: [] },
    groups: {
      groups: [group],
      placeholders: false,
      desired: () => nodes,
      instances: () => rows,
      lastFailure: () => -Infinity,
      template: () => ({ shape: template, pods: [] }),
    },
    scheduling: new FilterModel(view),
    workload: { podName: String, ownerName: String, evictionBlocked: () => false },
    facts,
    explain: 'off',
  };
  return {
    context,
    template,
    begin(flags = {}) {
      const model = { loopBase: 0, loopPerNode: 0, loopPerPod: 0, kubeProxyCpu: 0, refreshInterval: 0 };
      const autoscaler = new ClusterAutoscaler(
        clusterAutoscaler.parseOptions({ flags: { 'frequent-loops-enabled': false, ...flags }, model }),
        context,
      );
      autoscaler.restore(autoscaler.snapshot());
      autoscaler.begin(HOUR);
      return autoscaler;
    },
  };
}

/** When a {@link standing} cluster stands. */
export const NOW = HOUR;

function specOf(requests: { readonly cpu: number; readonly memory: number }): PodSpec {
  return { namespace: 'default', labels: {}, annotations: {}, controller: 'ReplicaSet', containers: [{ requests }] };
}
