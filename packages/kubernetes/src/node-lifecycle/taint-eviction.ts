import { type Taint, type Toleration, tolerates } from '@plimsoll/core';

interface Work {
  readonly createdAt: number;
  readonly fireAt: number;
}

/**
 * Evicts pods from nodes with NoExecute taints that they do not tolerate, or no longer.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/tainteviction/taint_eviction.go`.
 */
export class TaintEviction {
  /** Pods with a deletion ahead, or done (`done`) and not gone yet. */
  readonly #work = new Map<string, Work | 'done'>();

  /** A pod or the taints of its node have changed: looks at the pod anew. */
  consider(pod: string, tolerations: readonly Toleration[], taints: readonly Taint[], now: number): void {
    const waitMs = toleratedFor(tolerations, taints);
    if (waitMs === Infinity) {
      this.cancel(pod);
      return;
    }
    const work = this.#work.get(pod);
    // What is ahead already stands, unless the pod is not tolerated at all any more.
    if (waitMs !== NOT_AT_ALL && work !== undefined && work !== 'done' && work.createdAt < now) return;
    if (waitMs === NOT_AT_ALL || (work !== undefined && work !== 'done')) this.cancel(pod);
    if (!this.#work.has(pod)) this.#work.set(pod, { createdAt: now, fireAt: now + Math.max(0, waitMs) });
  }

  /** Nothing is to happen to the pod, or it is gone. */
  cancel(pod: string): void {
    this.#work.delete(pod);
  }

  /** Pods whose time has come. */
  due(now: number): string[] {
    const out: string[] = [];
    for (const [pod, work] of this.#work) {
      if (work === 'done' || work.fireAt > now) continue;
      out.push(pod);
      this.#work.set(pod, 'done');
    }
    return out;
  }

  /** When the next pod's time comes. */
  get next(): number {
    let next = Infinity;
    for (const work of this.#work.values()) if (work !== 'done') next = Math.min(next, work.fireAt);
    return next;
  }
}

const NOT_AT_ALL = -1;

/** How long the NoExecute taints are tolerated, ms: {@link NOT_AT_ALL} where one is not, Infinity where all are for ever. */
function toleratedFor(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  let least = Infinity;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const toleration = tolerations.find((one) => tolerates(one, taint));
    if (toleration === undefined) return NOT_AT_ALL;
    if (toleration.tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, toleration.tolerationSeconds) * 1000);
  }
  return least;
}
