import type { ClusterView } from '../cluster/view.ts';
import type { Streams } from '../random/streams.ts';
import type { GroupSpec, GroupsView, OfferingsView } from './cloud.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import type { JsonValue } from './component.ts';
import type { Decision } from './decision.ts';
import type { SchedulingModel } from './scheduler.ts';

/** How much is kept of why. */
export type ExplainLevel = 'off' | 'reasons' | 'full';

/** What a provider may use: nothing else. */
export interface ProviderContext {
  /** The autoscaler's name in the scenario. */
  readonly name: string;
  readonly view: ClusterView;
  /** Streams of chance; name what each decides about, never the variant. */
  readonly random: Pick<Streams, 'stream' | 'keyed'>;
  readonly offerings: OfferingsView;
  readonly groups: GroupsView;
  readonly scheduling: SchedulingModel;
  /** Kind and name of a pod's owner, and how the pod and its owner are called. */
  readonly workload: WorkloadView;
  /** DaemonSets, budgets, controllers and nominations, where the cluster has them. */
  readonly facts?: ClusterFacts;
  /** How long the autoscaler has been running when the run begins, milliseconds: where it stands in its own periods. Absent: it begins then. */
  readonly runningFor?: number;
  readonly explain: ExplainLevel;
  /** Told what the provider says of pods and nodes beside its decisions. Absent: nobody listens. Listening changes no decision. */
  readonly remark?: (remark: ProviderRemark) => void;
}

/** What a provider says of a pod or a node beside its decisions, as the real program's events and logs do. */
export interface ProviderRemark {
  readonly about: 'pod' | 'node';
  /** Row of the pod or node. */
  readonly subject: number;
  /** One word, as the real program has it: `NotTriggerScaleUp`. */
  readonly code: string;
  /** In the real program's words where it has some. */
  readonly message: string;
}

/** Names and owners of pods. */
export interface WorkloadView {
  podName(pod: number): string;
  /** Name of an owner row. */
  ownerName(owner: number): string;
  /** Whether evicting the pod now would break a disruption budget. */
  evictionBlocked(pod: number): boolean;
  /** False where no eviction is ever blocked, so that nobody need ask. Default true. */
  readonly blocksEvictions?: boolean;
}

/**
 * When a provider wants to be asked again.
 *
 * `at` is the next time on its own grid. With `quietUntil`, the provider declares that, as long as nothing that it observes changes,
 * every call on the grid `at + k × period` before `quietUntil` would decide nothing and change nothing: the engine then skips
 * those calls (and a test proves that skipping them changes no digest). A change ends the quiet: the next call is the first grid time
 * after it.
 */
export interface Wake {
  readonly at: number;
  readonly period?: number;
  readonly quietUntil?: number;
}

/** What one call of a provider came to. */
export interface Reconciliation {
  readonly decisions: readonly Decision[];
  /** Absent: only a change that {@link Provider.observe} answers wakes it. */
  readonly wake?: Wake;
}

/** Decides what capacity to buy and to give back. */
export interface Provider {
  /**
   * A change of the cluster or the world, as its log record. Returns the time at which it wants to be called for it, or undefined.
   * A time earlier than the pending wake replaces it.
   */
  observe?(kind: number, a: number, b: number, c: number): number | undefined;
  /** Looks at the cluster and decides. `now` is the simulated time. */
  reconcile(now: number): Reconciliation;
  snapshot(): JsonValue;
  restore(value: JsonValue): void;
}

/** A provider as a plug-in: what an autoscaler brings. */
export interface ProviderPlugin<Options = unknown> {
  /** As scenario files name it: `cluster-autoscaler`, `karpenter`. */
  readonly id: string;
  readonly contract: 1;
  /** Checks options. Throws {@link OptionsError} with the field's path. */
  parseOptions(input: unknown): Options;
  /** What of the options is accepted and changes nothing here, in sentences for people. */
  notes?(options: Options): readonly string[];
  /** Node groups that the cloud must have for it; none for a fleet provider. */
  groups?(options: Options, offerings: OfferingsView): readonly GroupSpec[];
  create(options: Options, context: ProviderContext): Provider;
}

/** Options that are wrong: which field, what was seen, what would be accepted. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly path: readonly (string | number)[];
  readonly suggestion: string | undefined;

  constructor(path: readonly (string | number)[], message: string, suggestion?: string) {
    super(`${path.join('.')}: ${message}`);
    this.path = path;
    this.suggestion = suggestion;
  }
}
