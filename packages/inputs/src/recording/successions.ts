import type { PodSpec } from '@plimsoll/core';

/** What a watch showed of one pod. Times in milliseconds. */
export interface ObservedPod {
  readonly name: string;
  /** Identity of its owner; its own for a bare pod. */
  readonly owner: string;
  readonly ownerKind: string;
  /** Line on which it was met first. */
  readonly line: number;
  readonly created: number;
  readonly spec: PodSpec;
  /** When it ended by itself, or its deletion was asked for; undefined where neither happened. */
  ended: number | undefined;
  running: number | undefined;
  succeeded: boolean;
  /** It was evicted, preempted or lost with its node. */
  disrupted: boolean;
}

/** Pods that went on for one another: one demand of a user. */
export interface Succession {
  readonly first: ObservedPod;
  /** Milliseconds that it wants to run; Infinity where the recording does not tell. */
  readonly duration: number;
}

/**
 * Joins each pod that replaced a lost one to that one. An owner replaces what it lost in the order of loss; a pod that finds nothing lost
 * before it is a new demand.
 */
export class Successions {
  /** Pods that replaced another. */
  replaced = 0;
  /** Pods that had not ended when the recording did. */
  unfinished = 0;
  /** Pods that their owner, or a user, took away. */
  taken = 0;
  readonly #pods: readonly ObservedPod[];

  constructor(pods: readonly ObservedPod[]) {
    this.#pods = pods;
  }

  /** All of them, in the order of their first pods. */
  all(): Succession[] {
    const chains: { first: ObservedPod; last: ObservedPod }[] = [];
    const lost = new Map<string, { first: ObservedPod; last: ObservedPod }[]>();
    const inOrder = [...this.#pods].sort((a, b) => a.created - b.created || a.line - b.line);
    const losses = inOrder
      .filter((pod) => pod.disrupted && pod.ended !== undefined && pod.ownerKind !== 'none')
      .sort((a, b) => (a.ended as number) - (b.ended as number) || a.line - b.line);
    const chainOf = new Map<ObservedPod, { first: ObservedPod; last: ObservedPod }>();
    let next = 0;
    for (const pod of inOrder) {
      for (; next < losses.length && (losses[next].ended as number) <= pod.created; next++) {
        const chain = chainOf.get(losses[next]);
        // A loss that is not a chain yet is of a pod that comes later in the order: times are whole seconds.
        if (chain === undefined) break;
        const queue = lost.get(losses[next].owner);
        if (queue === undefined) lost.set(losses[next].owner, [chain]);
        else queue.push(chain);
      }
      const waiting = lost.get(pod.owner)?.shift();
      if (waiting === undefined) {
        const chain = { first: pod, last: pod };
        chains.push(chain);
        chainOf.set(pod, chain);
      } else {
        waiting.last = pod;
        chainOf.set(pod, waiting);
        this.replaced++;
      }
    }
    return chains.map(({ first, last }) => ({ first, duration: this.#duration(first, last) }));
  }

  #duration(first: ObservedPod, last: ObservedPod): number {
    if (last.succeeded && last.ended !== undefined) return Math.max(1000, last.ended - (last.running ?? last.created));
    if (last.ended === undefined || last.disrupted) {
      this.unfinished++;
      return Number.POSITIVE_INFINITY;
    }
    this.taken++;
    return Math.max(1000, last.ended - (first.running ?? first.created));
  }
}
