import { firstUntolerated, type HostPort, type ResourceList, type ResourceNames, type Taint } from '@plimsoll/core';
import type { PodObject } from '../state/objects.ts';
import type { StateNode } from '../state/state-node.ts';
import { portsConflict } from './host-ports.ts';
import { allowsHost, type KnownSet, type KnownSets } from './known-sets.ts';
import type { Machine } from './machine.ts';
import type { Waiting } from './open-claim.ts';
import { hostPorts, type PodView } from './pod-shape.ts';
import type { Topology } from './topology.ts';
import { TopologyGroup } from './topology-group.ts';

/** Volumes by driver, each named once. */
export type Volumes = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING_REFUSED = new Uint8Array(0);

/** What is known of a machine before any pod is planned for it. */
export interface NodeFacts<M extends Machine = Machine> {
  readonly state: M;
  readonly set: KnownSet;
  readonly hostName: string;
  readonly taints: readonly Taint[];
  /** What is left of each resource, by row, with room kept for daemons that are not there yet; a hole where the node has none. */
  readonly free: readonly number[];
  /** Whether it has less than nothing of something: then nothing fits. */
  readonly overfull: boolean;
  readonly ports: readonly HostPort[];
  readonly volumes: Volumes;
}

/**
 * A machine that is there or on its way, and the pods planned for it.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/existingnode.go`.
 */
export class ExistingNode<M extends Machine = Machine> {
  readonly facts: NodeFacts<M>;
  readonly pods: PodObject[] = [];
  #set: KnownSet;
  /** What is left; the facts' own until a pod is added. */
  #free: readonly number[];
  #ports: readonly HostPort[];
  #volumes: Volumes;
  #never = NOTHING_REFUSED;
  #final = true;

  constructor(facts: NodeFacts<M>) {
    this.facts = facts;
    this.#set = facts.set;
    this.#free = facts.free;
    this.#ports = facts.ports;
    this.#volumes = facts.volumes;
  }

  /** Whether it will never take pods of a view: it has refused them for good, or has no room, of which there is ever less. */
  isClosed({ shape }: Waiting, { id }: PodView): boolean {
    if (this.facts.overfull || this.#never[id] === 1) return true;
    const { amounts, resources } = shape;
    for (let k = 0; k < resources.length; k++) if (!(amounts[k] <= this.#free[resources[k]])) return true;
    return false;
  }

  /** Adds a pod if there is room and nothing speaks against it. */
  tryAdd(waiting: Waiting, view: PodView, volumes: Volumes, sets: KnownSets, topology: Topology): boolean {
    if (this.facts.overfull) return false;
    const { amounts, resources } = waiting.shape;
    // Written so that a hole, a resource that the node does not have, refuses too.
    for (let k = 0; k < resources.length; k++) if (!(amounts[k] <= this.#free[resources[k]])) return false;
    if (this.#never[view.id] === 1) return false;
    const set = this.#admit(waiting, view, volumes, sets, topology);
    if (set === undefined) {
      if (this.#final && waiting.volumes === undefined && volumes.size === 0) this.#refuse(view.id);
      return false;
    }
    this.#set = set;
    this.pods.push(waiting.pod);
    const free = this.pods.length === 1 ? [...this.#free] : (this.#free as number[]);
    for (let k = 0; k < resources.length; k++) free[resources[k]] -= amounts[k];
    this.#free = free;
    const { ports } = waiting.shape;
    if (ports.length > 0) this.#ports = [...this.#ports, ...ports];
    if (volumes.size > 0) this.#volumes = union(this.#volumes, volumes);
    const { hostName, taints } = this.facts;
    topology.record(waiting.shape, { set, hostName, taints });
    return true;
  }

  #admit(waiting: Waiting, view: PodView, volumes: Volumes, sets: KnownSets, topology: Topology): KnownSet | undefined {
    const { hostName, state, taints } = this.facts;
    const { shape } = waiting;
    this.#final = true;
    if (firstUntolerated(taints, view.tolerations, () => true) !== undefined) return undefined;
    if (state.volumeLimits.size > 0 && exceeds(union(this.#volumes, volumes), state.volumeLimits)) return undefined;
    if (shape.ports.length > 0 && portsConflict(this.#ports, shape.ports)) return undefined;
    const merged = sets.merge(this.#set, view.requirements, true);
    if (merged === undefined || !allowsHost(view.requirements, hostName)) {
      this.#final = !view.requirements.fickle;
      return undefined;
    }
    for (const volume of waiting.volumes ?? [undefined]) {
      const withVolume = volume === undefined ? merged : sets.merge(merged, volume, true);
      if (withVolume === undefined || (volume !== undefined && !allowsHost(volume, hostName))) continue;
      const picks = topology.require(shape, view, { set: withVolume, hostName, taints });
      if (picks instanceof TopologyGroup) {
        this.#final &&= topology.isFinal(picks);
        continue;
      }
      if (picks.length === 0) return withVolume;
      this.#final = false;
      const narrowed = sets.narrow(withVolume, picks);
      if (sets.merge(withVolume, narrowed, true) !== undefined) return narrowed;
    }
    return undefined;
  }

  #refuse(view: number): void {
    if (view >= this.#never.length) {
      const wider = new Uint8Array(view * 2 + 32);
      wider.set(this.#never);
      this.#never = wider;
    }
    this.#never[view] = 1;
  }
}

/** What a machine is before planning. `reserve` is what daemons ask for on it, by name. */
export function nodeFacts(
  state: StateNode,
  sets: KnownSets,
  names: ResourceNames,
  volumes: Volumes,
  reserve: ResourceList,
): NodeFacts<StateNode> {
  const { allocatable, daemonRequests, hostName, labels, pods, requests, taints } = state;
  return {
    state,
    set: sets.ofLabels(labels),
    hostName,
    taints,
    ...nodeRoom({ allocatable, requests, reserve, placed: daemonRequests, names }),
    ports: pods.flatMap(({ spec }) => hostPorts(spec)),
    volumes,
  };
}

/** What a machine has, what its pods ask for, and what daemons ask for there and have already. */
export interface RoomParts {
  readonly allocatable: ResourceList;
  readonly requests: ResourceList;
  readonly reserve: ResourceList;
  readonly placed: ResourceList;
  readonly names: ResourceNames;
}

/** What is left of each resource, with room kept for the daemons that are not there yet. */
export function nodeRoom({ allocatable, names, placed, requests, reserve }: RoomParts): Pick<NodeFacts, 'free' | 'overfull'> {
  const free: number[] = [];
  let overfull = false;
  for (const name of Object.keys(allocatable)) {
    const kept = Math.max(0, (reserve[name] ?? 0) - (placed[name] ?? 0));
    const left = allocatable[name] - (requests[name] ?? 0) - kept;
    free[names.indexOf(name)] = left;
    if (left < 0) overfull = true;
  }
  return { free, overfull };
}

/** Two sets of volumes as one. */
export function union(a: Volumes, b: Volumes): Volumes {
  if (b.size === 0) return a;
  const out = new Map<string, ReadonlySet<string>>(a);
  for (const [driver, volumes] of b) out.set(driver, new Set([...(a.get(driver) ?? []), ...volumes]));
  return out;
}

function exceeds(volumes: Volumes, limits: ReadonlyMap<string, number>): boolean {
  for (const [driver, names] of volumes) if (names.size > (limits.get(driver) ?? Infinity)) return true;
  return false;
}
