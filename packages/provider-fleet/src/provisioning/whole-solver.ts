import {
  addLists,
  type ClusterFacts,
  type ClusterView,
  effectiveRequests,
  LABEL,
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
import type { CompiledSets } from '../catalogue/compiled-sets.ts';
import type { ExistingNodes } from '../nodes/existing-nodes.ts';
import type { NodeKind, NodeKinds } from '../nodes/node-kinds.ts';
import type { KarpenterOptions } from '../options/karpenter-options.ts';
import type { NodePool } from '../options/node-pool.ts';
import { requirementSet } from '../requirements/requirement-set.ts';
import { Daemons } from '../scheduling/daemons.ts';
import { type ExistingNode, type NodeFacts, nodeRoom } from '../scheduling/existing-node.ts';
import { Ground, SIMULATED_LABELS } from '../scheduling/ground.ts';
import type { InstanceType, Offering } from '../scheduling/instance-type.ts';
import type { Machine, MachineNode } from '../scheduling/machine.ts';
import type { OpenClaim } from '../scheduling/open-claim.ts';
import { hostPorts, type PodShape } from '../scheduling/pod-shape.ts';
import { type SchedulingWorld, schedule } from '../scheduling/schedule.ts';
import type { BoundPod, BoundPods } from '../scheduling/topology.ts';
import type { NodePoolObject, PodObject } from '../state/objects.ts';
import type { PlanClaim } from './claim.ts';
import type { PoolRoom } from './pool-room.ts';
import { ORIGIN, type PlanInput, UNPLACED } from './solver.ts';
import type { ClaimTemplate } from './templates.ts';

const RESERVATION_ID = 'karpenter.k8s.aws/capacity-reservation-id';

/** What a whole plan is made from. */
export interface WholeParts {
  readonly view: ClusterView;
  readonly catalogue: Catalogue;
  readonly availability: Availability;
  readonly sets: CompiledSets;
  readonly existing: ExistingNodes;
  readonly nodeKinds: NodeKinds;
  readonly templates: readonly ClaimTemplate[];
  readonly room: PoolRoom;
  readonly options: KarpenterOptions;
  readonly facts: ClusterFacts | undefined;
}

/** A node of the moment. */
interface LiveMachine extends Machine {
  readonly index: number;
}

/**
 * Plans by the whole model of Karpenter's scheduler, which recorded decisions judge: with topology, preferences about other pods and the
 * overhead of daemons. The fast {@link Solver} decides the same where none of these is in play.
 */
export class WholeSolver {
  readonly room: PoolRoom;
  claims: PlanClaim[] = [];
  placements = new Int32Array(0);
  planned = 0;
  plannedPods: ArrayLike<number> = [];
  abandoned = false;
  readonly #parts: WholeParts;
  readonly #pools: readonly NodePoolObject[];
  #ground: Ground | undefined;
  #daemons: Daemons | undefined;
  #version = -1;
  #moment = -1;
  #machines: LiveMachine[] = [];
  #facts: NodeFacts<LiveMachine>[] = [];
  #bound: BoundPods = { byShape: new Map(), repelling: [] };
  /** Pods of the moment by row. */
  readonly #pods = new Map<number, PodObject>();
  readonly #capacities = new Map<NodeKind, ResourceList>();
  readonly #reserves = new Map<NodeKind, ResourceList>();

  constructor(parts: WholeParts) {
    this.#parts = parts;
    this.room = parts.room;
    this.#pools = parts.options.nodePools.map(poolObject);
  }

  /** Makes a plan; answers stand in `claims`, `placements` and `abandoned`. */
  plan({ claimsMax = Infinity, count, excluded, origins, pods }: PlanInput): void {
    const ground = this.#prepare();
    const rows = Array.from({ length: count }, (_, i) => pods[i]);
    const objects = rows.map((row, i) => this.#podObject(row, origins[i]));
    const cluster: SchedulingWorld<LiveMachine> = {
      ground,
      bound: this.#bound,
      volumes: NO_VOLUMES,
      factsOf: ({ index }) => this.#facts[index],
    };
    const closed = new Set(this.#machines.filter(({ index }) => this.#parts.existing.closed[index] === 1));
    const result = schedule(cluster, {
      pods: objects,
      nodes: excluded === undefined ? this.#machines : this.#machines.filter(({ index }) => excluded[index] !== 1),
      reserved: claimsMax === Infinity ? 'strict' : 'fallback',
      closed,
      leaving: LEAVING,
    });
    const at = new Map(objects.map((object, i) => [object, i]));
    this.planned = count;
    this.plannedPods = rows;
    this.placements = new Int32Array(count).fill(UNPLACED);
    // Claims are named in the order in which they were opened.
    const claims = [...result.claims].sort((a, b) => a.number - b.number);
    this.claims = claims.map((claim, id) => {
      const own = claim.pods.map((pod) => at.get(pod) as number);
      for (const i of own) this.placements[i] = -2 - id;
      return this.#planClaim(
        claim,
        own.map((i) => rows[i]),
      );
    });
    for (const { facts, pods: placed } of result.existing as readonly ExistingNode<LiveMachine>[]) {
      for (const pod of placed) this.placements[at.get(pod) as number] = facts.state.index;
    }
    this.abandoned = claimsMax !== Infinity && this.#isUseless(origins, claimsMax);
  }

  /** Whether a consolidation could do nothing with the plan. */
  #isUseless(origins: ArrayLike<number>, claimsMax: number): boolean {
    if (this.claims.length > claimsMax) return true;
    const { initialized } = this.#parts.existing;
    for (let i = 0; i < this.planned; i++) {
      const placement = this.placements[i];
      if (placement === UNPLACED && origins[i] !== ORIGIN.pending) return true;
      if (placement >= 0 && origins[i] === ORIGIN.moved && initialized[placement] === 0) return true;
    }
    return false;
  }

  /** The ground of the offerings that are to be had, and the nodes of the moment. */
  #prepare(): Ground {
    const { availability, existing, facts } = this.#parts;
    if (this.#ground === undefined || this.#version !== availability.version) {
      this.#version = availability.version;
      const { options, view } = this.#parts;
      const types = this.#types();
      const ground = new Ground({
        pools: this.#pools,
        typesOf: () => types,
        namespaces: [],
        options: { ...options.settings, reservedCapacity: false },
        names: view.classes.resources,
      });
      this.#daemons = new Daemons(
        (facts?.daemonSets ?? []).map(({ name, namespace, spec }) => ({ name, namespace, uid: name, template: spec })),
        [],
        ground.sets,
      );
      ground.lay(this.#daemons);
      this.#ground = ground;
      this.#reserves.clear();
      this.#moment = -1;
    }
    if (this.#moment !== existing.moment) {
      this.#moment = existing.moment;
      this.#capture(this.#ground);
    }
    return this.#ground;
  }

  #capture(ground: Ground): void {
    const { existing, nodeKinds, view } = this.#parts;
    const { nodes, pods } = view;
    this.#pods.clear();
    this.#machines = [];
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
      this.#machines.push(machine);
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

  /** A pod that is to be placed. The same object stands for it where it runs now, so that it does not count there. */
  #podObject(row: number, origin: number): PodObject {
    const { view } = this.#parts;
    const pod = this.#podOf(row, view.classes.pods[view.pods.class[row]].spec) as {
      -readonly [K in keyof PodObject]: PodObject[K];
    };
    pod.phase = origin === ORIGIN.pending ? 'Pending' : 'Running';
    if (origin === ORIGIN.deleting) pod.nodeName = 'leaving';
    else delete pod.nodeName;
    return pod;
  }

  #planClaim({ set, template, totals, types }: OpenClaim, pods: readonly number[]): PlanClaim {
    const { sets, templates } = this.#parts;
    const requirements = new Map(set.set);
    for (const key of Object.keys(SIMULATED_LABELS)) requirements.delete(key);
    return {
      template: templates.find(({ nodePool }) => nodePool.name === template.pool.name) as ClaimTemplate,
      requirements: sets.of(requirements),
      types,
      pods,
      totals,
    };
  }

  /** The catalogue's types, row by row, with the offerings that are worth asking for now. */
  #types(): readonly InstanceType[] {
    const { availability, catalogue, view } = this.#parts;
    const { resources } = view.classes;
    const offerings = catalogue.types.map((): Offering[] => []);
    const places = new Map<string, Offering['requirements']>();
    catalogue.offerings.forEach(({ capacityType, price, type, zone }, row) => {
      if (catalogue.marketOf[row] < 0) return;
      const key = `${zone} ${capacityType}`;
      let requirements = places.get(key);
      if (requirements === undefined) {
        requirements = requirementSet([
          { key: LABEL.zone, operator: 'In', values: [zone] },
          { key: LABEL.capacityType, operator: 'In', values: [capacityType] },
          { key: RESERVATION_ID, operator: 'DoesNotExist' },
        ]);
        places.set(key, requirements);
      }
      offerings[type].push({ zone, capacityType, price, available: availability.has(row), requirements });
    });
    return catalogue.types.map(({ allocatable, capacity, name, requirements }, row) => ({
      name,
      requirements,
      capacity: resources.list(capacity),
      allocatable: resources.list(allocatable),
      offerings: offerings[row],
    }));
  }
}

/** Pods on nodes that are going stand on this one. */
const LEAVING: ReadonlySet<string> = new Set(['leaving']);
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
