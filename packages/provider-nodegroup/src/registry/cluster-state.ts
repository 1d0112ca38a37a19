import { type ClusterView, type JsonValue, NONE } from '@plimsoll/core';
import { isUnregistered, type NodeGroups } from '../groups/node-groups.ts';
import { type NodeList, READINESS } from '../groups/node-list.ts';
import type { Flags } from '../options/flags.ts';
import { Backoff } from './backoff.ts';

/** Growth that was asked for and has not arrived. */
interface ScaleUpRequest {
  increase: number;
  /** When it was asked for, or last added to. */
  at: number;
  /** From when on it counts as failed. */
  expectedBy: number;
}

/** What one update found out. */
export interface RegistryEvents {
  /** Groups whose nodes did not come in time: the request was dropped and the group is left alone. */
  readonly timedOut: readonly number[];
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
  /** Machines, as rows, that have been without a Node object for too long. */
  readonly late: number[] = [];
  /** By group: units without a machine that have been so for too long. */
  readonly latePlaceholders: number[] = [];
  readonly backoff: Backoff;
  /** Earliest time from now on at which something changes by itself. */
  changesAt = Infinity;
  healthy = true;
  /** Sizes as they were when the last update began. */
  readonly #target: number[] = [];
  readonly #requests: (ScaleUpRequest | undefined)[] = [];
  /** When each machine was first seen without a Node object. */
  #firstSeen = new Map<number, number>();
  /** By group, the same for units without a machine. */
  readonly #placeholderSeen: number[][] = [];
  /** The version of the list of nodes that the registered ones were counted in. */
  #countedFrom = 0;
  readonly #view: ClusterView;
  readonly #groups: NodeGroups;
  readonly #flags: Flags;
  readonly #provisionTime: readonly number[];

  constructor(view: ClusterView, groups: NodeGroups, flags: Flags, provisionTime: readonly number[]) {
    this.#view = view;
    this.#groups = groups;
    this.#flags = flags;
    this.#provisionTime = provisionTime;
    this.backoff = new Backoff(flags);
    for (let g = 0; g < groups.count; g++) this.#placeholderSeen[g] = [];
  }

  update(now: number, list: NodeList): RegistryEvents {
    this.changesAt = Infinity;
    let changed = this.#countUnregistered(now);
    this.#countRegistered(list);
    for (let g = 0; g < this.#groups.count; g++) this.#target[g] = this.#groups.target[g];
    const timedOut: number[] = [];
    for (let g = 0; g < this.#groups.count; g++) {
      const request = this.#requests[g];
      if (request === undefined) continue;
      if (this.#missing(g) <= 0) {
        this.#requests[g] = undefined;
        changed = true;
      } else if (request.expectedBy < now) {
        this.#requests[g] = undefined;
        this.backoff.fail(g, now);
        timedOut.push(g);
        changed = true;
      } else this.#at(request.expectedBy + 1, now);
    }
    this.#judge(list);
    return { timedOut, changed };
  }

  /** Takes an increase in: it adds to a pending one and moves its time forward. */
  registerScaleUp(group: number, increase: number, now: number): void {
    const expectedBy = now + this.#provisionTime[group];
    const request = this.#requests[group];
    if (request === undefined) this.#requests[group] = { increase, at: now, expectedBy };
    else {
      request.increase += increase;
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

  /** Whether enough of a group's nodes are ready. */
  isGroupHealthy(group: number): boolean {
    const expected = this.#target[group] - this.longUnregistered[group] - (this.#requests[group]?.increase ?? 0);
    const registered = this.ready[group] + this.unready[group] + this.notStarted[group];
    if (registered === 0) return this.#target[group] === 0 || expected === 0;
    const missing = expected - this.ready[group];
    return (
      missing <= this.#flags['ok-total-unready-count'] ||
      missing <= (this.#flags['max-total-unready-percentage'] / 100) * registered
    );
  }

  snapshot(): JsonValue {
    return {
      requests: this.#requests.map((r) => (r === undefined ? null : [r.increase, r.at, r.expectedBy])),
      firstSeen: [...this.#firstSeen],
      placeholderSeen: this.#placeholderSeen.map((seen) =>
        Object.entries(seen).map(([number, since]) => [Number(number), since]),
      ),
      backoff: this.backoff.snapshot(),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as {
      requests: ([number, number, number] | null)[];
      firstSeen: [number, number][];
      placeholderSeen: [number, number][][];
      backoff: JsonValue;
    };
    saved.requests.forEach((r, g) => {
      this.#requests[g] = r === null ? undefined : { increase: r[0], at: r[1], expectedBy: r[2] };
    });
    this.#firstSeen = new Map(saved.firstSeen);
    saved.placeholderSeen.forEach((seen, g) => {
      for (const [number, since] of seen) this.#placeholderSeen[g][number] = since;
    });
    this.backoff.restore(saved.backoff);
  }

  /** How far a group is below its size. */
  #missing(group: number): number {
    return this.#target[group] - (this.ready[group] + this.unready[group] + this.longUnregistered[group]);
  }

  #countUnregistered(now: number): boolean {
    const { state } = this.#view.nodes;
    const groups = this.#groups;
    const seen = new Map<number, number>();
    let changed = false;
    this.late.length = 0;
    for (let g = 0; g < groups.count; g++) {
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
      const instances = groups.instances(g);
      for (let i = 0; i < instances.length; i++) {
        const node = instances[i];
        if (!isUnregistered(state[node]) || groups.groupOf(node) === NONE) continue;
        const since = this.#firstSeen.get(node) ?? now;
        if (!this.#firstSeen.has(node)) changed = true;
        seen.set(node, since);
        if (judge(since)) this.late.push(node);
      }
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
    for (let g = 0; g < this.#groups.count; g++) {
      this.ready[g] = 0;
      this.unready[g] = 0;
      this.notStarted[g] = 0;
    }
    for (let i = 0; i < list.count; i++) {
      const g = list.group[i];
      if (g === NONE) continue;
      if (list.readiness[i] === READINESS.ready) this.ready[g]++;
      else if (list.readiness[i] === READINESS.unready) this.unready[g]++;
      else this.notStarted[g]++;
    }
  }

  #judge(list: NodeList): void {
    let unready = 0;
    let total = 0;
    for (let g = 0; g < this.#groups.count; g++) {
      unready += this.unready[g];
      total += this.ready[g] + this.unready[g] + this.notStarted[g] + this.unregistered[g] + this.longUnregistered[g];
    }
    this.healthy =
      unready <= this.#flags['ok-total-unready-count'] ||
      unready <= (this.#flags['max-total-unready-percentage'] / 100) * Math.max(total, list.count);
  }

  #at(time: number, now: number): void {
    if (time > now && time < this.changesAt) this.changesAt = time;
  }
}
