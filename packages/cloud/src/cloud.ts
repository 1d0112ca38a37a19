import {
  type Cloud,
  type Cluster,
  type Component,
  type GroupSpec,
  type GroupsView,
  type JsonValue,
  type LaunchRequest,
  type OfferingsView,
  OptionsError,
  ORDER_ERROR,
  PHASE,
  RECORD,
  type Streams,
  type Timer,
} from '@plimsoll/core';
import { AutoScalingGroup, chooseVictims, type GroupSnapshot, type Member } from './auto-scaling-group.ts';
import { CapacityPools, type PoolStep } from './capacity-pools.ts';
import { answerFleet } from './fleet.ts';
import { drawMillis } from './launch-latency.ts';
import { nameHash } from './name-hash.ts';
import { notReadyTaint, realShape } from './node-shape.ts';
import { type CloudSettings, defaultCloudSettings } from './settings.ts';

/** Codes of the cloud's own events. `a` is a node, but for the last two. */
const EVENT = {
  answered: 0,
  running: 1,
  registered: 2,
  ready: 3,
  gone: 4,
  /** a group, b its plan */
  group: 5,
  /** a pool, b step */
  pool: 6,
} as const;

/** What a {@link SimulatedCloud} is made of. */
export interface SimulatedCloudParts {
  readonly cluster: Cluster;
  readonly timer: Timer;
  readonly streams: Streams;
  readonly offerings: OfferingsView;
  readonly groups: readonly GroupSpec[];
  /** What differs from {@link defaultCloudSettings}. */
  readonly settings?: Partial<CloudSettings>;
}

/** A machine that was ordered and is not gone. */
interface Machine {
  readonly node: number;
  /** Row of its group, or -1 for a fleet's. */
  readonly group: number;
  /** Its pool, or -1 while a fleet request is unanswered. */
  pool: number;
  /** What was asked for, until its Node is registered; null for a group's. */
  request: LaunchRequest | null;
}

interface CloudSnapshot {
  readonly machines: readonly Machine[];
  readonly members: readonly (readonly number[])[];
  readonly groups: readonly GroupSnapshot[];
  readonly short: readonly number[];
}

/**
 * The world that sells machines: drives each from its order to its end, keeps groups at their desired size, and runs out of capacity
 * where the settings say so. Whoever buys meets the same latencies and shortages.
 *
 * A machine is ordered; running (it costs money); registered with a not-ready taint; ready; ending; gone. Its end stops it wherever
 * it stands.
 */
export class SimulatedCloud implements Cloud, Component {
  readonly id = 'cloud';
  readonly offerings: OfferingsView;
  readonly groups: GroupsView;
  readonly settings: CloudSettings;
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #streams: Streams;
  readonly #pools: CapacityPools;
  readonly #groups: readonly AutoScalingGroup[];
  readonly #machines = new Map<number, Machine>();
  /** Node class by offering and extras: interning a whole shape per machine would cost more than the rest of its life. */
  readonly #classes = new Map<string, number>();

  /** @throws OptionsError when a group or a rule about pools asks for what the price list lacks. */
  constructor({ cluster, timer, streams, offerings, groups, settings }: SimulatedCloudParts) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#streams = streams;
    this.offerings = offerings;
    this.settings = { ...defaultCloudSettings, ...settings };
    const { limits, shortages } = this.settings;
    this.#pools = new CapacityPools({ offerings, streams, limits, shortages });
    this.#groups = groups.map((spec, i) => new AutoScalingGroup(spec, offerings, ['groups', i]));
    groups.forEach(({ name }, i) => {
      const twin = groups.findIndex((other) => other.name === name);
      if (twin < i) throw new OptionsError(['groups', i, 'name'], `group ${twin} is called ${name} already`);
    });
    this.groups = {
      groups,
      desired: (group) => this.#groups[group].desired,
      instances: (group) => this.#groups[group].members,
      lastFailure: (group) => this.#groups[group].lastFailure,
    };
  }

  start(): void {
    this.#groups.forEach((_, group) => {
      if (this.settings.initialMachines === 'ready') this.#placeInitial(group);
    });
    for (const step of this.#pools.begin()) this.#schedulePool(step);
    for (const pool of this.#pools.shortPools()) this.#cluster.record(RECORD.poolChanged, pool, 1);
    this.#groups.forEach((_, group) => {
      this.#review(group);
    });
  }

  order(request: LaunchRequest, decision: number): number {
    const { name, group, offerings } = request;
    const node = this.#cluster.orderNode({ name, offering: offerings[0], group, decision });
    this.#machines.set(node, { node, group: -1, pool: -1, request });
    this.#at(this.#draw('fleet call', this.settings.fleetCall, name), EVENT.answered, node);
    return node;
  }

  /** @throws RangeError when the size lies outside the group's limits. */
  setDesired(group: number, size: number, decision: number): void {
    const own = this.#groups[group];
    const { name, min, max } = own.spec;
    if (!(size >= min && size <= max)) throw new RangeError(`group ${name}: expected a size from ${min} to ${max}, got ${size}`);
    own.decision = decision;
    this.#resize(group, size, decision);
    this.#review(group);
  }

  /** @throws RangeError when a decrement would bring its group below its minimum. */
  terminate(node: number, decision: number, decrement: boolean): void {
    const machine = this.#machine(node);
    if (decrement && machine.group >= 0) {
      const { desired, spec } = this.#groups[machine.group];
      if (desired <= spec.min) throw new RangeError(`group ${spec.name}: its size cannot go below its minimum of ${spec.min}`);
    }
    this.#end(machine, decision);
    if (machine.group < 0) return;
    if (decrement) this.#resize(machine.group, this.#groups[machine.group].desired - 1, decision);
    this.#review(machine.group);
  }

  /** A machine is lost at once, whatever its state: reclaimed, broken. A group replaces it of its own accord. */
  lose(node: number): void {
    const machine = this.#machine(node);
    this.#leaveGroup(machine);
    this.#vanish(machine);
    if (machine.group >= 0) this.#review(machine.group);
  }

  handle(code: number, a: number, b: number): void {
    switch (code) {
      case EVENT.group:
        this.#act(a, b);
        return;
      case EVENT.pool:
        this.#changePool({ pool: a, step: b, at: this.#timer.now });
        return;
    }
    // Events outlive the machine that they are about: one that was lost has none to come.
    const machine = this.#machines.get(a);
    if (machine === undefined) return;
    const ending = this.#cluster.nodes.terminating[a] === 1;
    if (code === EVENT.gone || (code === EVENT.answered && ending)) this.#vanish(machine);
    else if (ending) return;
    else if (code === EVENT.answered) this.#answer(machine);
    else if (code === EVENT.running) this.#run(machine);
    else if (code === EVENT.registered) this.#register(machine);
    else this.#cluster.readyNode(a, { removeTaints: [notReadyTaint] });
  }

  snapshot(): JsonValue {
    const saved: CloudSnapshot = {
      machines: [...this.#machines.values()].map((machine) => ({ ...machine })),
      members: this.#groups.map((group) => [...group.members]),
      groups: this.#groups.map((group) => group.snapshot()),
      short: this.#pools.shortPools(),
    };
    return saved as unknown as JsonValue;
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as CloudSnapshot;
    this.#machines.clear();
    for (const machine of saved.machines) this.#machines.set(machine.node, { ...machine });
    this.#groups.forEach((group, i) => {
      group.restore(saved.groups[i], saved.members[i]);
    });
    const pools = saved.machines.filter((machine) => machine.pool >= 0).map((machine) => machine.pool);
    this.#pools.restore(saved.short, pools);
  }

  // ---- machines -----------------------------------------------------------------------------------------------------------

  #answer(machine: Machine): void {
    const request = machine.request!;
    const chance = this.#streams.keyed('cloud', 'fleet tie');
    const subject = nameHash(request.name);
    const tie = this.settings.fleetTie === 'drawn' ? (pool: number): number => chance.at(subject, pool) : undefined;
    const { pool, refused } = answerFleet(request, this.offerings, this.#pools, tie);
    for (const failed of refused) {
      this.#cluster.record(RECORD.orderFailed, request.group, failed, ORDER_ERROR.insufficientCapacity);
    }
    if (pool === undefined) this.#vanish(machine);
    else this.#allocate(machine, pool);
  }

  /** The machine comes from this pool, and starts. */
  #allocate(machine: Machine, pool: number): void {
    this.#pools.take(pool);
    machine.pool = pool;
    const { node } = machine;
    const { launch } = this.settings;
    // The answer is part of the way to running, which is measured from the order.
    const running = this.#cluster.nodes.orderedAt[node] + this.#draw('running', launch.orderToRunning, this.#name(node));
    this.#timer.at(Math.max(running, this.#timer.now), PHASE.world, EVENT.running, node);
  }

  #run({ node, pool }: Machine): void {
    this.#cluster.nodeRunning(node, pool);
    this.#at(this.#draw('registered', this.settings.launch.runningToRegistered, this.#name(node)), EVENT.registered, node);
  }

  #register(machine: Machine): void {
    const { node, pool, group, request } = machine;
    this.#cluster.registerNode(node, this.#nodeClass(pool, group, request));
    machine.request = null;
    this.#at(this.#draw('ready', this.settings.launch.registeredToReady, this.#name(node)), EVENT.ready, node);
  }

  #nodeClass(pool: number, group: number, request: LaunchRequest | null): number {
    const { labels, taints } = request ?? this.#groups[group].spec;
    const key = JSON.stringify([pool, group < 0, labels, taints]);
    let known = this.#classes.get(key);
    if (known === undefined) {
      const shape = realShape(this.offerings, pool, { labels, taints }, group < 0 ? 'fleet' : 'group');
      known = this.#cluster.classes.node(shape).id;
      this.#classes.set(key, known);
    }
    return known;
  }

  #end(machine: Machine, decision: number): void {
    const { node, pool } = machine;
    this.#cluster.terminateNode(node, decision);
    this.#leaveGroup(machine);
    // A request that is still unanswered ends with its answer.
    if (pool >= 0) this.#at(this.#draw('gone', this.settings.termination, this.#name(node)), EVENT.gone, node);
  }

  #vanish({ node, pool }: Machine): void {
    if (pool >= 0) this.#pools.release(pool);
    this.#machines.delete(node);
    this.#cluster.nodeGone(node);
  }

  #machine(node: number): Machine {
    const machine = this.#machines.get(node);
    if (machine === undefined) throw new Error(`node ${node} is no machine of this cloud, or gone`);
    return machine;
  }

  // ---- groups -------------------------------------------------------------------------------------------------------------

  #placeInitial(group: number): void {
    const own = this.#groups[group];
    for (const pool of own.planLaunch(own.desired, [], this.offerings, this.#pools).launches) {
      const machine = this.#orderForGroup(group, pool);
      this.#pools.take(pool);
      machine.pool = pool;
      const { node } = machine;
      this.#cluster.nodeRunning(node, pool);
      this.#cluster.registerNode(node, this.#nodeClass(pool, group, null));
      this.#cluster.readyNode(node, { removeTaints: [notReadyTaint] });
    }
  }

  #orderForGroup(group: number, offering: number): Machine {
    const own = this.#groups[group];
    const name = `${own.spec.name}-${own.launched++}`;
    const node = this.#cluster.orderNode({ name, offering, group, decision: own.decision });
    const machine: Machine = { node, group, pool: -1, request: null };
    this.#machines.set(node, machine);
    own.members.push(node);
    return machine;
  }

  #resize(group: number, size: number, decision: number): void {
    this.#groups[group].desired = size;
    this.#cluster.record(RECORD.groupResized, group, size, decision);
  }

  /** Plans a reaction where a group's size is not as desired. */
  #review(group: number): void {
    const own = this.#groups[group];
    if (own.members.length === own.desired) return;
    const delay = drawMillis(this.#streams, 'group', this.settings.groupReaction, own.spec.name, own.reactions);
    if (this.#plan(group, this.#timer.now + delay)) own.reactions++;
  }

  /** Plans the group's next act, unless an earlier one is planned. */
  #plan(group: number, at: number): boolean {
    const own = this.#groups[group];
    if (at >= own.wakeAt) return false;
    own.wakeAt = at;
    own.wakes++;
    this.#timer.at(at, PHASE.world, EVENT.group, group, own.wakes);
    return true;
  }

  #act(group: number, plan: number): void {
    const own = this.#groups[group];
    if (plan !== own.wakes) return;
    own.wakeAt = Infinity;
    const missing = own.desired - own.members.length;
    if (missing > 0) this.#grow(group, missing);
    else if (missing < 0) this.#shrink(group, -missing);
    else own.noteAttempt(0, 0, this.#timer.now, this.settings.groupRetry);
    // What the group does from here on, it does by itself: a machine that it replaces is nobody's decision.
    if (own.members.length === own.desired) own.decision = -1;
  }

  #grow(group: number, missing: number): void {
    const own = this.#groups[group];
    const { launches, refused } = own.planLaunch(missing, this.#membersOf(own), this.offerings, this.#pools);
    for (const pool of refused) this.#cluster.record(RECORD.orderFailed, group, pool, ORDER_ERROR.insufficientCapacity);
    for (const pool of launches) this.#allocate(this.#orderForGroup(group, pool), pool);
    const pause = own.noteAttempt(missing, launches.length, this.#timer.now, this.settings.groupRetry);
    if (pause !== undefined) this.#plan(group, this.#timer.now + pause);
  }

  #shrink(group: number, surplus: number): void {
    const own = this.#groups[group];
    const { scaleInVictim } = this.settings;
    const chance = this.#streams.keyed('cloud', 'scale-in', own.spec.name);
    const rank = (node: number): number =>
      scaleInVictim === 'drawn' ? chance.at(nameHash(this.#name(node))) : scaleInVictim === 'newest' ? -node : node;
    for (const node of chooseVictims(surplus, this.#membersOf(own), own.spec.zones, rank)) {
      this.#end(this.#machine(node), own.decision);
    }
  }

  #membersOf(group: AutoScalingGroup): Member[] {
    return group.members.map((node) => ({ node, zone: this.offerings.offerings[this.#machine(node).pool].zone }));
  }

  #leaveGroup({ group, node }: Machine): void {
    if (group < 0) return;
    const { members } = this.#groups[group];
    const index = members.indexOf(node);
    if (index >= 0) members.splice(index, 1);
  }

  // ---- pools and time -----------------------------------------------------------------------------------------------------

  #changePool(step: PoolStep): void {
    const next = this.#pools.change(step);
    this.#cluster.record(RECORD.poolChanged, step.pool, this.#pools.isShort(step.pool) ? 1 : 0);
    if (next !== undefined) this.#schedulePool(next);
  }

  #schedulePool({ pool, step, at }: PoolStep): void {
    this.#timer.at(at, PHASE.world, EVENT.pool, pool, step);
  }

  #at(delay: number, code: number, node: number): void {
    this.#timer.at(this.#timer.now + delay, PHASE.world, code, node);
  }

  #draw(what: string, distribution: CloudSettings['termination'], name: string): number {
    return drawMillis(this.#streams, what, distribution, name);
  }

  #name(node: number): string {
    return this.#cluster.nodeNames[node];
  }
}
