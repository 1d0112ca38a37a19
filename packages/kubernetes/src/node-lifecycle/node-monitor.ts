import type { Taint } from '@plimsoll/core';
import {
  hasTaint,
  type LifecycleNode,
  NOT_READY,
  type NodeCondition,
  readyStatus,
  UNREACHABLE,
  withoutTaint,
} from './lifecycle-node.ts';
import { TaintingQueue } from './tainting-queue.ts';

/** Settings of the node life-cycle controller. Source of the defaults: Kubernetes v1.36.2, `cmd/kube-controller-manager`. */
export interface NodeLifecycleSettings {
  /** How long a node may be silent. Default 50 s. */
  readonly monitorGraceMs: number;
  /** Nodes a second that are tainted in a zone. Default 0.1. */
  readonly evictionRate: number;
  /** The same in a large zone of which much is down. Default 0.01. */
  readonly secondaryEvictionRate: number;
  /** Zones of more nodes are large; small ones that are mostly down are left alone. Default 50. */
  readonly largeClusterSize: number;
  /** Part of a zone's nodes that must be down. Default 0.55. */
  readonly unhealthyZoneThreshold: number;
}

export const defaultNodeLifecycleSettings: NodeLifecycleSettings = {
  monitorGraceMs: 50_000,
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeClusterSize: 50,
  unhealthyZoneThreshold: 0.55,
};

/** How much of a zone is down. */
export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** What the controller does to the API. */
export interface NodeMonitorActions {
  setConditions(node: string, conditions: readonly NodeCondition[]): void;
  setTaints(node: string, taints: readonly Taint[]): void;
  /** Sets Ready to False on the node's pods. */
  markPodsNotReady(node: string): void;
}

interface Health {
  /** When a sign of life was last seen. */
  probedAt: number;
  /** The lease that was counted last. */
  renewedAt: number | undefined;
  postedAt: number | undefined;
}

const WATCHED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/**
 * Watches the signs of life of nodes, and taints those that are down so that their pods are evicted, slower the more of a zone is down.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/nodelifecycle/node_lifecycle_controller.go`. Nodes without a Ready condition (start-up grace) are not
 * modelled.
 */
export class NodeMonitor {
  readonly #settings: NodeLifecycleSettings;
  readonly #actions: NodeMonitorActions;
  readonly #health = new Map<string, Health>();
  readonly #seen = new Map<string, boolean>();
  readonly #queues = new Map<string, TaintingQueue>();
  readonly #zones = new Map<string, ZoneState>();

  constructor(settings: NodeLifecycleSettings, actions: NodeMonitorActions) {
    this.#settings = settings;
    this.#actions = actions;
  }

  /** Zones and how they stand after the last look. */
  get zones(): ReadonlyMap<string, ZoneState> {
    return this.#zones;
  }

  /** Whether the last look found the node ready; undefined where it has not been looked at. */
  seenReady(node: string): boolean | undefined {
    return this.#seen.get(node);
  }

  /** One look at all nodes: every 5 s. `nodeOf` reads a node anew, as actions change it. */
  monitor(nodes: readonly string[], nodeOf: (name: string) => LifecycleNode, now: number): void {
    const present = new Set(nodes);
    for (const name of this.#health.keys()) if (!present.has(name)) this.#forget(name);
    const byZone = new Map<string, boolean[]>();
    for (const name of nodes) {
      const node = nodeOf(name);
      const { zone } = node;
      if (!this.#queues.has(zone)) this.#queues.set(zone, new TaintingQueue(this.#settings.evictionRate, now));
      const known = this.#health.has(name);
      if (!known) this.#markReachable(node);
      const before = readyStatus(node);
      if (this.#isSilent(node, now)) this.#markUnknown(node);
      const after = readyStatus(nodeOf(name));
      this.#seen.set(name, after === 'True');
      byZone.set(zone, [...(byZone.get(zone) ?? []), after === 'True']);
      this.#react(nodeOf(name));
      if (after !== 'True' && before === 'True') this.#actions.markPodsNotReady(name);
    }
    this.#weighDisruption(byZone, nodes.map(nodeOf), now);
  }

  /** One pass that taints waiting nodes: every 100 ms. */
  taint(nodeOf: (name: string) => LifecycleNode | undefined, now: number): void {
    for (const queue of this.#queues.values()) {
      queue.process(now, (name) => {
        const node = nodeOf(name);
        const ready = node && readyStatus(node);
        if (node === undefined || ready === undefined || ready === 'True') return;
        if (ready === 'False') this.#swap(node, NOT_READY, UNREACHABLE);
        else this.#swap(node, UNREACHABLE, NOT_READY);
      });
    }
  }

  #isSilent(node: LifecycleNode, now: number): boolean {
    let health = this.#health.get(node.name);
    if (health === undefined)
      this.#health.set(node.name, (health = { probedAt: now, renewedAt: undefined, postedAt: node.postedAt }));
    const counted = health.renewedAt;
    if (node.postedAt !== health.postedAt) {
      // The real controller forgets the lease here, and so takes it for a new one in its next look.
      health = { probedAt: now, renewedAt: undefined, postedAt: node.postedAt };
      this.#health.set(node.name, health);
    }
    if (node.renewedAt !== undefined && (counted === undefined || counted < node.renewedAt)) {
      health.renewedAt = node.renewedAt;
      health.probedAt = now;
    }
    return now > health.probedAt + this.#settings.monitorGraceMs;
  }

  #markUnknown({ name, conditions }: LifecycleNode): void {
    const known = new Set(conditions.map(({ type }) => type));
    const ready = conditions.find(({ type }) => type === 'Ready');
    if (ready?.status === 'Unknown') return;
    const updated = conditions.map(
      (condition): NodeCondition =>
        WATCHED.includes(condition.type) && condition.status !== 'Unknown'
          ? { type: condition.type, status: 'Unknown', reason: 'NodeStatusUnknown' }
          : condition,
    );
    const added = WATCHED.filter((type) => !known.has(type)).map(
      (type): NodeCondition => ({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated' }),
    );
    this.#actions.setConditions(name, [...updated, ...added]);
  }

  /** A node that is down waits for its taint; one whose kind of trouble changes swaps it at once; one that is back loses it. */
  #react(node: LifecycleNode): void {
    const ready = readyStatus(node);
    if (ready === 'True') {
      this.#markReachable(node);
      return;
    }
    const [taint, opposite] = ready === 'False' ? [NOT_READY, UNREACHABLE] : [UNREACHABLE, NOT_READY];
    if (hasTaint(node, opposite)) {
      this.#swap(node, taint, opposite);
      return;
    }
    const queue = this.#queues.get(node.zone) as TaintingQueue;
    if (!hasTaint(node, taint)) queue.remove(node.name);
    queue.add(node.name);
  }

  #markReachable(node: LifecycleNode): void {
    const taints = withoutTaint(withoutTaint(node.taints, UNREACHABLE), NOT_READY);
    if (taints.length !== node.taints.length) this.#actions.setTaints(node.name, taints);
    this.#queues.get(node.zone)?.remove(node.name);
  }

  #swap(node: LifecycleNode, taint: Taint, opposite: Taint): void {
    this.#actions.setTaints(node.name, [...withoutTaint(withoutTaint(node.taints, opposite), taint), taint]);
  }

  #weighDisruption(byZone: ReadonlyMap<string, readonly boolean[]>, nodes: readonly LifecycleNode[], now: number): void {
    const states = new Map([...byZone].map(([zone, ready]) => [zone, this.#stateOf(ready)] as const));
    for (const zone of byZone.keys()) if (!this.#zones.has(zone)) this.#zones.set(zone, 'Initial');
    for (const zone of this.#zones.keys()) if (!byZone.has(zone)) this.#zones.delete(zone);
    const all = [...states.values()].every((state) => state === 'FullDisruption');
    const were = [...this.#zones.values()].every((state) => state === 'FullDisruption');
    if (all && were) return;
    if (all) {
      for (const node of nodes) this.#markReachable(node);
      for (const zone of this.#zones.keys()) {
        this.#queues.get(zone)?.setRate(0, now);
        this.#zones.set(zone, 'FullDisruption');
      }
      return;
    }
    // Somebody answers again: all nodes get a fresh start.
    if (were) for (const { name } of nodes) (this.#health.get(name) as Health).probedAt = now;
    for (const [zone, state] of states) {
      if (!were && this.#zones.get(zone) === state) continue;
      this.#queues.get(zone)?.setRate(this.#rateOf(state, (byZone.get(zone) ?? []).length), now);
      this.#zones.set(zone, state);
    }
  }

  #stateOf(ready: readonly boolean[]): ZoneState {
    const down = ready.filter((one) => !one).length;
    if (down > 0 && down === ready.length) return 'FullDisruption';
    return down > 2 && down / ready.length >= this.#settings.unhealthyZoneThreshold ? 'PartialDisruption' : 'Normal';
  }

  #rateOf(state: ZoneState, size: number): number {
    const { evictionRate, secondaryEvictionRate, largeClusterSize } = this.#settings;
    if (state !== 'PartialDisruption') return evictionRate;
    return size > largeClusterSize ? secondaryEvictionRate : 0;
  }

  #forget(name: string): void {
    this.#health.delete(name);
    this.#seen.delete(name);
  }
}
