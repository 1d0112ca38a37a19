import type { ClusterFacts, ClusterView, ProviderContext, WorkloadView } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';
import { DRAIN, type PodFacts } from '../pods/pod-facts.ts';
import type { RemainingBudgets } from './remaining-budgets.ts';

/** A pod that should have been gone for this long is no longer looked at. Source: `utils/drain/drain.go`. */
const LONG_TERMINATING = 30_000;

/** Why a pod keeps its node, in the real program's words. */
type BlockReason =
  | 'ControllerNotFound'
  | 'MinReplicasReached'
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

/** Kinds of controllers that are looked for. Source: `simulator/drainability/rules/replicacount`. */
const LOOKED_FOR: readonly string[] = ['ReplicationController', 'DaemonSet', 'Job', 'ReplicaSet', 'StatefulSet'];
const COUNTED: readonly string[] = ['ReplicationController', 'ReplicaSet'];

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
  readonly #cluster: ClusterFacts | undefined;
  readonly #facts: PodFacts;
  readonly #flags: Flags;
  readonly #systemTimeout: number;

  constructor(
    { view, workload, facts: cluster }: Pick<ProviderContext, 'view' | 'workload' | 'facts'>,
    facts: PodFacts,
    flags: Flags,
  ) {
    this.#view = view;
    this.#workload = workload;
    this.#cluster = cluster;
    this.#facts = facts;
    this.#flags = flags;
    this.#systemTimeout = flags['blocking-system-pod-distruption-timeout'];
  }

  begin(): void {
    this.changesAt = Infinity;
  }

  /**
   * Appends to `moving` the pods that need another place. Returns false where a pod blocks: see {@link verdict}. Without budgets, neither they
   * nor missing controllers keep a node.
   */
  judge(pods: readonly number[], now: number, moving: number[], budgets: RemainingBudgets | undefined): boolean {
    const verdict = this.verdict;
    verdict.pod = -1;
    verdict.reason = '';
    verdict.waits = false;
    const { class: classes, createdAt } = this.#view.pods;
    const facts = this.#facts;
    for (const pod of pods) {
      const podClass = classes[pod];
      let rule = facts.drain[podClass];
      if (rule === DRAIN.skip || this.isLongTerminating(pod, now)) continue;
      if (budgets !== undefined && this.#cluster?.controller !== undefined) {
        const missing = this.#missesController(pod, podClass);
        if (missing !== undefined) return this.#block(pod, missing);
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
        if (budgets?.selects(podClass) === true) rule = facts.drainOfSystem[podClass];
        else {
          const oldAt = createdAt[pod] + this.#systemTimeout + 1;
          if (oldAt > now) {
            if (oldAt < this.changesAt) this.changesAt = oldAt;
            return this.#block(pod, 'UnmovableKubeSystemPod');
          }
          moving.push(pod);
          continue;
        }
      }
      const blocked = BLOCKS[rule];
      if (blocked !== undefined) return this.#block(pod, blocked);
      if (
        budgets !== undefined &&
        (this.#cluster?.budgets === undefined ? this.#workload.evictionBlocked(pod) : budgets.forbids(podClass))
      ) {
        return this.#block(pod, 'NotEnoughPdb');
      }
      moving.push(pod);
    }
    return true;
  }

  /** Whether a pod should have been gone for some time. Its deletion falls due a grace period after it was asked for. */
  isLongTerminating(pod: number, now: number): boolean {
    const deleted = this.#view.pods.deletedAt[pod];
    if (Number.isNaN(deleted)) return false;
    const grace = this.#facts.grace[this.#view.pods.class[pod]];
    const forgottenAt = deleted + Math.min(grace, this.#flags['max-graceful-termination-sec'] * 1000) + grace + LONG_TERMINATING;
    if (forgottenAt < now) return true;
    if (forgottenAt + 1 < this.changesAt) this.changesAt = forgottenAt + 1;
    return false;
  }

  #block(pod: number, reason: BlockReason): false {
    this.verdict.pod = pod;
    this.verdict.reason = reason;
    return false;
  }

  #missesController(pod: number, podClass: number): BlockReason | undefined {
    if (!this.#flags['skip-nodes-with-custom-controller-pods']) return undefined;
    const kind = this.#view.classes.pods[podClass].spec.controller;
    if (
      !LOOKED_FOR.includes(kind) ||
      (this.#facts.daemonSet[podClass] && kind !== 'DaemonSet' && kind !== 'ReplicationController')
    )
      return undefined;
    const controller = this.#cluster!.controller!(pod);
    if (controller === undefined) return 'ControllerNotFound';
    const { replicas } = controller;
    return COUNTED.includes(kind) && replicas !== undefined && replicas < this.#flags['min-replica-count']
      ? 'MinReplicasReached'
      : undefined;
  }
}

const BLOCKS: Readonly<Record<number, BlockReason | undefined>> = {
  [DRAIN.notReplicated]: 'NotReplicated',
  [DRAIN.notSafeToEvict]: 'NotSafeToEvictAnnotation',
  [DRAIN.localStorage]: 'LocalStorageRequested',
};
