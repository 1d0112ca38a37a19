import { canonical, type LaunchRequest } from '@plimsoll/core';
import { type Throttling, TokenBucket } from './throttle.ts';

/** One call of the fleet API: the machines that it asks for. */
interface FleetCall {
  readonly id: number;
  readonly key: string;
  readonly nodes: number[];
  readonly firstAt: number;
  lastAt: number;
}

/** What a desk saves. */
export interface FleetDeskSnapshot {
  readonly calls: readonly FleetCall[];
  readonly open: readonly number[];
  readonly next: number;
  readonly buckets: readonly (readonly [number, number] | null)[];
}

/** How a desk merges and holds back calls. */
export interface FleetDeskSettings {
  readonly batch: { readonly idle: number; readonly most: number; readonly size: number } | undefined;
  readonly throttling: Throttling;
}

/** What happens with a call that is tried. */
export type CallFate = { readonly pause: number } | 'accepted' | 'refused';

/**
 * Where fleet requests become calls: equal ones that come close together are one call, and a call that finds no tokens is tried again with
 * growing pauses until it fails. Tells when to look again, and keeps no clock.
 */
export class FleetDesk {
  readonly #settings: FleetDeskSettings;
  readonly #calls = new Map<number, FleetCall>();
  /** Calls that still take requests, by what they ask for. */
  readonly #open = new Map<string, FleetCall>();
  readonly #callTokens: TokenBucket | undefined;
  readonly #machineTokens: TokenBucket | undefined;
  #next = 0;

  constructor(settings: FleetDeskSettings) {
    this.#settings = settings;
    const { calls, machines } = settings.throttling;
    this.#callTokens = calls && new TokenBucket(calls);
    this.#machineTokens = machines && new TokenBucket(machines);
  }

  /** Whether requests pass through the desk at all: otherwise each is a call of its own that nothing holds back. */
  get isOpen(): boolean {
    const { batch, throttling } = this.#settings;
    return batch !== undefined || throttling.calls !== undefined || throttling.machines !== undefined;
  }

  /** Takes a request in; returns its call and when to try to close it. */
  add(node: number, request: LaunchRequest, now: number): { readonly call: number; readonly closeAt: number } {
    const { batch } = this.#settings;
    const key = batch === undefined ? String(this.#next) : keyOf(request);
    let call = this.#open.get(key);
    if (call === undefined) {
      call = { id: this.#next++, key, nodes: [], firstAt: now, lastAt: now };
      this.#calls.set(call.id, call);
      this.#open.set(key, call);
    }
    call.nodes.push(node);
    call.lastAt = now;
    return { call: call.id, closeAt: this.#closesAt(call) };
  }

  /** Closes a call whose window is over. Returns undefined where it was closed before, and a time where it is still open. */
  close(id: number, now: number): number | 'closed' | undefined {
    const call = this.#calls.get(id);
    if (call === undefined || this.#open.get(call.key) !== call) return undefined;
    const at = this.#closesAt(call);
    if (now < at) return at;
    this.#open.delete(call.key);
    return 'closed';
  }

  /** Tries to make a closed call, for the `attempt`-th time from 0. */
  attempt(id: number, attempt: number, now: number): CallFate {
    const { attempts = 3, pause = 1_000, machines } = this.#settings.throttling;
    const { nodes } = this.#calls.get(id)!;
    // A call for more than the bucket ever holds passes once the bucket is full.
    const wanted = Math.min(nodes.length, machines?.burst ?? Infinity);
    const enough = (this.#callTokens?.has(now) ?? 1) >= 1 && (this.#machineTokens?.has(now) ?? wanted) >= wanted;
    if (!enough) return attempt + 1 >= attempts ? 'refused' : { pause: pause * 2 ** attempt };
    this.#callTokens?.take(1, now);
    this.#machineTokens?.take(wanted, now);
    return 'accepted';
  }

  /** Launches of groups draw on the same tokens. */
  machineTokens(now: number): number {
    return this.#machineTokens?.has(now) ?? Infinity;
  }

  takeMachineToken(now: number): void {
    this.#machineTokens?.take(1, now);
  }

  /** Takes a call out; returns its machines in the order of their requests. */
  finish(id: number): readonly number[] {
    const { nodes } = this.#calls.get(id)!;
    this.#calls.delete(id);
    return nodes;
  }

  snapshot(): FleetDeskSnapshot {
    return {
      calls: [...this.#calls.values()].map((call) => ({ ...call, nodes: [...call.nodes] })),
      open: [...this.#open.values()].map(({ id }) => id),
      next: this.#next,
      buckets: [this.#callTokens, this.#machineTokens].map((bucket) => bucket?.snapshot() ?? null),
    };
  }

  restore(saved: FleetDeskSnapshot): void {
    this.#calls.clear();
    this.#open.clear();
    for (const call of saved.calls) this.#calls.set(call.id, { ...call, nodes: [...call.nodes] });
    for (const id of saved.open) this.#open.set(this.#calls.get(id)!.key, this.#calls.get(id)!);
    this.#next = saved.next;
    [this.#callTokens, this.#machineTokens].forEach((bucket, i) => {
      const level = saved.buckets[i];
      if (level !== null) bucket?.restore(level);
    });
  }

  #closesAt({ firstAt, lastAt, nodes }: FleetCall): number {
    const { batch } = this.#settings;
    if (batch === undefined || nodes.length >= batch.size) return lastAt;
    return Math.min(lastAt + batch.idle, firstAt + batch.most);
  }
}

/** Requests that become one call are equal but for their names; the order of offerings counts, as their priority. */
function keyOf({ group, offerings, strategy, labels, taints }: LaunchRequest): string {
  return canonical({ group, offerings, strategy, labels, taints });
}
