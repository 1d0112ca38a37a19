import { type CapacityType, type GroupSpec, type OfferingsView, OptionsError, ORDER_ERROR } from '@plimsoll/core';
import { unknownName } from '../catalogue/suggest.ts';
import { type PoolStrategy, rankPools, triesBlindly } from '../pool-choice.ts';
import type { Refusal, Supply } from '../supply.ts';
import type { GroupBehaviour } from './behaviour.ts';
import { typesFor } from './instance-requirements.ts';
import { onDemandTarget } from './purchase-split.ts';

/** A machine of a group, as the group sees it. */
export interface Member {
  readonly node: number;
  readonly zone: string;
  /** Its pool: a row of offerings. */
  readonly pool: number;
}

/** What one attempt of a group to launch machines comes to. */
export interface Wave {
  /** The pool of each machine to launch, in order. */
  readonly launches: readonly number[];
  /** Units that they count for. */
  readonly units: number;
  /** Pools that were tried and gave nothing, each once. */
  readonly refused: readonly Refusal[];
}

/** What a group saves. */
export interface GroupSnapshot {
  readonly desired: number;
  readonly decision: number;
  readonly launched: number;
  readonly reactions: number;
  readonly failures: number;
  readonly failedZones: readonly string[];
  /** Null where no launch has failed. */
  readonly lastFailure: number | null;
  /** Null where nothing is planned. */
  readonly wakeAt: number | null;
  readonly wakes: number;
}

/**
 * An Auto Scaling group: a controller with a will of its own, which launches machines while it has fewer than desired and ends some
 * while it has more, whoever wants them. Its size is in units: machines, or their weights where types have some.
 *
 * As documented by AWS: a launch goes to the zone with the fewest units; a mixed group there buys on-demand or spot as its split asks;
 * the allocation strategy chooses the pool; a zone that had no capacity is left for another one (`balanced-best-effort`) or waited
 * for (`balanced-only`), with pauses that grow; spot never falls back to on-demand.
 *
 * Without a behaviour of its own a group buys in one way, on-demand types in order, spot by price and capacity, and does nothing
 * beyond keeping its size.
 */
export class AutoScalingGroup {
  readonly spec: GroupSpec;
  desired: number;
  /** Machines that exist and are not ending, in order of launch. */
  readonly members: number[] = [];
  /** The decision that asked for the present size, or -1. */
  decision = -1;
  /** Machines launched so far: the counter of names. */
  launched = 0;
  /** How often the group has reacted: tells the draws of its delay apart. */
  reactions = 0;
  /** Attempts in a row that lacked capacity. */
  failures = 0;
  /** When an attempt last lacked capacity; −Infinity before. */
  lastFailure = -Infinity;
  /** When the group acts next; Infinity where nothing is planned. */
  wakeAt = Infinity;
  /** Counts plans, so that the event of a plan that was replaced is told from the valid one. */
  wakes = 0;
  readonly behaviour: GroupBehaviour | undefined;
  /** Pools by way of buying, then by zone, in the order of the types. */
  readonly #pools: ReadonlyMap<CapacityType, ReadonlyMap<string, readonly number[]>>;
  readonly #offerings: OfferingsView;
  /** `zone`, or `zone/spot` and `zone/on-demand` of a group that buys both: where the last attempts found nothing. */
  #failedZones: string[] = [];

  /** @throws OptionsError, under `path`, when sizes are out of order, or a type or zone is not in the price list. */
  constructor(spec: GroupSpec, offerings: OfferingsView, path: readonly (string | number)[], behaviour?: GroupBehaviour) {
    const { min, max, desired } = spec;
    const sizes = [min, desired, max];
    if (!(0 <= min && min <= desired && desired <= max) || sizes.some((size) => size !== Math.floor(size))) {
      throw new OptionsError([...path, 'desired'], `expected whole numbers, min <= desired <= max; got ${sizes.join(' <= ')}`);
    }
    this.spec = spec;
    this.behaviour = behaviour;
    this.desired = desired;
    this.#offerings = offerings;
    const share = behaviour?.onDemandPercentage;
    const ways: CapacityType[] = share === undefined ? [spec.capacityType] : [];
    if (share !== undefined && (share > 0 || behaviour!.onDemandBase > 0)) ways.push('on-demand');
    if (share !== undefined && share < 100) ways.push('spot');
    this.#pools = new Map(ways.map((way) => [way, poolsByZone(spec, way, offerings, path, behaviour)]));
  }

  /** Units that a machine of a pool counts for. */
  units(pool: number): number {
    const weights = this.behaviour?.weights;
    return weights?.[this.#offerings.types[this.#offerings.offerings[pool].type].name] ?? 1;
  }

  unitsOf(members: readonly Member[]): number {
    return members.reduce((sum, { pool }) => sum + this.units(pool), 0);
  }

  /** On-demand units that a mixed group of a size should have; undefined where it buys in one way alone. */
  onDemandUnits(size: number): number | undefined {
    const { behaviour } = this;
    if (behaviour?.onDemandPercentage === undefined) return undefined;
    return onDemandTarget(size, behaviour.onDemandBase, behaviour.onDemandPercentage);
  }

  /** How far a pool stands from what its zone's strategy would choose now: 0 is the first choice. */
  distance(pool: number, supply: Pick<Supply, 'refusal' | 'depth'>): number {
    const { zone, capacityType } = this.#offerings.offerings[pool];
    const pools = this.#pools.get(capacityType)?.get(zone) ?? [];
    return rankPools(this.#strategy(capacityType), pools, this.#offerings, supply).indexOf(pool);
  }

  /** Whether a zone would give a machine now, as far as the group can see. */
  hasRoom(zone: string, supply: Pick<Supply, 'refusal'>): boolean {
    for (const byZone of this.#pools.values()) {
      if (byZone.get(zone)?.some((pool) => supply.refusal(pool) === undefined)) return true;
    }
    return false;
  }

  /**
   * Takes the pools that machines for so many further units come from. `only` names the one zone that they may be in; `size` is the size
   * whose split is aimed at, by default the desired one.
   */
  planLaunch(
    missing: number,
    members: readonly Member[],
    supply: Supply,
    { only, size = this.desired }: { readonly only?: string; readonly size?: number } = {},
  ): Wave {
    const distribution = this.behaviour?.zoneDistribution ?? 'balanced-best-effort';
    const launches: number[] = [];
    const refused = new Map<number, Refusal>();
    let launched = 0;
    const aim = this.onDemandUnits(size);
    const unitsIn = (way: CapacityType): number =>
      this.unitsOf(members.filter(({ pool }) => this.#offerings.offerings[pool].capacityType === way));
    let onDemand = aim === undefined ? 0 : unitsIn('on-demand');
    const zoneCounts = new Map<CapacityType, Map<string, number>>();
    const ofPool = new Map<number, number>();
    for (const { pool } of members) ofPool.set(pool, (ofPool.get(pool) ?? 0) + 1);
    const spread = new Map<string, number>(
      this.spec.zones.map((zone) => [zone, this.unitsOf(members.filter((member) => member.zone === zone))]),
    );
    for (let left = missing; left > 0; ) {
      const way = this.#nextWay(aim, onDemand);
      let zones = zoneCounts.get(way);
      if (zones === undefined) {
        zones = new Map(this.#openZones(way, only).map((zone) => [zone, 0]));
        zoneCounts.set(way, zones);
      }
      const zone = distribution === 'any' && only === undefined ? undefined : fewest([...zones.keys()], spread);
      const byZone = this.#pools.get(way)!;
      const pools = zone === undefined ? [...zones.keys()].flatMap((name) => byZone.get(name)!) : byZone.get(zone)!;
      const { pool, tried } = this.#choose(way, pools, supply, ofPool);
      for (const refusal of tried) if (!refused.has(refusal.pool)) refused.set(refusal.pool, refusal);
      const units = pool === undefined ? 1 : this.units(pool);
      // A machine that its zone refuses counts there all the same: it is missing until the next attempt.
      const counted = zone ?? (pool === undefined ? undefined : this.#offerings.offerings[pool].zone);
      if (counted !== undefined) spread.set(counted, spread.get(counted)! + units);
      if (way === 'on-demand') onDemand += units;
      left -= units;
      if (pool === undefined) {
        if (zone === undefined) break;
        const key = this.#failedKey(zone, way);
        if (distribution === 'balanced-best-effort' && !this.#failedZones.includes(key)) this.#failedZones.push(key);
        continue;
      }
      ofPool.set(pool, (ofPool.get(pool) ?? 0) + 1);
      supply.take(pool);
      launches.push(pool);
      launched += units;
    }
    return { launches, units: launched, refused: [...refused.values()] };
  }

  /** Notes how an attempt ended; returns the pause before the next one, or undefined where none is needed. */
  noteAttempt(
    wanted: number,
    launched: number,
    now: number,
    retry: { readonly first: number; readonly longest: number },
  ): number | undefined {
    if (launched >= wanted) {
      this.failures = 0;
      this.#failedZones = [];
      return undefined;
    }
    this.failures++;
    this.lastFailure = now;
    return Math.min(retry.longest, retry.first * 2 ** Math.min(this.failures - 1, 30));
  }

  /** How the next machine is bought. A group that buys in one way alone never changes it, however many it has too many. */
  #nextWay(aim: number | undefined, onDemand: number): CapacityType {
    if (aim === undefined) return this.spec.capacityType;
    const wanted: CapacityType = onDemand < aim ? 'on-demand' : 'spot';
    return this.#pools.has(wanted) ? wanted : [...this.#pools.keys()][0];
  }

  /** Zones in which an attempt may be made: all but those that failed, or all once each has. */
  #openZones(way: CapacityType, only: string | undefined): readonly string[] {
    if (only !== undefined) return [only];
    const failed = (zone: string): boolean => this.#failedZones.includes(this.#failedKey(zone, way));
    if (this.spec.zones.every(failed)) {
      const keys = this.spec.zones.map((zone) => this.#failedKey(zone, way));
      this.#failedZones = this.#failedZones.filter((key) => !keys.includes(key));
    }
    return this.spec.zones.filter((zone) => !failed(zone));
  }

  #failedKey(zone: string, way: CapacityType): string {
    return this.#pools.size > 1 ? `${zone}/${way}` : zone;
  }

  #choose(
    way: CapacityType,
    pools: readonly number[],
    supply: Supply,
    ofPool: ReadonlyMap<number, number>,
  ): { pool: number | undefined; tried: readonly Refusal[] } {
    const strategy = this.#strategy(way);
    const ranked = rankPools(strategy, pools, this.#offerings, supply);
    const refusals = new Map<number, Refusal>();
    const open = ranked.filter((pool) => {
      const error = this.#isTooDear(pool) ? ORDER_ERROR.spotMaxPriceTooLow : supply.refusal(pool);
      if (error !== undefined) refusals.set(pool, { pool, error });
      return error === undefined;
    });
    if (open.length === 0) return { pool: undefined, tried: [...refusals.values()] };
    let [pool] = open;
    if (strategy === 'lowest-price' && way === 'spot' && this.behaviour !== undefined) {
      const among = open.slice(0, this.behaviour.spotPools);
      pool = among.reduce((best, next) => ((ofPool.get(next) ?? 0) < (ofPool.get(best) ?? 0) ? next : best));
    }
    const before = ranked.slice(0, ranked.indexOf(open[0]));
    return { pool, tried: triesBlindly(strategy) ? before.map((refused) => refusals.get(refused)!) : [] };
  }

  #isTooDear(pool: number): boolean {
    const most = this.behaviour?.spotMaxPrice;
    const { capacityType, price } = this.#offerings.offerings[pool];
    return most !== undefined && capacityType === 'spot' && price > most;
  }

  #strategy(way: CapacityType): PoolStrategy {
    if (this.behaviour === undefined) return way === 'spot' ? 'price-capacity-optimized' : 'prioritized';
    const { onDemandStrategy, requirements, spotStrategy } = this.behaviour;
    if (way === 'spot') return spotStrategy;
    return onDemandStrategy ?? (requirements === undefined ? 'prioritized' : 'lowest-price');
  }

  snapshot(): GroupSnapshot {
    return {
      desired: this.desired,
      decision: this.decision,
      launched: this.launched,
      reactions: this.reactions,
      failures: this.failures,
      failedZones: [...this.#failedZones],
      lastFailure: Number.isFinite(this.lastFailure) ? this.lastFailure : null,
      wakeAt: Number.isFinite(this.wakeAt) ? this.wakeAt : null,
      wakes: this.wakes,
    };
  }

  restore(saved: GroupSnapshot, members: readonly number[]): void {
    this.desired = saved.desired;
    this.decision = saved.decision;
    this.launched = saved.launched;
    this.reactions = saved.reactions;
    this.failures = saved.failures;
    this.#failedZones = [...saved.failedZones];
    this.lastFailure = saved.lastFailure ?? -Infinity;
    this.wakeAt = saved.wakeAt ?? Infinity;
    this.wakes = saved.wakes;
    this.members.length = 0;
    this.members.push(...members);
  }
}

/**
 * The machines that a group ends when it shrinks by itself: one after another from the zone that has the most (the first such zone of
 * the group's list), there the one with the lowest rank.
 */
export function chooseVictims(
  count: number,
  members: readonly Pick<Member, 'node' | 'zone'>[],
  zones: readonly string[],
  rank: (node: number) => number,
): number[] {
  const ranked = members.map(({ node, zone }) => ({ node, zone, rank: rank(node) })).sort((a, b) => b.rank - a.rank);
  // By zone, the next victim last.
  const left = zones.map((zone) => ranked.filter((member) => member.zone === zone).map(({ node }) => node));
  const out: number[] = [];
  while (out.length < count) {
    let fullest = left[0];
    for (const nodes of left) if (nodes.length > fullest.length) fullest = nodes;
    const victim = fullest.pop();
    if (victim === undefined) break;
    out.push(victim);
  }
  return out;
}

/** The first zone with the lowest count. */
function fewest(zones: readonly string[], counts: ReadonlyMap<string, number>): string {
  return zones.reduce((best, zone) => (counts.get(zone)! < counts.get(best)! ? zone : best));
}

function poolsByZone(
  spec: GroupSpec,
  way: CapacityType,
  { types, offerings, ...rest }: OfferingsView,
  path: readonly (string | number)[],
  behaviour: GroupBehaviour | undefined,
): Map<string, number[]> {
  const out = new Map<string, number[]>(spec.zones.map((zone) => [zone, []]));
  if (out.size === 0) throw new OptionsError([...path, 'zones'], 'expected at least one zone, got none');
  const zoned = new Set(offerings.map((offering) => offering.zone));
  spec.zones.forEach((zone, i) => {
    if (!zoned.has(zone)) throw unknownName([...path, 'zones', i], 'zone', zone, zoned);
  });
  const names = types.map((type) => type.name);
  const own = spec.instanceTypes.map((name, i) => {
    const type = names.indexOf(name);
    if (type < 0) throw unknownName([...path, 'instanceTypes', i], 'instance type', name, names);
    return type;
  });
  const { requirements } = behaviour ?? {};
  const chosen = requirements === undefined ? own : typesFor(requirements, way, { types, offerings, ...rest });
  for (const type of chosen) {
    for (const offering of offerings) {
      if (offering.type === type && offering.capacityType === way) out.get(offering.zone)?.push(offering.id);
    }
  }
  for (const [zone, pools] of out) {
    if (pools.length > 0) continue;
    const what = requirements === undefined ? spec.instanceTypes.join(', ') || 'no types' : 'what the requirements admit';
    throw new OptionsError([...path, 'instanceTypes'], `nothing of ${what} is sold ${way} in ${zone}`);
  }
  return out;
}
