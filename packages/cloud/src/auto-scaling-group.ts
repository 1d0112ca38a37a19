import { type GroupSpec, type OfferingsView, OptionsError } from '@plimsoll/core';
import type { CapacityPools } from './capacity-pools.ts';
import { unknownName } from './catalogue/suggest.ts';
import { rankPools, triesBlindly } from './pool-choice.ts';

/** A machine of a group, as the group sees it. */
export interface Member {
  readonly node: number;
  readonly zone: string;
}

/** What one attempt of a group to launch machines comes to. */
export interface Wave {
  /** The pool of each machine to launch, in order. */
  readonly launches: readonly number[];
  /** Pools that were tried and had no capacity, each once. */
  readonly refused: readonly number[];
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
 * while it has more, whoever wants them.
 *
 * As documented by AWS: a launch goes to the zone with the fewest machines; there an on-demand group tries its types in order
 * (`prioritized`), a spot group the price-capacity-optimized choice; a zone that had no capacity is left for another one
 * (`balanced-best-effort`), after pauses that grow; a spot group never falls back to on-demand.
 *
 * Left out: rebalancing of zones, weights, mixed purchase options, attribute-based types, lifecycle hooks, warm pools, instance refresh,
 * health checks, maximum lifetime.
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
  /** Pools of each zone, in the order of the types. */
  readonly #pools: ReadonlyMap<string, readonly number[]>;
  #failedZones: string[] = [];

  /** @throws OptionsError, under `path`, when sizes are out of order, or a type or zone is not in the price list. */
  constructor(spec: GroupSpec, offerings: OfferingsView, path: readonly (string | number)[]) {
    const { min, max, desired } = spec;
    const sizes = [min, desired, max];
    if (!(0 <= min && min <= desired && desired <= max) || sizes.some((size) => size !== Math.floor(size))) {
      throw new OptionsError([...path, 'desired'], `expected whole numbers, min <= desired <= max; got ${sizes.join(' <= ')}`);
    }
    this.spec = spec;
    this.desired = desired;
    this.#pools = poolsByZone(spec, offerings, path);
  }

  /** The pools that each of `count` further machines would come from. Takes nothing. */
  planLaunch(count: number, members: readonly Member[], offerings: OfferingsView, capacity: CapacityPools): Wave {
    if (this.spec.zones.every((zone) => this.#failedZones.includes(zone))) this.#failedZones = [];
    const zones = this.spec.zones.filter((zone) => !this.#failedZones.includes(zone));
    const counts = new Map(zones.map((zone) => [zone, members.filter((member) => member.zone === zone).length]));
    const taken = new Map<number, number>();
    const launches: number[] = [];
    const refused = new Set<number>();
    const strategy = this.spec.capacityType === 'spot' ? 'price-capacity-optimized' : 'prioritized';
    for (let i = 0; i < count; i++) {
      const zone = fewest(counts);
      // A machine that its zone refuses counts there all the same: it is missing until the next attempt.
      counts.set(zone, counts.get(zone)! + 1);
      const ranked = rankPools(strategy, this.#pools.get(zone)!, offerings, capacity);
      const pool = ranked.find((candidate) => capacity.room(candidate) - (taken.get(candidate) ?? 0) >= 1);
      const tried = pool === undefined ? ranked : triesBlindly(strategy) ? ranked.slice(0, ranked.indexOf(pool)) : [];
      for (const candidate of tried) refused.add(candidate);
      if (pool === undefined) {
        if (!this.#failedZones.includes(zone)) this.#failedZones.push(zone);
        continue;
      }
      taken.set(pool, (taken.get(pool) ?? 0) + 1);
      launches.push(pool);
    }
    return { launches, refused: [...refused] };
  }

  /** Notes how an attempt ended; returns the pause before the next one, or undefined where none is needed. */
  noteAttempt(
    wanted: number,
    launched: number,
    now: number,
    retry: { readonly first: number; readonly longest: number },
  ): number | undefined {
    if (launched === wanted) {
      this.failures = 0;
      this.#failedZones = [];
      return undefined;
    }
    this.failures++;
    this.lastFailure = now;
    return Math.min(retry.longest, retry.first * 2 ** Math.min(this.failures - 1, 30));
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
  members: readonly Member[],
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
function fewest(counts: ReadonlyMap<string, number>): string {
  let best: string | undefined;
  for (const [zone, count] of counts) if (best === undefined || count < counts.get(best)!) best = zone;
  return best!;
}

function poolsByZone(
  spec: GroupSpec,
  { types, offerings }: OfferingsView,
  path: readonly (string | number)[],
): Map<string, number[]> {
  const out = new Map<string, number[]>(spec.zones.map((zone) => [zone, []]));
  if (out.size === 0) throw new OptionsError([...path, 'zones'], 'expected at least one zone, got none');
  const zoned = new Set(offerings.map((offering) => offering.zone));
  spec.zones.forEach((zone, i) => {
    if (!zoned.has(zone)) throw unknownName([...path, 'zones', i], 'zone', zone, zoned);
  });
  const names = types.map((type) => type.name);
  spec.instanceTypes.forEach((name, i) => {
    const type = names.indexOf(name);
    if (type < 0) throw unknownName([...path, 'instanceTypes', i], 'instance type', name, names);
    for (const offering of offerings) {
      if (offering.type === type && offering.capacityType === spec.capacityType) out.get(offering.zone)?.push(offering.id);
    }
  });
  for (const [zone, pools] of out) {
    if (pools.length === 0) {
      throw new OptionsError(
        [...path, 'instanceTypes'],
        `nothing of ${spec.instanceTypes.join(', ') || 'no types'} is sold ${spec.capacityType} in ${zone}`,
      );
    }
  }
  return out;
}
