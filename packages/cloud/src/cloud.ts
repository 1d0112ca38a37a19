import {
  type Cloud,
  type Cluster,
  type Component,
  GROUP_ACT,
  type GroupSpec,
  type GroupsView,
  type JsonValue,
  type LaunchRequest,
  MINUTE,
  NODE,
  NOTICE,
  type OfferingsView,
  OptionsError,
  ORDER_ERROR,
  PHASE,
  quantileMs,
  RECORD,
  type Streams,
  type Timer,
} from '@plimsoll/core';
import { Account } from './account.ts';
import { CapacityPools, type PoolStep } from './capacity-pools.ts';
import { answerFleet } from './fleet.ts';
import { FleetDesk, type FleetDeskSnapshot } from './fleet-desk.ts';
import { AutoScalingGroup, chooseVictims, type GroupSnapshot, type Member } from './groups/auto-scaling-group.ts';
import { groupBehaviour } from './groups/behaviour.ts';
import { type ControllerSnapshot, GroupController, type GroupHands } from './groups/group-controller.ts';
import { groupKind } from './groups/kinds.ts';
import { drawMillis } from './launch-latency.ts';
import { nameHash } from './name-hash.ts';
import { notReadyTaint, realShape } from './node-shape.ts';
import { type CloudSettings, defaultCloudSettings } from './settings.ts';
import { hazardsByPool, type SpotHazard } from './spot-hazards.ts';
import { SpotPrices } from './spot-prices.ts';
import { AccountSupply, type Refusal, type Supply } from './supply.ts';

/** Codes of the cloud's own events. `a` is a node where nothing else is said. */
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
  /** the hooks of a group's machine are over */
  inService: 7,
  /** the cloud recommends to move away, or gives notice, or takes the machine */
  recommended: 8,
  noticed: 9,
  taken: 10,
  /** a group learns that a machine is broken */
  failed: 11,
  /** a machine's way out is over */
  left: 12,
  /** a machine is prepared for a warm pool */
  prepared: 13,
  /** a call: its window may be over; b attempt of it; its answer */
  batch: 14,
  call: 15,
  callAnswered: 16,
  /** a rule of prices, b its change */
  price: 17,
} as const;

/** From a rebalance recommendation to the notice, where a rule does not say. */
const LEAD = 2 * MINUTE;
/** Over how long a pool that falls short spreads its notices, where a rule does not say. */
const WITHIN = 3 * MINUTE;

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
  /** Whether it was given notice. */
  noticed?: true;
  /** What it is beside a machine that does its work. */
  role?: 'warm start' | 'preparing' | 'in stock' | 'leaving' | 'to stock';
}

interface CloudSnapshot {
  readonly machines: readonly Machine[];
  readonly members: readonly (readonly number[])[];
  readonly groups: readonly GroupSnapshot[];
  readonly short: readonly number[];
  readonly leaving: readonly (readonly number[])[];
  readonly controllers: readonly (ControllerSnapshot | null)[];
  readonly desk: FleetDeskSnapshot;
  readonly prices: readonly (readonly [number, number])[];
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
  readonly #prices: SpotPrices;
  readonly #supply: AccountSupply;
  /** The same, for as long as the API has tokens for further machines. */
  readonly #groupSupply: Supply;
  readonly #account: Account;
  readonly #desk: FleetDesk;
  readonly #hazards: ReadonlyMap<number, SpotHazard & { readonly mean: number }>;
  readonly #groups: readonly AutoScalingGroup[];
  /** By group; undefined for one that only keeps its size. */
  readonly #controllers: readonly (GroupController | undefined)[];
  /** By group: machines on their way out, which are listed still. */
  readonly #leaving: number[][];
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
    const { limits, shortages, quotas, subnets, fleetBatch: batch, throttling } = this.settings;
    this.#pools = new CapacityPools({ offerings, streams, limits, shortages });
    this.#prices = new SpotPrices(offerings, this.settings.spotPrices);
    this.#account = new Account(offerings, { quotas, subnets });
    this.#supply = new AccountSupply(this.#pools, this.#account, this.#prices);
    this.#desk = new FleetDesk({ batch, throttling });
    this.#groupSupply = this.#supplyOfGroups();
    this.#hazards = hazardsByPool(this.settings.spotHazards, offerings);
    this.#groups = groups.map((spec, i) => {
      const input = this.settings.groups[spec.name] ?? this.settings.groups['*'];
      const place = this.settings.groups[spec.name] === undefined ? '*' : spec.name;
      const behaviour = input && groupBehaviour(input, spec, ['cloud', 'groups', place]);
      return new AutoScalingGroup(spec, this.#prices.market, ['groups', i], behaviour);
    });
    this.#controllers = this.#groups.map((group, i) =>
      group.behaviour === undefined ? undefined : new GroupController(group, group.behaviour, this.#handsOf(i)),
    );
    this.#leaving = groups.map(() => []);
    groups.forEach(({ name }, i) => {
      const twin = groups.findIndex((other) => other.name === name);
      if (twin < i) throw new OptionsError(['groups', i, 'name'], `group ${twin} is called ${name} already`);
    });
    this.groups = {
      groups,
      desired: (group) => this.#groups[group].desired,
      instances: (group) => {
        const leaving = this.#leaving[group];
        const { members } = this.#groups[group];
        return leaving.length === 0 ? members : [...members, ...leaving];
      },
      lastFailure: (group) => this.#groups[group].lastFailure,
    };
  }

  start(): void {
    this.#groups.forEach((_, group) => {
      if (this.settings.initialMachines === 'ready') this.#placeInitial(group);
    });
    for (const { rule, step, at } of this.#prices.begin()) this.#timer.at(at, PHASE.world, EVENT.price, rule, step);
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
    if (this.#desk.isOpen) {
      const { call, closeAt } = this.#desk.add(node, request, this.#timer.now);
      this.#timer.at(closeAt, PHASE.world, EVENT.batch, call);
    } else this.#at(this.#draw('fleet call', this.settings.fleetCall, name), EVENT.answered, node);
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
    const own = this.#groups[machine.group];
    // One that is on its way out already, or only prepared, is no part of the size.
    const counts = own !== undefined && machine.role !== 'leaving' && this.#isMember(machine);
    if (counts && decrement) {
      own.desired--;
      this.#returnToStock(machine);
    }
    this.#end(machine, decision);
    if (machine.group < 0) return;
    if (counts && decrement) this.#cluster.record(RECORD.groupResized, machine.group, own.desired, decision);
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
      case EVENT.price:
        this.#changePrices(a, b);
        return;
      case EVENT.batch:
      case EVENT.call:
      case EVENT.callAnswered:
        this.#handleCall(code, a, b);
        return;
    }
    // Events outlive the machine that they are about: one that was lost has none to come.
    const machine = this.#machines.get(a);
    if (machine === undefined) return;
    const ending = this.#cluster.nodes.terminating[a] === 1;
    if (code === EVENT.gone || (code === EVENT.answered && ending)) this.#vanish(machine);
    else if (ending) {
      // The hooks of a machine that an autoscaler ended are over.
      if (code === EVENT.left && machine.role !== 'leaving') this.#stop(machine);
    } else if (code === EVENT.answered) this.#answer(machine);
    else if (code === EVENT.running) this.#run(machine);
    else if (code === EVENT.registered) this.#register(machine);
    else if (code === EVENT.ready) this.#cluster.readyNode(a, { removeTaints: [notReadyTaint] });
    else this.#handleSignal(code, machine);
  }

  /** Tells a group that one of its machines fails its checks: it replaces the machine, if it does such things. */
  markUnhealthy(node: number): void {
    this.#controllers[this.#machine(node).group]?.failed(node);
  }

  /** Protects a group's machine from being chosen when the group shrinks, or no longer. */
  protect(node: number, isProtected: boolean): void {
    this.#controllers[this.#machine(node).group]?.setProtected(node, isProtected);
  }

  /** Whether a group holds a machine on its way out, until its hooks are over. */
  isLeaving(node: number): boolean {
    return this.#machines.get(node)?.role === 'leaving' && this.#cluster.nodes.terminating[node] === 0;
  }

  /** Completes the termination hooks of a machine that a group holds. */
  completeTermination(node: number): void {
    if (this.isLeaving(node)) this.#end(this.#machine(node), -1);
  }

  /** The cloud recommends to leave a spot machine, for it is likely to be taken. */
  recommendRebalance(node: number): void {
    const machine = this.#machine(node);
    this.#cluster.record(RECORD.nodeNotice, node, NOTICE.rebalance);
    this.#controllers[machine.group]?.warned(node);
  }

  /** The cloud gives notice: the machine is taken at the end of it, unless it has ended by then. */
  interrupt(node: number): void {
    const machine = this.#machine(node);
    if (machine.noticed === true) return;
    machine.noticed = true;
    const { group } = machine;
    const kind = this.#groups[group]?.behaviour?.kind ?? 'auto-scaling-group';
    const notice = this.settings.spotNotice ?? groupKind(kind).spotNotice;
    this.#cluster.record(RECORD.nodeNotice, node, NOTICE.interruption, notice);
    this.#at(notice, EVENT.taken, node);
  }

  snapshot(): JsonValue {
    const saved: CloudSnapshot = {
      machines: [...this.#machines.values()].map((machine) => ({ ...machine })),
      members: this.#groups.map((group) => [...group.members]),
      groups: this.#groups.map((group) => group.snapshot()),
      short: this.#pools.shortPools(),
      leaving: this.#leaving.map((nodes) => [...nodes]),
      controllers: this.#controllers.map((controller) => controller?.snapshot() ?? null),
      desk: this.#desk.snapshot(),
      prices: this.#prices.snapshot(),
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
    this.#account.restore(pools);
    saved.leaving.forEach((nodes, i) => {
      this.#leaving[i] = [...nodes];
    });
    saved.controllers.forEach((controller, i) => {
      if (controller !== null) this.#controllers[i]?.restore(controller);
    });
    this.#desk.restore(saved.desk);
    this.#prices.restore(saved.prices);
  }

  // ---- machines -----------------------------------------------------------------------------------------------------------

  #answer(machine: Machine, ofCall?: Map<number, number>): void {
    const request = machine.request!;
    if (request.offerings.length > this.settings.fleetOverrides) {
      this.#cluster.record(RECORD.orderFailed, request.group, -1, ORDER_ERROR.limitExceeded);
      this.#vanish(machine);
      return;
    }
    const chance = this.#streams.keyed('cloud', 'fleet tie');
    const subject = nameHash(request.name);
    const tie = this.settings.fleetTie === 'drawn' ? (pool: number): number => chance.at(subject, pool) : undefined;
    const taken = (pool: number): number => ofCall?.get(pool) ?? 0;
    const { pool, refused } = answerFleet(request, this.#prices.market, this.#supply, { tie, taken });
    this.#recordRefusals(request.group, refused);
    if (pool === undefined) this.#vanish(machine);
    else {
      ofCall?.set(pool, taken(pool) + 1);
      this.#supply.take(pool);
      this.#allocate(machine, pool);
    }
  }

  #recordRefusals(group: number, refused: readonly Refusal[]): void {
    for (const { pool, error } of refused) this.#cluster.record(RECORD.orderFailed, group, pool, error);
  }

  /** The machine comes from this pool, which gave it, and starts. */
  #allocate(machine: Machine, pool: number): void {
    machine.pool = pool;
    const { node } = machine;
    const { launch } = this.settings;
    const warmPool = machine.role === 'warm start' ? this.#groups[machine.group].behaviour?.warmPool : undefined;
    // The answer is part of the way to running, which is measured from the order.
    const start = this.#draw('running', warmPool?.start ?? launch.orderToRunning, this.#name(node));
    this.#timer.at(Math.max(this.#cluster.nodes.orderedAt[node] + start, this.#timer.now), PHASE.world, EVENT.running, node);
  }

  #run(machine: Machine): void {
    const { node, pool, role } = machine;
    this.#cluster.nodeRunning(node, pool);
    const { runningToRegistered } = this.settings.launch;
    const warmPool = this.#groups[machine.group]?.behaviour?.warmPool;
    const boot = role === 'warm start' && warmPool !== undefined ? warmPool.register : runningToRegistered;
    const what = role === 'preparing' ? EVENT.prepared : EVENT.registered;
    this.#at(this.#draw('registered', boot, this.#name(node)), what, node);
    this.#begin(machine);
  }

  /** A machine runs: what may happen to it from now on. */
  #begin({ node, pool, group, role }: Machine, initial = false): void {
    const name = this.#name(node);
    const hazard = this.#hazards.get(pool);
    if (hazard !== undefined) {
      const first = this.#draw('spot', { kind: 'exponential', mean: hazard.mean }, name);
      this.#warn(node, first, hazard.rebalance, hazard.lead);
    }
    const controller = this.#controllers[group];
    if (controller === undefined || role === 'preparing') return;
    controller.running(node, initial);
    const { failsAfter, detection } = controller.behaviour.health;
    if (failsAfter === undefined) return;
    const known = this.#timer.now + this.#draw('fails', failsAfter, name) + detection;
    this.#timer.at(Math.max(known, controller.judgedFrom(node)), PHASE.world, EVENT.failed, node);
  }

  /** Gives notice after a while, with a recommendation before it for a share of the machines. */
  #warn(node: number, after: number, rebalance = 0, lead = LEAD): void {
    const recommended = this.#streams.keyed('cloud', 'spot', 'rebalance').at(nameHash(this.#name(node))) < rebalance;
    if (!recommended) this.#at(after, EVENT.noticed, node);
    else {
      this.#at(after, EVENT.recommended, node);
      this.#at(after + lead, EVENT.noticed, node);
    }
  }

  #handleSignal(code: number, machine: Machine): void {
    const { node, group } = machine;
    switch (code) {
      case EVENT.inService:
        this.#controllers[group]?.inService(node);
        return;
      case EVENT.recommended:
        this.recommendRebalance(node);
        return;
      case EVENT.noticed:
        this.interrupt(node);
        return;
      case EVENT.taken:
        this.lose(node);
        return;
      case EVENT.failed:
        this.markUnhealthy(node);
        return;
      case EVENT.left:
        this.#end(machine, -1);
        return;
      case EVENT.prepared:
        this.#prepared(machine);
    }
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
    const controller = this.#controllers[machine.group];
    // Of an autoscaler's machine the way out begins with the call; one that the group ends has been through it.
    const wait = decision < 0 || machine.role === 'leaving' ? 0 : (controller?.terminationWait(node) ?? 0);
    this.#cluster.terminateNode(node, decision, wait > 0);
    this.#leaveGroup(machine);
    // A request that is still unanswered ends with its answer.
    if (wait > 0) this.#at(wait, EVENT.left, node);
    else if (pool >= 0) this.#at(this.#draw('gone', this.settings.termination, this.#name(node)), EVENT.gone, node);
  }

  #stop({ node }: Machine): void {
    this.#cluster.record(RECORD.nodeStopped, node);
    this.#at(this.#draw('gone', this.settings.termination, this.#name(node)), EVENT.gone, node);
  }

  #vanish(machine: Machine): void {
    const { node, pool, group, role } = machine;
    if (pool >= 0) this.#supply.release(pool);
    this.#machines.delete(node);
    this.#cluster.nodeGone(node);
    const controller = this.#controllers[group];
    if (controller === undefined) return;
    controller.stock.lost(node);
    if (role === 'to stock') {
      controller.stock.ready.push({ pool, zone: this.offerings.offerings[pool].zone, node: -1 });
      controller.changed();
    }
  }

  #machine(node: number): Machine {
    const machine = this.#machines.get(node);
    if (machine === undefined) throw new Error(`node ${node} is no machine of this cloud, or gone`);
    return machine;
  }

  // ---- groups -------------------------------------------------------------------------------------------------------------

  #placeInitial(group: number): void {
    const own = this.#groups[group];
    for (const pool of own.planLaunch(own.desired, [], this.#supply).launches) {
      const machine = this.#orderForGroup(group, pool);
      machine.pool = pool;
      const { node } = machine;
      this.#cluster.nodeRunning(node, pool);
      this.#cluster.registerNode(node, this.#nodeClass(pool, group, null));
      this.#cluster.readyNode(node, { removeTaints: [notReadyTaint] });
      this.#begin(machine, true);
    }
  }

  #orderForGroup(group: number, offering: number): Machine {
    const own = this.#groups[group];
    const name = `${own.spec.name}-${own.launched++}`;
    const node = this.#cluster.orderNode({ name, offering, group, decision: own.decision });
    const machine: Machine = { node, group, pool: -1, request: null };
    this.#machines.set(node, machine);
    own.members.push(node);
    this.#controllers[group]?.joined(node);
    return machine;
  }

  #resize(group: number, size: number, decision: number): void {
    this.#groups[group].desired = size;
    this.#cluster.record(RECORD.groupResized, group, size, decision);
  }

  /** Plans a reaction where a group's size is not as desired. */
  #review(group: number): void {
    const own = this.#groups[group];
    const controller = this.#controllers[group];
    if (controller !== undefined) {
      controller.changed();
      return;
    }
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
    const controller = this.#controllers[group];
    if (controller !== undefined) {
      controller.step();
      return;
    }
    const missing = own.desired - own.members.length;
    if (missing > 0) this.#grow(group, missing);
    else if (missing < 0) this.#shrink(group, -missing);
    else own.noteAttempt(0, 0, this.#timer.now, this.settings.groupRetry);
    // What the group does from here on, it does by itself: a machine that it replaces is nobody's decision.
    if (own.members.length === own.desired) own.decision = -1;
  }

  #grow(group: number, missing: number): void {
    const own = this.#groups[group];
    const { launches, refused } = own.planLaunch(missing, this.#membersOf(own), this.#groupSupply);
    this.#recordRefusals(group, refused);
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
    return group.members.map((node) => {
      const { pool } = this.#machine(node);
      return { node, pool, zone: this.offerings.offerings[pool].zone };
    });
  }

  #isMember({ group, node }: Machine): boolean {
    return this.#groups[group]?.members.includes(node) === true;
  }

  #leaveGroup({ group, node }: Machine): void {
    if (group < 0) return;
    for (const list of [this.#groups[group].members, this.#leaving[group]]) {
      const index = list.indexOf(node);
      if (index >= 0) list.splice(index, 1);
    }
    this.#controllers[group]?.left(node);
  }

  /** What a group's controller works with. */
  #handsOf(group: number): GroupHands {
    const own = (): AutoScalingGroup => this.#groups[group];
    const start = (pool: number, role?: Machine['role']): number => {
      const machine = this.#orderForGroup(group, pool);
      if (role !== undefined) machine.role = role;
      this.#allocate(machine, pool);
      return machine.node;
    };
    return {
      now: () => this.#timer.now,
      supply: this.#groupSupply,
      members: () => this.#membersOf(own()),
      launchedAt: (node) => this.#cluster.nodes.orderedAt[node],
      isSpot: (node) => this.offerings.offerings[this.#machine(node).pool].capacityType === 'spot',
      launch: (pool, warm) => start(pool, warm ? 'warm start' : undefined),
      prepare: (pool) => this.#prepare(group, pool),
      enlist: (node) => {
        const machine = this.#machine(node);
        delete machine.role;
        own().members.push(node);
        this.#controllers[group]!.joined(node);
        const { register } = own().behaviour!.warmPool!;
        this.#at(this.#draw('registered', register, this.#name(node), 1), EVENT.registered, node);
        this.#begin(machine);
      },
      end: (node, decision) => {
        const machine = this.#machine(node);
        if (decision >= 0) this.#returnToStock(machine);
        this.#end(machine, decision);
      },
      leave: (node, wait) => {
        const machine = this.#machine(node);
        this.#leaveGroup(machine);
        machine.role = 'leaving';
        this.#leaving[group].push(node);
        this.#at(wait, EVENT.left, node);
      },
      act: (what, node) => {
        this.#cluster.record(RECORD.groupActed, group, what, node);
      },
      refused: (refusals) => {
        this.#recordRefusals(group, refusals);
      },
      plan: (at) => {
        this.#plan(group, at);
      },
      serviceAfter: (node, delay) => {
        this.#at(delay, EVENT.inService, node);
      },
      chance: (what, node, draw = 0) => this.#streams.keyed('cloud', what, own().spec.name).at(nameHash(this.#name(node)), draw),
      reaction: () => {
        const { spec, behaviour } = own();
        const distribution = behaviour?.reaction ?? this.settings.groupReaction;
        return drawMillis(this.#streams, 'group', distribution, spec.name, own().reactions++);
      },
      retry: this.settings.groupRetry,
    };
  }

  // ---- warm pools ---------------------------------------------------------------------------------------------------------

  /** Starts a machine for the stock. One that will be stopped is nothing that autoscalers see as the group's. */
  #prepare(group: number, pool: number): number {
    const own = this.#groups[group];
    const stays = own.behaviour?.warmPool?.state === 'running';
    const name = `${own.spec.name}-${stays ? '' : 'warm-'}${own.launched++}`;
    const node = this.#cluster.orderNode({ name, offering: pool, group: stays ? group : -1, decision: -1 });
    const machine: Machine = { node, group, pool: -1, request: null, role: 'preparing' };
    this.#machines.set(node, machine);
    this.#allocate(machine, pool);
    return node;
  }

  #prepared(machine: Machine): void {
    const { node, pool, group } = machine;
    const { stock, behaviour } = this.#controllers[group]!;
    if (behaviour.warmPool?.state === 'running') {
      stock.lost(node);
      machine.role = 'in stock';
      stock.ready.push({ pool, zone: this.offerings.offerings[pool].zone, node });
      return;
    }
    machine.role = 'to stock';
    this.#end(machine, -1);
  }

  /** A machine that its group gives up goes back to the stock, where that is wanted and there is room. */
  #returnToStock(machine: Machine): void {
    const controller = this.#controllers[machine.group];
    if (controller?.behaviour.warmPool?.reuse !== true || machine.pool < 0) return;
    const { desired, spec } = controller.group;
    if (controller.stock.missing(desired, spec.max) < 1 || this.#cluster.nodes.state[machine.node] === NODE.ordered) return;
    machine.role = 'to stock';
    controller.stock.preparing.push(machine.node);
    this.#cluster.record(RECORD.groupActed, machine.group, GROUP_ACT.toWarmPool, machine.node);
  }

  // ---- fleet calls --------------------------------------------------------------------------------------------------------

  #handleCall(code: number, id: number, attempt: number): void {
    const { now } = this.#timer;
    if (code === EVENT.batch) {
      const state = this.#desk.close(id, now);
      if (state === undefined) return;
      if (state === 'closed') this.#timer.at(now, PHASE.world, EVENT.call, id, 0);
      else this.#timer.at(state, PHASE.world, EVENT.batch, id);
    } else if (code === EVENT.call) {
      const fate = this.#desk.attempt(id, attempt, now);
      if (fate === 'refused') this.#refuseCall(id);
      else if (fate === 'accepted')
        this.#at(this.#draw('fleet call', this.settings.fleetCall, `call-${id}`), EVENT.callAnswered, id);
      else this.#timer.at(now + fate.pause, PHASE.world, EVENT.call, id, attempt + 1);
    } else {
      const taken = new Map<number, number>();
      for (const node of this.#desk.finish(id)) {
        const machine = this.#machines.get(node);
        if (machine === undefined) continue;
        if (this.#cluster.nodes.terminating[node] === 1) this.#vanish(machine);
        else this.#answer(machine, taken);
      }
    }
  }

  #refuseCall(id: number): void {
    for (const node of this.#desk.finish(id)) {
      const machine = this.#machines.get(node);
      if (machine === undefined) continue;
      this.#cluster.record(RECORD.orderFailed, machine.request!.group, -1, ORDER_ERROR.requestLimitExceeded);
      this.#vanish(machine);
    }
  }

  #supplyOfGroups(): Supply {
    const supply = this.#supply;
    if (this.settings.throttling.machines === undefined) return supply;
    return {
      refusal: (pool) =>
        this.#desk.machineTokens(this.#timer.now) < 1 ? ORDER_ERROR.requestLimitExceeded : supply.refusal(pool),
      depth: (pool) => supply.depth(pool),
      take: (pool) => {
        this.#desk.takeMachineToken(this.#timer.now);
        supply.take(pool);
      },
    };
  }

  // ---- pools and time -----------------------------------------------------------------------------------------------------

  #changePool(step: PoolStep): void {
    const next = this.#pools.change(step);
    const short = this.#pools.isShort(step.pool);
    this.#cluster.record(RECORD.poolChanged, step.pool, short ? 1 : 0);
    if (short) this.#reclaim(step.pool);
    // A zone that has capacity again may be out of balance.
    else for (const controller of this.#controllers) controller?.changed();
    if (next !== undefined) this.#schedulePool(next);
  }

  #changePrices(rule: number, step: number): void {
    const { pools, next } = this.#prices.change({ rule, step, at: this.#timer.now });
    for (const pool of pools) {
      const { price } = this.#prices.market.offerings[pool];
      // In two parts, for a price in nano-dollars is more than a log's column holds.
      this.#cluster.record(RECORD.priceChanged, pool, Math.floor(price / 1_000_000), price % 1_000_000);
      for (const machine of [...this.#machines.values()]) {
        const most = this.#groups[machine.group]?.behaviour?.spotMaxPrice ?? Infinity;
        const tooDear = price > most || this.#prices.isTooDear(pool);
        if (machine.pool === pool && tooDear && this.#cluster.nodes.terminating[machine.node] === 0) this.#warn(machine.node, 0);
      }
    }
    for (const { at, ...ahead } of next) this.#timer.at(at, PHASE.world, EVENT.price, ahead.rule, ahead.step);
  }

  /** A pool that falls short warns the spot machines that it takes back. */
  #reclaim(pool: number): void {
    const rule = this.#pools.reclaim(pool);
    if (rule === undefined || this.offerings.offerings[pool].capacityType !== 'spot') return;
    const { share = 1, within = WITHIN, rebalance, lead } = rule;
    const chance = this.#streams.keyed('cloud', 'spot', 'reclaim');
    const { terminating, state } = this.#cluster.nodes;
    for (const { node, pool: from } of this.#machines.values()) {
      if (from !== pool || terminating[node] === 1 || state[node] === NODE.ordered) continue;
      const subject = nameHash(this.#name(node));
      if (chance.at(subject, 0) >= share) continue;
      this.#warn(node, quantileMs({ kind: 'uniform', min: 0, max: within }, chance.at(subject, 1)), rebalance, lead);
    }
  }

  #schedulePool({ pool, step, at }: PoolStep): void {
    this.#timer.at(at, PHASE.world, EVENT.pool, pool, step);
  }

  #at(delay: number, code: number, node: number): void {
    this.#timer.at(this.#timer.now + delay, PHASE.world, code, node);
  }

  #draw(what: string, distribution: CloudSettings['termination'], name: string, draw = 0): number {
    return drawMillis(this.#streams, what, distribution, name, draw);
  }

  #name(node: number): string {
    return this.#cluster.nodeNames[node];
  }
}
