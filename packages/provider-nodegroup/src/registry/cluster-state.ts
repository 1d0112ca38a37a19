import { type ClusterView, type JsonValue, NONE } from '@plimsoll/core';
import type { NodeGroups } from '../groups/node-groups.ts';
import { type NodeList, READINESS } from '../groups/node-list.ts';
import type { Flags } from '../options/flags.ts';
import { Backoff } from './backoff.ts';
import { InstanceCache } from './instance-cache.ts';

/** Growth that was asked for and has not arrived. */
interface ScaleUpRequest {
  increase: number;
  /** When it was asked for, or last added to. */
  at: number;
  /** From when on it counts as failed. */
  expectedBy: number;
}

/** A number of nodes that is not the one asked for, and since when. */
interface WrongSize {
  readonly registered: number;
  readonly target: number;
  readonly since: number;
}

/** What one update found out. */
export interface RegistryEvents {
  /** Groups whose nodes did not come in time, with what was asked for: the request was dropped and the group is left alone. */
  readonly timedOut: readonly { readonly group: number; readonly increase: number }[];
  readonly changed: boolean;
}

/**
 * What became of the machines that were asked for: who is ready, who is late, which groups may grow. Source: Cluster Autoscaler 1.37,
 * `clusterstate/clusterstate.go`.
 */
export class ClusterState {
  /** By group, of registered nodes. */
  readonly ready: number[] = [];
  readonly unready: number[] = [];
  readonly notStarted: number[] = [];
  /** Machines without a Node object; the late ones are not among the others. */
  readonly unregistered: number[] = [];
  readonly longUnregistered: number[] = [];
  /** Machines, as rows, that have been without a Node object for too long, group by group. */
  readonly late: number[] = [];
  /** By group: units without a machine that have been so for too long. */
  readonly latePlaceholders: number[] = [];
  /** By group: machines that the cloud lists and that will never run. */
  readonly failed: (readonly number[])[] = [];
  readonly backoff: Backoff;
  readonly instances: InstanceCache;
  /** Earliest time from now on at which something changes by itself. */
  changesAt = Infinity;
  healthy = true;
  /** Sizes as the ranges were last worked out with, and what of growth was still open then. Empty before the first update. */
  readonly #target: number[] = [];
  readonly #open: number[] = [];
  readonly #requests: (ScaleUpRequest | undefined)[] = [];
  readonly #wrongSizes: (WrongSize | undefined)[] = [];
  /** Machines with errors that the last update saw, by group. */
  readonly #failedBefore: (readonly number[])[] = [];
  /** When each machine was first seen without a Node object. */
  #firstSeen = new Map<number, number>();
  /** By group, the same for units without a machine. */
  readonly #placeholderSeen: number[][] = [];
  /** The version of the list of nodes that the registered ones were counted in. */
  #countedFrom = 0;
  #unreadyInAll = 0;
  readonly #groups: NodeGroups;
  readonly #flags: Flags;
  readonly #provisionTime: readonly number[];

  constructor(_view: ClusterView, groups: NodeGroups, flags: Flags, provisionTime: readonly number[], keepsLists: boolean) {
    this.#groups = groups;
    this.#flags = flags;
    this.#provisionTime = provisionTime;
    this.backoff = new Backoff(flags);
    this.instances = new InstanceCache(groups, keepsLists);
    for (let g = 0; g < groups.count; g++) {
      this.#placeholderSeen[g] = [];
      this.failed[g] = [];
      this.#failedBefore[g] = [];
    }
  }

  /** Takes in how the cluster is at the beginning of a loop. */
  update(now: number, list: NodeList): RegistryEvents {
    const { count } = this.#groups;
    this.changesAt = Infinity;
    const targets = this.#groups.target.slice();
    for (let g = 0; g < count; g++) if (this.isScalingUp(g)) this.instances.invalidate(g);
    let changed = this.#countUnregistered(now);
    this.#countRegistered(list);
    this.#workOutRanges(targets);
    const timedOut: { group: number; increase: number }[] = [];
    for (const g of this.#groups.byName) {
      const request = this.#requests[g];
      if (request === undefined) continue;
      if (this.#missing(g) <= 0) {
        this.#requests[g] = undefined;
        changed = true;
      } else if (request.expectedBy < now) {
        this.#requests[g] = undefined;
        this.backoff.fail(g, now);
        timedOut.push({ group: g, increase: request.increase });
        changed = true;
      } else this.#at(request.expectedBy + 1, now);
    }
    for (const g of this.#groups.byName) if (this.#noteFailed(g, now)) changed = true;
    this.#workOutRanges(targets);
    for (let g = 0; g < count; g++) if (this.#noteSize(g, now)) changed = true;
    this.#judge(list);
    return { timedOut, changed };
  }

  /** Works the ranges out anew after sizes were changed; who is ready stays as the last update found it. */
  recalculate(): void {
    this.#workOutRanges(this.#groups.target);
  }

  /** Takes an increase in: it adds to a pending one and moves its time forward. */
  registerScaleUp(group: number, increase: number, now: number): void {
    const expectedBy = now + this.#provisionTime[group];
    const request = this.#requests[group];
    if (request === undefined) {
      if (increase > 0) this.#requests[group] = { increase, at: now, expectedBy };
    } else if (request.increase + increase <= 0) this.#requests[group] = undefined;
    else {
      request.increase += increase;
      if (increase <= 0) return;
      request.at = now;
      request.expectedBy = expectedBy;
    }
  }

  /** The cloud could not launch some of what was asked for. Returns until when the group is left alone, or undefined where it did not grow. */
  registerFailedUnits(group: number, count: number, now: number): number | undefined {
    const request = this.#requests[group];
    if (request === undefined) return undefined;
    request.increase -= count;
    if (request.increase <= 0) this.#requests[group] = undefined;
    return this.backoff.fail(group, now);
  }

  /** Nodes to come that count as capacity: only while the group has a request and is not left alone (since 1.36). */
  upcoming(group: number, now: number): number {
    if (this.#requests[group] === undefined || this.backoff.isBackedOff(group, now)) return 0;
    return Math.max(0, this.#missing(group));
  }

  /** Whether nodes are to come that were asked for. */
  isScalingUp(group: number): boolean {
    return this.#target.length > 0 && this.#requests[group] !== undefined && this.#missing(group) > 0;
  }

  /** Whether enough of a group's nodes are ready. Before the first update, none is healthy. */
  isGroupHealthy(group: number): boolean {
    if (this.#target.length === 0) return false;
    const target = this.#target[group];
    const expected = target - this.longUnregistered[group] - this.#open[group];
    const registered = this.ready[group] + this.unready[group] + this.notStarted[group];
    if (registered + this.unregistered[group] + this.longUnregistered[group] === 0) {
      return target === 0 || (expected === 0 && target > 0);
    }
    const missing = expected - this.ready[group];
    return (
      missing <= this.#flags['ok-total-unready-count'] ||
      missing <= (this.#flags['max-total-unready-percentage'] / 100) * registered
    );
  }

  /** By how much a group's size has been too large for longer than machines may take; 0 where it has not. */
  surplus(group: number, now: number): number {
    const wrong = this.#wrongSizes[group];
    if (wrong === undefined || wrong.since + this.#provisionTime[group] >= now) return 0;
    return Math.max(0, wrong.target - wrong.registered);
  }

  snapshot(): JsonValue {
    return {
      requests: this.#requests.map((r) => (r === undefined ? null : [r.increase, r.at, r.expectedBy])),
      firstSeen: [...this.#firstSeen],
      placeholderSeen: this.#placeholderSeen.map((seen) =>
        Object.entries(seen).map(([number, since]) => [Number(number), since]),
      ),
      wrongSizes: this.#wrongSizes.map((w) => (w === undefined ? null : [w.registered, w.target, w.since])),
      failedBefore: this.#failedBefore.map((rows) => [...rows]),
      target: [...this.#target],
      open: [...this.#open],
      counts: [this.ready, this.unready, this.notStarted, this.unregistered, this.longUnregistered].map((counts) => [...counts]),
      instances: this.instances.snapshot(),
      backoff: this.backoff.snapshot(),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as {
      requests: ([number, number, number] | null)[];
      firstSeen: [number, number][];
      placeholderSeen: [number, number][][];
      wrongSizes: ([number, number, number] | null)[];
      failedBefore: number[][];
      target: number[];
      open: number[];
      counts: number[][];
      instances: JsonValue;
      backoff: JsonValue;
    };
    saved.requests.forEach((r, g) => {
      this.#requests[g] = r === null ? undefined : { increase: r[0], at: r[1], expectedBy: r[2] };
    });
    this.#firstSeen = new Map(saved.firstSeen);
    saved.placeholderSeen.forEach((seen, g) => {
      for (const [number, since] of seen) this.#placeholderSeen[g][number] = since;
    });
    saved.wrongSizes.forEach((w, g) => {
      this.#wrongSizes[g] = w === null ? undefined : { registered: w[0], target: w[1], since: w[2] };
    });
    saved.failedBefore.forEach((rows, g) => {
      this.#failedBefore[g] = rows;
    });
    this.#target.push(...saved.target);
    this.#open.push(...saved.open);
    [this.ready, this.unready, this.notStarted, this.unregistered, this.longUnregistered].forEach((counts, i) => {
      counts.push(...saved.counts[i]);
    });
    this.instances.restore(saved.instances);
    this.backoff.restore(saved.backoff);
  }

  /** How far a group is below its size. */
  #missing(group: number): number {
    return this.#target[group] - (this.ready[group] + this.unready[group] + this.longUnregistered[group]);
  }

  #workOutRanges(targets: readonly number[]): void {
    for (let g = 0; g < this.#groups.count; g++) {
      this.#target[g] = targets[g];
      this.#open[g] = this.#requests[g]?.increase ?? 0;
    }
  }

  #countUnregistered(now: number): boolean {
    const groups = this.#groups;
    const seen = new Map<number, number>();
    let changed = false;
    this.late.length = 0;
    for (const g of groups.byName) {
      const patience = this.#provisionTime[g];
      let fresh = 0;
      let late = 0;
      const judge = (since: number): boolean => {
        if (since + patience < now) {
          late++;
          return true;
        }
        this.#at(since + patience + 1, now);
        fresh++;
        return false;
      };
      const { rows, errors } = this.instances.of(g);
      const failed: number[] = [];
      for (let i = 0; i < rows.length; i++) {
        const node = rows[i];
        if (errors?.[i] !== undefined) {
          failed.push(node);
          continue;
        }
        if (!groups.isExpected(node)) continue;
        const since = this.#firstSeen.get(node) ?? now;
        if (!this.#firstSeen.has(node)) changed = true;
        seen.set(node, since);
        if (judge(since)) this.late.push(node);
      }
      this.failed[g] = failed;
      this.latePlaceholders[g] = 0;
      const before = this.#placeholderSeen[g];
      const placeholders: number[] = [];
      // Units without a machine are numbered from the machines listed up to the size, so the highest ones last longest.
      for (let i = groups.placeholders[g] - 1; i >= 0; i--) {
        const number = groups.target[g] - 1 - i;
        const since = before[number] ?? now;
        if (before[number] === undefined) changed = true;
        placeholders[number] = since;
        if (judge(since)) this.latePlaceholders[g]++;
      }
      this.#placeholderSeen[g] = placeholders;
      this.unregistered[g] = fresh;
      this.longUnregistered[g] = late;
    }
    if (seen.size !== this.#firstSeen.size) changed = true;
    this.#firstSeen = seen;
    return changed;
  }

  #countRegistered(list: NodeList): void {
    if (list.version === this.#countedFrom) return;
    this.#countedFrom = list.version;
    this.#unreadyInAll = 0;
    for (let g = 0; g < this.#groups.count; g++) {
      this.ready[g] = 0;
      this.unready[g] = 0;
      this.notStarted[g] = 0;
    }
    for (let i = 0; i < list.count; i++) {
      const g = list.group[i];
      // Nodes outside all groups have no machine that the cloud knows, and count for nothing.
      if (g === NONE) continue;
      if (list.readiness[i] === READINESS.ready) this.ready[g]++;
      else if (list.readiness[i] === READINESS.unready) {
        this.unready[g]++;
        this.#unreadyInAll++;
      } else this.notStarted[g]++;
    }
  }

  /** Machines that the cloud cannot create: those not seen before make a growing group wait. */
  #noteFailed(group: number, now: number): boolean {
    const failed = this.failed[group];
    const before = this.#failedBefore[group];
    this.#failedBefore[group] = failed;
    if (failed.length === 0) return before.length > 0;
    const { rows, errors } = this.instances.of(group);
    const fresh = new Map<string, number>();
    for (const row of failed) {
      if (before.includes(row)) continue;
      const code = errors?.[rows.indexOf(row)] ?? '';
      fresh.set(code, (fresh.get(code) ?? 0) + 1);
    }
    for (const count of fresh.values()) {
      if (!this.isScalingUp(group)) continue;
      this.registerScaleUp(group, -count, now);
      this.backoff.fail(group, now);
    }
    return true;
  }

  #noteSize(group: number, now: number): boolean {
    const registered = this.ready[group] + this.unready[group] + this.notStarted[group];
    const unregistered = this.unregistered[group] + this.longUnregistered[group];
    const target = this.#target[group];
    const before = this.#wrongSizes[group];
    if (registered + unregistered === 0 || (registered <= target && registered >= target - unregistered)) {
      this.#wrongSizes[group] = undefined;
      return before !== undefined;
    }
    if (before === undefined || before.registered !== registered || before.target !== target) {
      this.#wrongSizes[group] = { registered, target, since: now };
      this.#at(now + this.#provisionTime[group] + 1, now);
      return true;
    }
    this.#at(before.since + this.#provisionTime[group] + 1, now);
    return false;
  }

  #judge(list: NodeList): void {
    const unready = this.#unreadyInAll;
    this.healthy =
      unready <= this.#flags['ok-total-unready-count'] ||
      unready <= (this.#flags['max-total-unready-percentage'] / 100) * list.count;
  }

  #at(time: number, now: number): void {
    if (time > now && time < this.changesAt) this.changesAt = time;
  }
}
