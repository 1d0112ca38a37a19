import { compareText } from '@plimsoll/core';
import { isTerminal, type PodPhase } from '../pods/pod-state.ts';

/** A pod, as the collector reads it. */
export interface CollectedPod {
  readonly name: string;
  readonly nodeName?: string;
  readonly phase: PodPhase;
  /** `status.reason`: `Evicted` goes first. */
  readonly reason?: string;
  readonly createdAt: number;
  readonly deleting: boolean;
}

export interface PodGcSettings {
  /** Finished pods that may stay. Default 12,500. */
  readonly terminatedPodThreshold: number;
  /** How long a missing node is waited for. Default 40 s. */
  readonly quarantineMs: number;
}

/** Source: Kubernetes v1.36.2, `pkg/controller/podgc/gc_controller.go`. */
export const defaultPodGcSettings: PodGcSettings = { terminatedPodThreshold: 12_500, quarantineMs: 40_000 };

/** A pod that is removed at once, and the reason of its DisruptionTarget condition, if it gets one. */
export interface Collected {
  readonly pod: CollectedPod;
  readonly reason?: 'DeletionByPodGC';
}

/** Removes pods that nobody else would: every 20 s. Same source. */
export class PodGc {
  readonly #settings: PodGcSettings;
  /** Missing nodes, and until when they are waited for. */
  readonly #quarantine = new Map<string, number>();

  constructor(settings: PodGcSettings = defaultPodGcSettings) {
    this.#settings = settings;
  }

  /** What one pass removes. `isOutOfService`: the node is down and bears the out-of-service taint. */
  collect(
    pods: readonly CollectedPod[],
    hasNode: (name: string) => boolean,
    isOutOfService: (node: string) => boolean,
    now: number,
  ): Collected[] {
    const out = new Map<CollectedPod, Collected>();
    const take = (pod: CollectedPod, reason?: 'DeletionByPodGC'): void => {
      // A finished pod keeps its status.
      if (!out.has(pod)) out.set(pod, { pod, ...(reason && !isTerminal(pod) && { reason }) });
    };
    const finished = pods.filter(isTerminal).sort(evictedThenOldest);
    for (const pod of finished.slice(0, Math.max(0, finished.length - this.#settings.terminatedPodThreshold))) take(pod);
    for (const pod of pods) if (pod.deleting && pod.nodeName !== undefined && isOutOfService(pod.nodeName)) take(pod);
    for (const { nodeName } of pods)
      if (nodeName !== undefined && !hasNode(nodeName) && !this.#quarantine.has(nodeName))
        this.#quarantine.set(nodeName, now + this.#settings.quarantineMs);
    const gone = new Set<string>();
    for (const [node, until] of this.#quarantine) {
      if (until > now) continue;
      this.#quarantine.delete(node);
      if (!hasNode(node)) gone.add(node);
    }
    for (const pod of pods) if (pod.nodeName !== undefined && gone.has(pod.nodeName)) take(pod, 'DeletionByPodGC');
    for (const pod of pods) if (pod.deleting && pod.nodeName === undefined) take(pod);
    return [...out.values()];
  }
}

function evictedThenOldest(a: CollectedPod, b: CollectedPod): number {
  const evicted = ({ phase, reason }: CollectedPod): boolean => phase === 'Failed' && reason === 'Evicted';
  if (evicted(a) !== evicted(b)) return evicted(a) ? -1 : 1;
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return compareText(a.name, b.name);
}
