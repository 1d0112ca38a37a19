import { type ClusterFacts, EVICTION, type OfferingsView, type PodSpec, Simulation, viewOf } from '@plimsoll/core';
import { parseKarpenterOptions } from '../../src/options/karpenter-options.ts';
import { Planner } from '../../src/planner.ts';
import { WholeSolver } from '../../src/provisioning/whole-solver.ts';
import { filters } from './world.ts';

/** A node of a state at which to plan: which offering, how it stands, what runs on it. */
export interface PlannedNode {
  readonly offering: number;
  readonly pool?: number;
  /** Whether it is ready; else only its machine runs. Default true. */
  readonly ready?: boolean;
  readonly pods?: readonly PodSpec[];
}

/** A planner that looks at some nodes and at pods that the scheduler could not place. */
export function planning(
  view: OfferingsView,
  options: unknown,
  nodes: readonly PlannedNode[],
  pending: readonly PodSpec[],
  facts?: ClusterFacts,
) {
  const { cluster } = new Simulation(1);
  const clusterView = viewOf(cluster);
  const parsed = parseKarpenterOptions(options);
  const planner = new Planner(parsed, {
    name: 'karpenter',
    view: clusterView,
    random: { stream: () => undefined as never, keyed: () => undefined as never },
    offerings: view,
    groups: { groups: [], desired: () => 0, instances: () => [], lastFailure: () => -Infinity },
    scheduling: filters(cluster),
    workload: { podName: String, ownerName: String, evictionBlocked: () => false },
    explain: 'off',
    ...(facts && { facts }),
  });
  cluster.observe((kind, a, b) => planner.fleet.observe(kind, a, b, false));
  const create = (spec: PodSpec, ordinal: number): number =>
    cluster.createPod({ podClass: cluster.classes.pod(spec).id, owner: 0, ordinal, duration: Infinity });
  nodes.forEach(({ offering, pool = 0, ready = true, pods = [] }, i) => {
    const { name, labels, taints } = parsed.nodePools[pool];
    const node = cluster.orderNode({ name: `${name}-${String(i).padStart(3, '0')}`, offering, group: pool, decision: -1 });
    cluster.nodeRunning(node, offering);
    if (!ready) return;
    const { type, zone, capacityType } = view.offerings[offering];
    const { labels: own, capacity, allocatable } = view.types[type];
    const place = {
      'topology.kubernetes.io/zone': zone,
      'topology.kubernetes.io/region': view.region,
      'karpenter.sh/capacity-type': capacityType,
      'karpenter.sh/nodepool': name,
    };
    const shape = { labels: { ...own, ...place, ...labels }, taints, unschedulable: false, capacity, allocatable };
    cluster.registerNode(node, cluster.classes.node(shape).id);
    cluster.readyNode(node, {});
    pods.forEach((spec, ordinal) => {
      const pod = create(spec, ordinal);
      if (filters(cluster).fits(cluster.pods.class[pod], node)) cluster.bind(pod, node);
      else cluster.evict(pod, EVICTION.api);
    });
  });
  pending.forEach((spec, ordinal) => {
    cluster.markUnschedulable(create(spec, ordinal));
  });
  planner.capture(0);
  return { planner, cluster };
}

/** A solver of the whole model beside the planner's own. */
export function wholeSolver(planner: Planner): WholeSolver {
  const { availability, catalogue, existing, nodeKinds, options, sets, solver, templates, view } = planner;
  return new WholeSolver({
    availability,
    catalogue,
    existing,
    nodeKinds,
    options,
    sets,
    templates,
    view,
    room: solver.room,
    facts: undefined,
  });
}
