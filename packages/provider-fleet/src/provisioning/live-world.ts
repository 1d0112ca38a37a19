import {
  addLists,
  type ClusterFacts,
  type ClusterView,
  effectiveRequests,
  type Labels,
  NODE,
  NONE,
  POD,
  type PodSpec,
  type ResourceList,
  type Taint,
} from '@plimsoll/core';
import type { Availability } from '../catalogue/availability.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ExistingNodes } from '../nodes/existing-nodes.ts';
import type { NodeKind, NodeKinds } from '../nodes/node-kinds.ts';
import type { KarpenterOptions } from '../options/karpenter-options.ts';
import type { NodePool } from '../options/node-pool.ts';
import { Daemons } from '../scheduling/daemons.ts';
import { type NodeFacts, nodeRoom } from '../scheduling/existing-node.ts';
import { Ground } from '../scheduling/ground.ts';
import type { Machine, MachineNode } from '../scheduling/machine.ts';
import { hostPorts, type PodShape } from '../scheduling/pod-shape.ts';
import type { SchedulingWorld } from '../scheduling/schedule.ts';
import type { BoundPod, BoundPods } from '../scheduling/topology.ts';
import type { NodePoolObject, PodObject } from '../state/objects.ts';
import { liveTypes } from './live-types.ts';
import { ORIGIN } from './solver.ts';

/** What the whole model reads of a run. */
export interface LiveParts {
  readonly view: ClusterView;
  readonly catalogue: Catalogue;
  readonly availability: Availability;
  readonly existing: ExistingNodes;
  readonly nodeKinds: NodeKinds;
  readonly options: KarpenterOptions;
  readonly facts: ClusterFacts | undefined;
}

/** A node of the moment, with its place in the order in which nodes are tried. */
export interface LiveMachine extends Machine {
  readonly index: number;
}

/** A run at the moment that was captured last, as the whole model reads it. What stands on offerings alone is kept from moment to moment. */
export class LiveWorld {
  machines: LiveMachine[] = [];
  readonly #parts: LiveParts;
  readonly #pools: readonly NodePoolObject[];
  #ground: Ground | undefined;
  #daemons: Daemons | undefined;
  #version = -1;
  #moment = -1;
  #facts: NodeFacts<LiveMachine>[] = [];
  #bound: BoundPods = { byShape: new Map(), repelling: [] };
  /** Pods of the moment by row. */
  readonly #pods = new Map<number, PodObject>();
  readonly #capacities = new Map<NodeKind, ResourceList>();
  readonly #reserves = new Map<NodeKind, ResourceList>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#pools = parts.options.nodePools.map(poolObject);
  }

  /** The cluster of the moment. */
  look(): SchedulingWorld<LiveMachine> {
    const { availability, existing } = this.#parts;
    if (this.#ground === undefined || this.#version !== availability.version) {
      this.#version = availability.version;
      this.#lay();
      this.#moment = -1;
    }
    if (this.#moment !== existing.moment) {
      this.#moment = existing.moment;
      this.#capture();
    }
    const ground = this.#ground as Ground;
    return { ground, bound: this.#bound, volumes: NO_VOLUMES, factsOf: ({ index }) => this.#facts[index] };
  }

  /** A pod that is to be placed. The same object stands for it where it runs now, so that it does not count there. */
  waiting(row: number, origin: number): PodObject {
    const { view } = this.#parts;
    const spec = view.classes.pods[view.pods.class[row]].spec;
    const pod = this.#podOf(row, spec) as { -readonly [K in keyof PodObject]: PodObject[K] };
    pod.phase = origin === ORIGIN.pending ? 'Pending' : 'Running';
    if (origin === ORIGIN.deleting) pod.nodeName = LEAVING;
    else delete pod.nodeName;
    return pod;
  }

  /** Lays the ground of the offerings that are to be had. */
  #lay(): void {
    const { availability, catalogue, facts, options, view } = this.#parts;
    const types = liveTypes(catalogue, availability, view.classes.resources);
    const ground = new Ground({
      pools: this.#pools,
      typesOf: () => types,
      namespaces: [],
      options: { ...options.settings, reservedCapacity: false },
      names: view.classes.resources,
    });
    const daemonSets = (facts?.daemonSets ?? []).map(({ name, namespace, spec }) => ({
      name,
      namespace,
      uid: name,
      template: spec,
    }));
    this.#daemons = new Daemons(daemonSets, [], ground.sets);
    ground.lay(this.#daemons);
    this.#ground = ground;
    this.#reserves.clear();
  }

  #capture(): void {
    const ground = this.#ground as Ground;
    const { existing, nodeKinds, view } = this.#parts;
    const { nodes, pods } = view;
    this.#pods.clear();
    this.machines = [];
    this.#facts = [];
    const byShape = new Map<PodShape, BoundPod[]>();
    const repelling: (BoundPod & { readonly shape: PodShape })[] = [];
    const bind = (row: number, node: MachineNode): void => {
      const spec = view.classes.pods[pods.class[row]].spec;
      const shape = ground.shapes.of(spec);
      const bound = { pod: this.#podOf(row, spec), node };
      if (pods.state[row] !== POD.terminating) {
        const list = byShape.get(shape);
        if (list === undefined) byShape.set(shape, [bound]);
        else list.push(bound);
      }
      if ((spec.podAntiAffinity?.required ?? []).length > 0) repelling.push({ ...bound, shape });
    };
    for (let index = 0; index < existing.count; index++) {
      const row = existing.rows[index];
      const kind = nodeKinds.of(row);
      const name = view.nodeNames[row];
      const machine: LiveMachine = {
        index,
        name,
        labels: kind.labels,
        initialized: existing.initialized[index] === 1,
        capacity: this.#capacityOf(kind),
        volumeLimits: NO_LIMITS,
        ...(isRegistered(view, row) && { node: machineNode(name, kind.labels, kind.taints) }),
      };
      this.machines.push(machine);
      const placed: PodSpec[] = [];
      for (let pod = nodes.firstPod[row]; pod !== NONE; pod = pods.next[pod])
        placed.push(view.classes.pods[pods.class[pod]].spec);
      const set = ground.sets.ofLabels(kind.labels);
      const { free, overfull } = nodeRoom({
        allocatable: view.classes.resources.list(kind.allocatable),
        requests: listOfUse(view, row),
        reserve: this.#reserveOf(kind, name),
        placed: addLists(...placed.filter(({ controller }) => controller === 'DaemonSet').map(requestsOf)),
        names: ground.names,
      });
      const { taints } = kind;
      const ports = placed.flatMap(hostPorts);
      this.#facts.push({ state: machine, set, hostName: name, taints, free, overfull, ports, volumes: NONE_MOUNTED });
    }
    for (let row = view.firstNode; row !== NONE; row = nodes.next[row]) {
      const kind = nodeKinds.of(row);
      const node = machineNode(view.nodeNames[row], kind.labels, kind.taints);
      for (let pod = nodes.firstPod[row]; pod !== NONE; pod = pods.next[pod]) bind(pod, node);
    }
    this.#bound = { byShape, repelling };
  }

  /** What daemons ask for on a kind of node. They are told apart by labels and taints alone: one that asks for a host name runs nowhere. */
  #reserveOf(kind: NodeKind, name: string): ResourceList {
    let reserve = this.#reserves.get(kind);
    if (reserve === undefined) {
      const ground = this.#ground as Ground;
      reserve = (this.#daemons as Daemons).requestsOn(ground.sets.ofLabels(kind.labels), name, kind.taints);
      this.#reserves.set(kind, reserve);
    }
    return reserve;
  }

  #capacityOf(kind: NodeKind): ResourceList {
    let capacity = this.#capacities.get(kind);
    if (capacity === undefined) {
      capacity = { ...this.#parts.view.classes.resources.list(kind.capacity), nodes: 1 };
      this.#capacities.set(kind, capacity);
    }
    return capacity;
  }

  #podOf(row: number, spec: PodSpec): PodObject {
    let pod = this.#pods.get(row);
    if (pod === undefined) this.#pods.set(row, (pod = podObject(row, spec)));
    return pod;
  }
}

/** Pods on nodes that are going stand on this one. */
export const LEAVING = 'leaving';
const NO_LIMITS: ReadonlyMap<string, number> = new Map();
const NONE_MOUNTED: ReadonlyMap<string, ReadonlySet<string>> = new Map();
/** Claims bind on any node. */
const NO_VOLUMES = { alternatives: () => undefined, drivers: () => NONE_MOUNTED };

/** A live pod. Rows grow with time of creation, so the row settles the queue's order of equals. */
function podObject(row: number, spec: PodSpec): PodObject {
  return {
    name: String(row),
    uid: String(row),
    createdAt: row,
    spec,
    owners: [],
    phase: 'Running',
    unschedulable: true,
    unready: false,
    hasResourceClaims: false,
  };
}

function machineNode(name: string, labels: Labels, taints: readonly Taint[]): MachineNode {
  return { name, labels, hostName: name, taints };
}

/** Whether a node has a Node object. */
function isRegistered(view: ClusterView, node: number): boolean {
  const state = view.nodes.state[node];
  return state === NODE.registered || state === NODE.ready;
}

function requestsOf(spec: PodSpec): ResourceList {
  return { ...effectiveRequests(spec), pods: 1 };
}

function listOfUse({ classes, stride, used }: ClusterView, node: number): ResourceList {
  const out: Record<string, number> = {};
  for (let r = 0; r < stride; r++) out[classes.resources.names[r]] = used[node * stride + r];
  return out;
}

function poolObject({ labels, limits, name, requirements, startupTaints, taints, weight }: NodePool): NodePoolObject {
  return { name, annotations: {}, weight, labels, requirements, taints, startupTaints, limits, ready: true, deleting: false };
}
