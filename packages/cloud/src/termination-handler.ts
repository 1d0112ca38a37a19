import {
  type Cluster,
  type Component,
  type Distribution,
  EVICTION,
  type JsonValue,
  NODE,
  NONE,
  NOTICE,
  PHASE,
  POD,
  quantileMs,
  RECORD,
  SECOND,
  type Streams,
  type Timer,
} from '@plimsoll/core';
import { nameHash } from './name-hash.ts';

/** What a termination handler listens to, and how long it drains. Times in milliseconds. */
export interface TerminationHandlerSettings {
  /** Drains a node whose machine has got notice. Default true. */
  readonly interruptions: boolean;
  /** What it does on a recommendation. Default none. */
  readonly recommendations: 'none' | 'cordon' | 'drain';
  /** Drains a node whose machine a group holds in a termination hook, and completes the hook once it is empty. Default false. */
  readonly hooks: boolean;
  /** From the event until the handler acts. Default uniform 0 to 2 s: it polls the instance's metadata every 2 s. */
  readonly reaction: Distribution;
  /** It gives up draining after this. Default 120 s. */
  readonly grace: number;
}

export const defaultTerminationHandler: TerminationHandlerSettings = {
  interruptions: true,
  recommendations: 'none',
  hooks: false,
  reaction: { kind: 'uniform', min: 0, max: 2 * SECOND },
  grace: 120 * SECOND,
};

/** What a handler works with. */
export interface TerminationHandlerParts {
  readonly cluster: Cluster;
  readonly timer: Timer;
  readonly streams: Streams;
  /** Whether a group holds the machine on its way out, and how the handler lets it go. */
  readonly cloud: { isLeaving(node: number): boolean; completeTermination(node: number): void };
  /** Whether evicting the pod now would break a disruption budget. */
  readonly evictionBlocked: (pod: number) => boolean;
  readonly settings: TerminationHandlerSettings;
}

const EVENT = {
  /** a node, b 1 cordon only */
  begin: 0,
  /** a node: evictions that a budget refused are tried again */
  again: 1,
} as const;

/** Pause between attempts to evict what a budget protects: that of the drain library. */
const RETRY = 5 * SECOND;

/**
 * Drains nodes that the cloud or a group takes, as aws-node-termination-handler does: cordons, then evicts all pods but those of DaemonSets
 * within their budgets, until its time is over. What remains then dies with the machine.
 *
 * Source: aws/aws-node-termination-handler, defaults of its configuration and `pkg/node/node.go`. Left out: workers (10 events at a time), the queue's
 * delays, scheduled events, taints, heartbeats.
 */
export class TerminationHandler implements Component {
  readonly id = 'termination-handler';
  readonly #parts: TerminationHandlerParts;
  /** Until when each node is drained. */
  readonly #drains = new Map<number, number>();

  constructor(parts: TerminationHandlerParts) {
    this.#parts = parts;
  }

  observe(kind: number, a: number, b: number, c: number): void {
    const { interruptions, recommendations, hooks } = this.#parts.settings;
    if (kind === RECORD.nodeNotice) {
      if (b === NOTICE.interruption && interruptions) this.#later(a, false);
      else if (b === NOTICE.rebalance && recommendations !== 'none') this.#later(a, recommendations === 'cordon');
    } else if (kind === RECORD.groupActed && hooks && c >= 0) this.#later(c, false, true);
    else if (kind === RECORD.podGone || kind === RECORD.podFinished) this.#review(b);
  }

  handle(code: number, node: number, cordonOnly: number): void {
    if (!this.#isThere(node)) {
      this.#drains.delete(node);
      return;
    }
    const { cluster, timer, settings } = this.#parts;
    if (code === EVENT.begin) {
      // A hook's event is also one of machines that a group merely launched.
      if (cordonOnly === 2 && !this.#parts.cloud.isLeaving(node)) return;
      cluster.changeNode(node, { unschedulable: true });
      if (cordonOnly === 1 || this.#drains.has(node)) return;
      this.#drains.set(node, timer.now + settings.grace);
    }
    this.#drain(node);
  }

  snapshot(): JsonValue {
    return [...this.#drains].map(([node, until]) => [node, until]);
  }

  restore(value: JsonValue): void {
    this.#drains.clear();
    for (const [node, until] of value as unknown as (readonly [number, number])[]) this.#drains.set(node, until);
  }

  #later(node: number, cordonOnly: boolean, ofHook = false): void {
    const { timer, streams, settings, cluster } = this.#parts;
    const chance = streams.keyed('termination handler').at(nameHash(cluster.nodeNames[node]));
    const at = timer.now + Math.max(1, quantileMs(settings.reaction, chance));
    timer.at(at, PHASE.controller, EVENT.begin, node, ofHook ? 2 : cordonOnly ? 1 : 0);
  }

  #drain(node: number): void {
    const until = this.#drains.get(node);
    if (until === undefined) return;
    const { cluster, timer, evictionBlocked } = this.#parts;
    const left = this.#podsOf(node);
    if (left.length === 0 || timer.now >= until) {
      this.#finish(node);
      return;
    }
    let refused = false;
    for (const pod of left) {
      if (cluster.pods.state[pod] === POD.terminating) continue;
      if (evictionBlocked(pod)) refused = true;
      else cluster.evict(pod, EVICTION.drain);
    }
    timer.at(refused ? Math.min(until, timer.now + RETRY) : until, PHASE.controller, EVENT.again, node);
  }

  /** A pod has left a node: if it was the last, the drain is over. */
  #review(node: number): void {
    if (this.#drains.has(node) && this.#isThere(node) && this.#podsOf(node).length === 0) {
      this.#parts.timer.at(this.#parts.timer.now, PHASE.controller, EVENT.again, node);
    }
  }

  #finish(node: number): void {
    this.#drains.delete(node);
    if (this.#parts.settings.hooks && this.#parts.cloud.isLeaving(node)) this.#parts.cloud.completeTermination(node);
  }

  #isThere(node: number): boolean {
    const { state, terminating } = this.#parts.cluster.nodes;
    return (state[node] === NODE.registered || state[node] === NODE.ready) && terminating[node] === 0;
  }

  /** Pods that must go: all but those of DaemonSets. */
  #podsOf(node: number): number[] {
    const { pods, nodes, classes } = this.#parts.cluster;
    const out: number[] = [];
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) {
      if (classes.pods[pods.class[pod]].spec.controller !== 'DaemonSet') out.push(pod);
    }
    return out;
  }
}
