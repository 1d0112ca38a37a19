import { compareText, LABEL, NODE, NONE, POD } from '@plimsoll/core';
import { DisruptionWorld } from '../../src/disruption/plain/world.ts';
import type { Planner } from '../../src/planner.ts';
import { requirementSet } from '../../src/requirements/requirement-set.ts';
import { Fleet } from '../../src/scheduling/fleet.ts';
import type { InstanceType } from '../../src/scheduling/instance-type.ts';
import { ClusterState } from '../../src/state/cluster-state.ts';
import type {
  BudgetObject,
  ClusterObjects,
  NodeClaimObject,
  NodeObject,
  NodePoolObject,
  PodObject,
} from '../../src/state/objects.ts';

/** What a planner looks at, as the objects of which the plain model is made. Prices become dollars. */
export function plainWorld(planner: Planner, budgets: readonly BudgetObject[] = []): DisruptionWorld {
  const { options, view } = planner;
  const state = new ClusterState(objectsOf(planner, budgets));
  const types = typesOf(planner);
  const byPool = new Map(options.nodePools.map(({ name }) => [name, types]));
  const fleet = new Fleet(state, byPool, { ...options.settings, reservedCapacity: false });
  const now = options.settings.startsAt + view.now;
  return new DisruptionWorld(fleet, { now, spotToSpot: options.featureGates.spotToSpotConsolidation });
}

function objectsOf(planner: Planner, budgets: readonly BudgetObject[]): ClusterObjects {
  const { fleet, options, view } = planner;
  const nodes: NodeObject[] = [];
  const nodeClaims: NodeClaimObject[] = [];
  const pods: PodObject[] = [];
  for (const row of fleet.byName) {
    const kind = planner.nodeKinds.of(row);
    const name = view.nodeNames[row];
    const amounts = {
      capacity: view.classes.resources.list(kind.capacity),
      allocatable: view.classes.resources.list(kind.allocatable),
    };
    const ready = view.nodes.state[row] === NODE.ready;
    const there = ready || view.nodes.state[row] === NODE.registered;
    const common = { name, annotations: {}, createdAt: 0, ...amounts };
    const condition = (type: string) => ({ type, status: 'True', reason: type, changedAt: 0 });
    const pool = options.nodePools[view.nodes.group[row]];
    const told = ['Launched', 'Registered', 'Initialized', ...(planner.isQuiet(row, view.now) ? ['Consolidatable'] : [])];
    nodeClaims.push({
      ...common,
      labels: kind.labels,
      requirements: [],
      taints: pool.taints,
      startupTaints: [],
      providerId: name,
      conditions: ready ? told.map(condition) : [condition('Launched')],
      ...(ready && { lastPodEventAt: options.settings.startsAt + fleet.quietSince(row) }),
    });
    if (there) {
      const labels = { 'karpenter.sh/registered': 'true', ...(ready && { 'karpenter.sh/initialized': 'true' }) };
      nodes.push({
        ...common,
        labels: { ...kind.labels, ...labels },
        providerId: name,
        taints: kind.taints,
        conditions: ready ? [condition('Ready')] : [],
      });
    }
    for (let pod = view.nodes.firstPod[row]; pod !== NONE; pod = view.pods.next[pod]) pods.push(podOf(planner, pod, name));
  }
  for (let pod = view.firstPending; pod !== NONE; pod = view.pods.next[pod]) pods.push(podOf(planner, pod, undefined));
  return {
    pods: pods.sort((a, b) => compareText(a.name, b.name)),
    nodes,
    nodeClaims,
    nodePools: options.nodePools.map(poolOf),
    daemonSets: [],
    budgets,
    volumeClaims: [],
    volumes: [],
    storageClasses: [],
    csiNodes: [],
    namespaces: [],
  };
}

function podOf({ view }: Planner, pod: number, nodeName: string | undefined): PodObject {
  const { spec } = view.classes.pods[view.pods.class[pod]];
  const name = `pod-${String(pod).padStart(4, '0')}`;
  const kinds: Record<string, string> = { DaemonSet: 'apps/v1', StatefulSet: 'apps/v1', ReplicaSet: 'apps/v1' };
  return {
    name,
    uid: name,
    createdAt: 0,
    spec,
    owners: [
      { apiVersion: kinds[spec.controller] ?? 'v1', kind: spec.controller, name: 'owner', uid: 'owner', controller: true },
    ],
    ...(nodeName !== undefined && { nodeName }),
    phase: nodeName === undefined ? 'Pending' : 'Running',
    ...(view.pods.state[pod] === POD.terminating && { deletedAt: 0 }),
    unschedulable: nodeName === undefined,
    unready: view.pods.state[pod] === POD.bound,
    hasResourceClaims: false,
  };
}

function poolOf(pool: Planner['options']['nodePools'][number]): NodePoolObject {
  const { budgets, consolidateAfterMs, consolidationPolicy, expireAfterMs, labels, limits, name } = pool;
  const { requirements, startupTaints, taints, weight } = pool;
  return {
    ...{ name, annotations: {}, weight, labels, requirements, taints, startupTaints, limits, ready: true, deleting: false },
    ...{ expireAfterMs, consolidationPolicy },
    ...(consolidateAfterMs !== Infinity && { consolidateAfterMs }),
    budgets: budgets.map(({ count, percent, reasons }) => ({
      nodes: percent === undefined ? String(count) : `${percent}%`,
      ...(reasons && { reasons }),
    })),
  };
}

function typesOf({ availability, catalogue, view }: Planner): readonly InstanceType[] {
  return catalogue.types.map(({ allocatable, capacity, name, requirements }, row) => ({
    name,
    requirements,
    capacity: view.classes.resources.list(capacity),
    allocatable: view.classes.resources.list(allocatable),
    offerings: catalogue.offerings.flatMap(({ capacityType, price, type, zone }, offering) => {
      if (type !== row) return [];
      const place = requirementSet([
        { key: LABEL.zone, operator: 'In', values: [zone] },
        { key: LABEL.capacityType, operator: 'In', values: [capacityType] },
      ]);
      return { zone, capacityType, price: price / 1e9, available: availability.has(offering), requirements: place };
    }),
  }));
}
