import type { ClusterView, WorkloadView } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';
import { DRAIN, type PodFacts } from '../pods/pod-facts.ts';

/** A pod that has been terminating for its grace period and this long is no longer looked at. Source: `rules/longterminating`. */
const LONG_TERMINATING = 30_000;

/** Why a pod keeps its node, in the real program's words. */
type BlockReason =
  | 'NotReplicated'
  | 'UnmovableKubeSystemPod'
  | 'NotSafeToEvictAnnotation'
  | 'LocalStorageRequested'
  | 'NotEnoughPdb';

/** What a look at a node's pods came to. */
export interface DrainVerdict {
  /** The pod that blocks, or −1. */
  pod: number;
  reason: BlockReason | '';
  /** Whether a pod must end by itself before the node may go. */
  waits: boolean;
}

/**
 * Which pods of a node must move for it to go, and whether one forbids it. Rules go by order, the first with an answer decides. Source: Cluster
 * Autoscaler 1.37, `simulator/drain.go` and `simulator/drainability/rules`.
 */
export class DrainRules {
  /** The answer of the last {@link judge}; the object is reused. */
  readonly verdict: DrainVerdict = { pod: -1, reason: '', waits: false };
  /** Earliest time from now on at which an answer changes by itself, since {@link begin}. */
  changesAt = Infinity;
  readonly #view: ClusterView;
  readonly #workload: WorkloadView;
  readonly #facts: PodFacts;
  readonly #systemTimeout: number;

  constructor(view: ClusterView, workload: WorkloadView, facts: PodFacts, flags: Flags) {
    this.#view = view;
    this.#workload = workload;
    this.#facts = facts;
    this.#systemTimeout = flags['blocking-system-pod-distruption-timeout'];
  }

  begin(): void {
    this.changesAt = Infinity;
  }

  /** Appends to `moving` the pods that need another place. Returns false where a pod blocks: see {@link verdict}. */
  judge(pods: readonly number[], now: number, moving: number[]): boolean {
    const verdict = this.verdict;
    verdict.pod = -1;
    verdict.reason = '';
    verdict.waits = false;
    const { class: classes, deletedAt, createdAt } = this.#view.pods;
    const facts = this.#facts;
    for (const pod of pods) {
      const podClass = classes[pod];
      const rule = facts.drain[podClass];
      if (rule === DRAIN.skip) continue;
      const deleted = deletedAt[pod];
      if (!Number.isNaN(deleted)) {
        const forgottenAt = deleted + facts.grace[podClass] + LONG_TERMINATING;
        if (forgottenAt < now) continue;
        if (forgottenAt + 1 < this.changesAt) this.changesAt = forgottenAt + 1;
      }
      if (rule === DRAIN.daemonSet) continue;
      if (rule === DRAIN.always) {
        moving.push(pod);
        continue;
      }
      if (rule === DRAIN.onCompletion) {
        verdict.waits = true;
        continue;
      }
      if (rule === DRAIN.system) {
        const oldAt = createdAt[pod] + this.#systemTimeout + 1;
        if (oldAt <= now) {
          moving.push(pod);
          continue;
        }
        if (oldAt < this.changesAt) this.changesAt = oldAt;
      } else if (rule === DRAIN.moves && !this.#workload.evictionBlocked(pod)) {
        moving.push(pod);
        continue;
      }
      verdict.pod = pod;
      verdict.reason = BLOCKS[rule] ?? 'NotEnoughPdb';
      return false;
    }
    return true;
  }
}

const BLOCKS: Readonly<Record<number, BlockReason>> = {
  [DRAIN.system]: 'UnmovableKubeSystemPod',
  [DRAIN.notReplicated]: 'NotReplicated',
  [DRAIN.notSafeToEvict]: 'NotSafeToEvictAnnotation',
  [DRAIN.localStorage]: 'LocalStorageRequested',
};
