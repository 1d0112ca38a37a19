import { type Distribution, GROUP_ACT, quantileMs } from '@plimsoll/core';
import type { Refusal, Supply } from '../supply.ts';
import type { AutoScalingGroup, Member } from './auto-scaling-group.ts';
import type { GroupBehaviour, GroupProcess, LifecycleHook } from './behaviour.ts';
import { chooseScaleIn, type ScaleInCandidate } from './termination-policy.ts';
import { WarmStock, type WarmStockSnapshot } from './warm-stock.ts';

/** What a controller may do to machines, and what it may ask. The cloud gives it. */
export interface GroupHands {
  readonly now: () => number;
  readonly supply: Supply;
  /** Machines of the group that are not ending or on their way out. */
  readonly members: () => Member[];
  readonly launchedAt: (node: number) => number;
  readonly isSpot: (node: number) => boolean;
  /** Starts a machine of a pool that was taken already; `warm` machines come prepared. Returns its node. */
  readonly launch: (pool: number, warm: boolean) => number;
  /** Starts a machine that is only prepared for the warm pool. */
  readonly prepare: (pool: number) => number;
  /** Turns a running machine of the warm pool into a member. */
  readonly enlist: (node: number) => void;
  /** Ends a machine now. */
  readonly end: (node: number, decision: number) => void;
  /** Takes a machine out of the members; it is listed until its end, which comes after `wait`. */
  readonly leave: (node: number, wait: number) => void;
  readonly act: (what: number, node: number) => void;
  readonly refused: (refusals: readonly Refusal[]) => void;
  /** Asks for {@link GroupController.step} at a time. */
  readonly plan: (at: number) => void;
  /** Asks for {@link GroupController.inService} of a node after a while. */
  readonly serviceAfter: (node: number, delay: number) => void;
  /** A number in [0, 1) for a subject of the group. */
  readonly chance: (what: string, node: number, draw?: number) => number;
  /** How long the group takes to react, drawn anew with each call. */
  readonly reaction: () => number;
  readonly retry: { readonly first: number; readonly longest: number };
}

/** When machines that are there at the start came into service. */
const LONG_AGO = Number.MIN_SAFE_INTEGER;

/** A machine that is launched before another one ends. */
interface Replacement {
  readonly what: number;
  /** The machine to end, or -1 where the group chooses one of `from` then. */
  readonly victim: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Its successor, or -1 before it is launched. */
  successor: number;
}

interface MemberState {
  readonly version: number;
  /** When it came into service; null before. */
  serviceAt: number | null;
  isProtected: boolean;
}

interface Roll {
  readonly index: number;
  /** Machines that were outdated when it began. */
  readonly total: number;
  checkpoint: number;
  resumeAt: number;
}

/** What a controller saves. */
export interface ControllerSnapshot {
  readonly members: readonly (readonly [number, MemberState])[];
  readonly replacements: readonly Replacement[];
  readonly unhealthy: readonly number[];
  readonly version: number;
  readonly started: number;
  readonly roll: Roll | null;
  readonly times: readonly (number | null)[];
  readonly oldWait: boolean;
  readonly warm: WarmStockSnapshot;
}

/**
 * What a group does beside keeping its size: balancing zones, replacing machines that are unhealthy, old, outdated or about to be taken,
 * hooks on the way in and out, a warm pool. One step looks at everything in a fixed order and plans the next.
 *
 * Sources: Amazon EC2 Auto Scaling User Guide, the chapters named after each behaviour. Departs from it in that machines that come into service
 * do so when they run (and their launch hooks are over), as no load balancer is modelled; and in the pace of replacements for age: one at a
 * time, or a tenth of the size where several are due.
 */
export class GroupController {
  readonly group: AutoScalingGroup;
  readonly behaviour: GroupBehaviour;
  readonly stock: WarmStock;
  readonly #hands: GroupHands;
  readonly #members = new Map<number, MemberState>();
  #replacements: Replacement[] = [];
  #unhealthy: number[] = [];
  /** Version of the launch template; each refresh makes the next one. */
  #version = 1;
  /** Refreshes that have begun. */
  #started = 0;
  #roll: Roll | null = null;
  /** When a gap in size is acted on; Infinity while there is none. */
  #reactAt = Infinity;
  /** No launch before: the pause after one that failed. */
  #retryAt = -Infinity;
  /** When zones are balanced; Infinity while they are. */
  #zonesAt = Infinity;
  /** When something changed that no step has looked at yet; Infinity where nothing has. */
  #changedAt = Infinity;
  /** Whether machines that are too old wait for others to come into service. */
  #oldWait = false;
  /** The members, until one joins or leaves. */
  #list: readonly Member[] | undefined;

  constructor(group: AutoScalingGroup, behaviour: GroupBehaviour, hands: GroupHands) {
    this.group = group;
    this.behaviour = behaviour;
    this.#hands = hands;
    this.stock = new WarmStock(behaviour.warmPool);
  }

  /** A machine was ordered for the group. */
  joined(node: number): void {
    this.#list = undefined;
    this.#members.set(node, { version: this.#version, serviceAt: null, isProtected: this.behaviour.protectNew });
  }

  /** A machine of the group runs: it is in service, unless hooks hold it. `initial` ones have been for long when the run begins. */
  running(node: number, initial: boolean): void {
    const state = this.#members.get(node);
    if (initial && state !== undefined) {
      state.serviceAt = LONG_AGO;
      this.changed();
      return;
    }
    const hooks = this.behaviour.hooks.filter(({ on }) => on === 'launch');
    const wait = Math.max(0, ...hooks.map((hook, i) => this.#hookTime(hook, node, i)));
    if (wait > 0) this.#hands.serviceAfter(node, wait);
    else this.inService(node);
  }

  /** The hooks of a machine are over. */
  inService(node: number): void {
    const state = this.#members.get(node);
    if (state === undefined) return;
    const hooks = this.behaviour.hooks.filter(({ on }) => on === 'launch');
    if (hooks.some((hook, i) => this.#isAbandoned(hook, node, i))) {
      this.#hands.act(GROUP_ACT.abandoned, node);
      this.#hands.end(node, -1);
      return;
    }
    state.serviceAt = this.#hands.now();
    if (this.#replacements.length > 0 || this.#roll !== null || this.#oldWait) this.#hands.plan(this.#hands.now());
  }

  /** A machine is no member any more, for whatever reason. */
  left(node: number): void {
    this.#list = undefined;
    this.#members.delete(node);
    this.#unhealthy = this.#unhealthy.filter((other) => other !== node);
    // A successor that is lost is launched again for a machine that is known; for a move, zones are looked at anew.
    this.#replacements = this.#replacements.filter(({ successor, victim }) => successor !== node || victim >= 0);
    for (const replacement of this.#replacements) if (replacement.successor === node) replacement.successor = -1;
    this.changed();
  }

  /** The cloud is likely to take a machine. */
  warned(node: number): void {
    const asked = this.#replacements.some(({ victim }) => victim === node);
    if (!this.behaviour.capacityRebalance || asked || !this.#members.has(node)) return;
    const what = GROUP_ACT.capacityRebalance;
    this.#replacements.push({ what, victim: node, from: null, to: null, successor: -1 });
    this.#hands.plan(this.#hands.now());
  }

  /** A machine failed its checks. */
  failed(node: number): void {
    if (this.#isSuspended('HealthCheck') || !this.#members.has(node) || this.#unhealthy.includes(node)) return;
    this.#unhealthy.push(node);
    this.#hands.plan(this.#hands.now());
  }

  /** Earliest time at which a machine in service may be judged. */
  judgedFrom(node: number): number {
    return (this.#members.get(node)?.serviceAt ?? 0) + this.behaviour.health.grace;
  }

  isProtected(node: number): boolean {
    return this.#members.get(node)?.isProtected === true;
  }

  setProtected(node: number, value: boolean): void {
    const state = this.#members.get(node);
    if (state === undefined || state.isProtected === value) return;
    state.isProtected = value;
    // What only its protection held up may go on.
    this.changed();
  }

  /** How long a machine that the group ends waits on its way out. */
  terminationWait(node: number): number {
    const hooks = this.behaviour.hooks.filter(({ on }) => on === 'terminate');
    return Math.max(0, ...hooks.map((hook, i) => this.#hookTime(hook, node, i)));
  }

  /** Something changed: a step looks at it in the next millisecond, and counts the group's reaction from this one. */
  changed(): void {
    this.#changedAt = Math.min(this.#changedAt, this.#hands.now());
    this.#hands.plan(this.#hands.now() + 1);
  }

  step(): void {
    this.#startRoll();
    this.#replaceUnhealthy();
    this.#replaceOld();
    this.#finishReplacements();
    this.#balanceZones();
    this.#rollOn();
    this.#keepSize();
    this.#launchSuccessors();
    this.#fillStock();
    this.#changedAt = Infinity;
    this.#planNext();
  }

  snapshot(): ControllerSnapshot {
    return {
      members: [...this.#members].map(([node, state]) => [node, { ...state }] as const),
      replacements: this.#replacements.map((replacement) => ({ ...replacement })),
      unhealthy: [...this.#unhealthy],
      version: this.#version,
      started: this.#started,
      roll: this.#roll === null ? null : { ...this.#roll },
      times: [this.#reactAt, this.#retryAt, this.#zonesAt, this.#changedAt].map((at) => (Number.isFinite(at) ? at : null)),
      oldWait: this.#oldWait,
      warm: this.stock.snapshot(),
    };
  }

  restore(saved: ControllerSnapshot): void {
    this.#members.clear();
    for (const [node, state] of saved.members) this.#members.set(node, { ...state });
    this.#replacements = saved.replacements.map((replacement) => ({ ...replacement }));
    this.#unhealthy = [...saved.unhealthy];
    this.#version = saved.version;
    this.#started = saved.started;
    this.#roll = saved.roll === null ? null : { ...saved.roll };
    this.#reactAt = saved.times[0] ?? Infinity;
    this.#retryAt = saved.times[1] ?? -Infinity;
    this.#zonesAt = saved.times[2] ?? Infinity;
    this.#changedAt = saved.times[3] ?? Infinity;
    this.#oldWait = saved.oldWait;
    this.#list = undefined;
    this.stock.restore(saved.warm);
  }

  // ---- size ---------------------------------------------------------------------------------------------------------------

  #all(): readonly Member[] {
    this.#list ??= this.#hands.members();
    return this.#list;
  }

  /** When the group's reaction to what is looked at now began. */
  #noticedAt(): number {
    return Math.min(this.#changedAt, this.#hands.now());
  }

  /** Units that are meant to be there above the desired size, because their predecessors have not ended yet. */
  #extra(): number {
    if (this.#replacements.length === 0) return 0;
    let units = 0;
    const pools = new Map(this.#all().map(({ node, pool }) => [node, pool]));
    for (const { successor, victim } of this.#replacements) {
      const pool = pools.get(successor);
      if (pool !== undefined && (victim < 0 || pools.has(victim))) units += this.group.units(pool);
    }
    return units;
  }

  /** Units missing; below 0 where some are too many and one could go without a gap. */
  #gap(): number {
    const members = this.#all();
    const gap = this.group.desired + this.#extra() - this.group.unitsOf(members);
    if (gap >= 0) return gap;
    // Heavy machines overshoot: where none is light enough to go, the size is as it should be.
    return members.some(({ pool }) => this.group.units(pool) <= -gap) ? gap : 0;
  }

  #keepSize(): void {
    const gap = this.#gap();
    const now = this.#hands.now();
    if (gap === 0) {
      this.#reactAt = Infinity;
      this.group.noteAttempt(0, 0, now, this.#hands.retry);
      this.group.decision = -1;
      return;
    }
    if (this.#reactAt === Infinity) this.#reactAt = this.#noticedAt() + this.#hands.reaction();
    if (now < this.#reactAt) return;
    if (gap > 0) this.#grow(gap);
    else this.#shrink(-gap);
    if (this.#gap() === 0) {
      this.#reactAt = Infinity;
      this.group.decision = -1;
    }
  }

  #grow(gap: number): void {
    const now = this.#hands.now();
    if (this.#isSuspended('Launch') || now < this.#retryAt) return;
    const { most, pause } = this.behaviour.launchBatch;
    const wanted = Math.min(gap, most);
    const warm = this.#takeWarm(wanted);
    const size = this.group.desired + this.#extra();
    const wave = this.group.planLaunch(wanted - warm, this.#all(), this.#hands.supply, { size });
    this.#hands.refused(wave.refused);
    for (const pool of wave.launches) this.#hands.launch(pool, false);
    const wait = this.group.noteAttempt(wanted - warm, wave.units, now, this.#hands.retry);
    if (wait !== undefined) this.#retryAt = now + wait;
    if (gap > wanted) this.#reactAt = now + Math.max(1, pause);
  }

  #shrink(surplus: number): void {
    if (this.#isSuspended('Terminate')) return;
    for (let left = surplus; left > 0; ) {
      const candidates = this.#candidates();
      const light = candidates.filter(({ units }) => units <= left);
      // One that was to be replaced goes first, and needs no successor then.
      const doomed = light.filter(({ node }) => this.#replacements.some((replacement) => replacement.victim === node));
      const victim = this.#victim(doomed) ?? this.#victim(light);
      if (victim === undefined) return;
      left -= candidates.find(({ node }) => node === victim)!.units;
      this.#hands.act(GROUP_ACT.scaleIn, victim);
      this.#leave(victim, this.group.decision);
    }
  }

  /** The machine that the group would end of these, by its policies. */
  #victim(candidates: readonly ScaleInCandidate[]): number | undefined {
    const distances = new Map<number, number>();
    return chooseScaleIn(candidates, {
      policies: this.behaviour.terminationPolicies,
      now: this.#hands.now(),
      onDemandUnits: this.group.onDemandUnits(this.group.desired),
      distance: (pool) => {
        const known = distances.get(pool) ?? this.group.distance(pool, this.#hands.supply);
        distances.set(pool, known);
        return known;
      },
      lot: (node) => this.#hands.chance('scale-in', node),
    });
  }

  /** Members, but for those that are about to be replaced by a machine that is there. */
  #candidates(): ScaleInCandidate[] {
    return this.#all().map(({ node, zone, pool }) => ({
      node,
      zone,
      pool,
      capacityType: this.#hands.isSpot(node) ? 'spot' : 'on-demand',
      units: this.group.units(pool),
      version: this.#members.get(node)?.version ?? 0,
      launchedAt: this.#hands.launchedAt(node),
      isProtected: this.isProtected(node),
    }));
  }

  /** Sends a machine out: through its hooks where it has some. */
  #leave(node: number, decision: number): void {
    const wait = this.terminationWait(node);
    if (wait > 0) this.#hands.leave(node, wait);
    else this.#hands.end(node, decision);
  }

  // ---- replacements -------------------------------------------------------------------------------------------------------

  #finishReplacements(): void {
    for (const replacement of [...this.#replacements]) {
      const { what, victim, from, successor } = replacement;
      const drop = (): void => {
        this.#replacements = this.#replacements.filter((other) => other !== replacement);
      };
      if (victim >= 0 && !this.#members.has(victim)) {
        drop();
        continue;
      }
      const state = this.#members.get(successor);
      const healthy = state?.serviceAt != null && this.#hands.now() >= state.serviceAt + this.#warmup(what);
      if (!healthy || this.#isSuspended('Terminate')) continue;
      const among = this.#candidates().filter(({ zone, node }) => zone === from && node !== successor);
      const out = victim >= 0 ? victim : this.#victim(among);
      // Dropped before the machine goes, so that the successor counts as one of the desired ones from here on.
      drop();
      if (out !== undefined) {
        this.#hands.act(what, out);
        this.#leave(out, -1);
      }
    }
  }

  #warmup(what: number): number {
    return what === GROUP_ACT.refresh && this.#roll !== null ? this.behaviour.refreshes[this.#roll.index].warmup : 0;
  }

  /** Launches what replacements wait for. */
  #launchSuccessors(): void {
    const now = this.#hands.now();
    for (const replacement of this.#replacements) {
      if (now < this.#retryAt) return;
      if (replacement.successor >= 0 || !this.#mayExceed(replacement.what)) continue;
      const wave = this.group.planLaunch(1, this.#all(), this.#hands.supply, {
        size: this.group.desired + this.#extra() + 1,
        ...(replacement.to !== null && { only: replacement.to }),
      });
      this.#hands.refused(wave.refused);
      if (wave.launches.length === 0) {
        this.#retryAt = now + (this.group.noteAttempt(1, 0, now, this.#hands.retry) ?? 0);
        // A move that its zone refuses is given up; zones are looked at again with the next change.
        if (replacement.victim < 0) this.#replacements = this.#replacements.filter((other) => other !== replacement);
        return;
      }
      replacement.successor = this.#hands.launch(wave.launches[0], false);
      this.#hands.act(replacement.what, replacement.successor);
    }
  }

  /**
   * Whether a machine more than desired may be launched: as far above the maximum as a group may go, by a tenth or by one machine, or as far
   * as a roll may; and not while there are too many machines, for one that goes needs no successor.
   */
  #mayExceed(what: number): boolean {
    if (this.#isSuspended('Launch') || this.#gap() < 0) return false;
    const { max } = this.group.spec;
    const roll = what === GROUP_ACT.refresh ? this.#mostOfRoll() : 0;
    return this.group.unitsOf(this.#all()) + 1 <= Math.max(roll, max + Math.max(1, Math.floor(max / 10)));
  }

  /** Starts a move where one zone has two machines more than another that has capacity. */
  #balanceZones(): void {
    const now = this.#hands.now();
    const move = this.#zoneMove();
    if (move === undefined) {
      this.#zonesAt = Infinity;
      return;
    }
    if (this.#zonesAt === Infinity) this.#zonesAt = this.#noticedAt() + this.#hands.reaction();
    if (now < this.#zonesAt) return;
    const [from, to] = move;
    this.#replacements.push({ what: GROUP_ACT.zoneRebalance, victim: -1, from, to, successor: -1 });
    this.#zonesAt = Infinity;
  }

  /** From which zone to which a machine should move; undefined where none should, or one is moving already. */
  #zoneMove(): readonly [string, string] | undefined {
    const { zones } = this.group.spec;
    const suspended = (['AZRebalance', 'Launch', 'Terminate'] as const).some((process) => this.#isSuspended(process));
    if (suspended || zones.length < 2 || this.behaviour.zoneDistribution === 'any') return undefined;
    if (this.#replacements.length > 0 || this.#gap() !== 0) return undefined;
    const members = this.#all();
    // Machines are counted, not units: a heavy machine that moves must not tip the balance to the other side.
    const count = (zone: string): number => members.filter((member) => member.zone === zone).length;
    const open = zones.filter((zone) => this.group.hasRoom(zone, this.#hands.supply));
    if (open.length === 0) return undefined;
    const to = open.reduce((best, zone) => (count(zone) < count(best) ? zone : best));
    const full = zones.filter((zone) => members.some((member) => member.zone === zone && !this.isProtected(member.node)));
    if (full.length === 0) return undefined;
    const from = full.reduce((best, zone) => (count(zone) > count(best) ? zone : best));
    return count(from) - count(to) >= 2 ? [from, to] : undefined;
  }

  // ---- health and age -----------------------------------------------------------------------------------------------------

  #replaceUnhealthy(): void {
    if (this.#isSuspended('ReplaceUnhealthy') || this.#isSuspended('Terminate')) return;
    for (const node of [...this.#unhealthy]) {
      this.#hands.act(GROUP_ACT.unhealthy, node);
      this.#leave(node, -1);
    }
  }

  #replaceOld(): void {
    const { maxLifetime } = this.behaviour;
    if (maxLifetime === undefined || this.#isSuspended('Terminate')) return;
    const now = this.#hands.now();
    const old = this.#all()
      .filter(({ node }) => now - this.#hands.launchedAt(node) >= maxLifetime && !this.isProtected(node))
      .sort((a, b) => this.#hands.launchedAt(a.node) - this.#hands.launchedAt(b.node) || a.node - b.node);
    this.#oldWait = false;
    if (old.length === 0) return;
    const settled = [...this.#members.values()].filter(({ serviceAt }) => serviceAt !== null).length;
    const away = Math.max(0, this.group.desired - settled);
    const most = old.length > 1 ? Math.max(1, Math.floor(this.group.desired / 10)) : 1;
    const count = Math.max(0, most - away);
    this.#oldWait = old.length > count;
    for (const { node } of old.slice(0, count)) {
      this.#hands.act(GROUP_ACT.lifetime, node);
      this.#leave(node, -1);
    }
  }

  // ---- instance refresh ---------------------------------------------------------------------------------------------------

  #startRoll(): void {
    const { refreshes } = this.behaviour;
    const next = refreshes[this.#started];
    if (next === undefined || this.#hands.now() < next.at || !this.#mayRoll()) return;
    this.#version++;
    this.#roll = { index: this.#started, total: this.#all().length, checkpoint: 0, resumeAt: -Infinity };
    this.#started++;
  }

  /** One roll at a time: the next waits for the end of the one that is under way. */
  #mayRoll(): boolean {
    return this.#roll === null && !this.#isSuspended('InstanceRefresh');
  }

  #outdated(): ScaleInCandidate[] {
    const ignored = this.#roll !== null && this.behaviour.refreshes[this.#roll.index].protectedMachines === 'ignore';
    return this.#candidates()
      .filter(({ version, isProtected }) => version < this.#version && !(ignored && isProtected))
      .map((candidate) => ({ ...candidate, isProtected: false }));
  }

  /** Most units while the roll goes on. */
  #mostOfRoll(): number {
    if (this.#roll === null) return 0;
    const { maxHealthy } = this.behaviour.refreshes[this.#roll.index];
    return Math.max(this.group.desired + 1, Math.floor((this.group.desired * maxHealthy) / 100));
  }

  /** What the roll may do now: come to its end, pause at a checkpoint, or replace some of these machines. Undefined: wait. */
  #nextOfRoll(roll: Roll): 'end' | 'pause' | { readonly count: number; readonly among: ScaleInCandidate[] } | undefined {
    const now = this.#hands.now();
    const { minHealthy, maxHealthy, warmup, checkpoints } = this.behaviour.refreshes[roll.index];
    const outdated = this.#outdated();
    const moving = this.#replacements.filter(({ what }) => what === GROUP_ACT.refresh).length;
    if (outdated.length === 0) return moving === 0 ? 'end' : undefined;
    if (now < roll.resumeAt || this.#isSuspended('Terminate')) return undefined;
    const size = this.group.desired;
    const healthy = [...this.#members.values()].filter(({ serviceAt }) => serviceAt !== null && now >= serviceAt + warmup).length;
    const done = roll.total - outdated.length;
    const until = Math.ceil(((checkpoints[roll.checkpoint] ?? 100) * roll.total) / 100);
    if (done >= until && roll.checkpoint < checkpoints.length) return healthy >= size ? 'pause' : undefined;
    let allowed: number;
    if (maxHealthy > 100) allowed = Math.max(1, Math.floor((size * maxHealthy) / 100) - size) - moving;
    else {
      allowed = healthy - Math.ceil((minHealthy * size) / 100);
      if (allowed < 1 && healthy >= size) allowed = 1;
    }
    const replaced = new Set(this.#replacements.map(({ victim }) => victim));
    const among = outdated.filter(({ node }) => !replaced.has(node));
    const count = Math.min(allowed, until - done - moving, among.length);
    return count > 0 ? { count, among } : undefined;
  }

  #rollOn(): void {
    const roll = this.#roll;
    const next = roll === null ? undefined : this.#nextOfRoll(roll);
    if (roll === null || next === undefined) return;
    const { maxHealthy, checkpointDelay } = this.behaviour.refreshes[roll.index];
    if (next === 'end') this.#roll = null;
    else if (next === 'pause') {
      roll.checkpoint++;
      roll.resumeAt = this.#hands.now() + checkpointDelay;
    } else {
      let { among } = next;
      for (let i = 0; i < next.count; i++) {
        const victim = this.#victim(among);
        if (victim === undefined) return;
        among = among.filter(({ node }) => node !== victim);
        if (maxHealthy > 100) {
          this.#replacements.push({ what: GROUP_ACT.refresh, victim, from: null, to: null, successor: -1 });
        } else {
          this.#hands.act(GROUP_ACT.refresh, victim);
          this.#leave(victim, -1);
        }
      }
    }
  }

  // ---- warm pool ----------------------------------------------------------------------------------------------------------

  /** Takes prepared machines, those of the emptiest zones first; returns how many. */
  #takeWarm(wanted: number): number {
    let taken = 0;
    while (taken < wanted) {
      const members = this.#all();
      const count = (zone: string): number => members.filter((member) => member.zone === zone).length;
      const next = this.stock.take(count, this.#hands.supply);
      if (next === undefined) break;
      if (next.node >= 0) this.#hands.enlist(next.node);
      const node = next.node >= 0 ? next.node : this.#hands.launch(next.pool, true);
      this.#hands.act(GROUP_ACT.fromWarmPool, node);
      taken++;
    }
    return taken;
  }

  #fillStock(): void {
    if (this.behaviour.warmPool === undefined || this.#isSuspended('Launch')) return;
    const missing = this.stock.missing(this.group.desired, this.group.spec.max);
    if (missing <= 0 || this.#hands.now() < this.#retryAt) return;
    const wave = this.group.planLaunch(missing, [...this.#all(), ...this.stock.members()], this.#hands.supply);
    this.#hands.refused(wave.refused);
    for (const pool of wave.launches) this.stock.preparing.push(this.#hands.prepare(pool));
  }

  // ---- hooks and time -----------------------------------------------------------------------------------------------------

  #hookTime(hook: LifecycleHook, node: number, index: number): number {
    if (hook.completes === undefined) return hook.timeout;
    return Math.min(hook.timeout, this.#drawHook(hook.completes, hook, node, index));
  }

  #isAbandoned(hook: LifecycleHook, node: number, index: number): boolean {
    const { completes, timeout, defaultResult, abandons } = hook;
    if (completes === undefined || this.#drawHook(completes, hook, node, index) > timeout) return defaultResult === 'ABANDON';
    return this.#hands.chance(`${hook.on} hook result`, node, index) < abandons;
  }

  #drawHook(completes: Distribution, { on }: LifecycleHook, node: number, index: number): number {
    return quantileMs(completes, this.#hands.chance(`${on} hook`, node, index));
  }

  #isSuspended(process: GroupProcess): boolean {
    return this.behaviour.suspended.includes(process);
  }

  /** Asks for the next step that something waits for. Machines that come into service ask for theirs. */
  #planNext(): void {
    const now = this.#hands.now();
    const { maxLifetime, refreshes } = this.behaviour;
    const times: number[] = [];
    const gap = this.#gap();
    if (gap > 0 && !this.#isSuspended('Launch')) times.push(Math.max(this.#reactAt, this.#retryAt));
    if (gap < 0 && !this.#isSuspended('Terminate') && this.#candidates().some(({ isProtected }) => !isProtected)) {
      times.push(this.#reactAt);
    }
    const waiting = new Set(this.#replacements.filter(({ successor }) => successor < 0).map(({ what }) => what));
    if ([...waiting].some((what) => this.#mayExceed(what))) times.push(Math.max(now, this.#retryAt));
    if (this.#zonesAt !== Infinity) times.push(this.#zonesAt);
    else if (this.#zoneMove() !== undefined) times.push(now);
    const next = refreshes[this.#started];
    if (next !== undefined && this.#mayRoll()) times.push(Math.max(now, next.at));
    if (this.#roll !== null) {
      if (this.#nextOfRoll(this.#roll) !== undefined) times.push(now);
      times.push(this.#roll.resumeAt);
      const { warmup } = refreshes[this.#roll.index];
      for (const { serviceAt } of this.#members.values()) if (serviceAt !== null) times.push(serviceAt + warmup);
    }
    if (maxLifetime !== undefined) {
      for (const { node } of this.#all()) times.push(this.#hands.launchedAt(node) + maxLifetime);
    }
    const missing = this.behaviour.warmPool === undefined ? 0 : this.stock.missing(this.group.desired, this.group.spec.max);
    if (missing > 0 && !this.#isSuspended('Launch')) times.push(Math.max(now, this.#retryAt));
    const at = times.reduce((least, time) => (time >= now && time < least ? time : least), Infinity);
    // What this step left undone is not tried again in the same millisecond.
    if (at !== Infinity) this.#hands.plan(Math.max(at, now + 1));
  }
}
