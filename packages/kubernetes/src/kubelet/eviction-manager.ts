import { goSortBy, type Taint, tolerates } from '@plimsoll/core';
import { isCritical, type KubeletPod, requestOf } from './kubelet-pod.ts';

/** What the kubelet watches. */
export type PressureSignal = 'memory.available' | 'nodefs.available';

/** An amount, or a share of the capacity. */
export type ThresholdValue = { readonly bytes: number } | { readonly fraction: number };

/** Below it something is done: at once, or after a grace period. */
export interface PressureThreshold {
  readonly signal: PressureSignal;
  readonly value: ThresholdValue;
  /** Absent: a hard threshold. */
  readonly graceMs?: number;
  /** How much more is to be free before the pressure counts as gone. */
  readonly minReclaim?: ThresholdValue;
}

export interface EvictionSettings {
  readonly thresholds: readonly PressureThreshold[];
  /** How long a condition stays after the pressure has gone. */
  readonly transitionMs: number;
  /** Grace of pods that a soft threshold evicts, seconds. */
  readonly maxPodGraceSeconds: number;
}

/** What is free and what there is. */
interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** What a pod uses, bytes. */
export interface PodUsage {
  readonly memory: number;
  readonly disk: number;
}

/** What one look at the node sees and can do. */
export interface NodeStats {
  observe(signal: PressureSignal): Observation;
  usage(pod: KubeletPod): PodUsage;
  /** Removes images that nobody uses: whether there were any. */
  collectImages(): boolean;
}

/** What one look came to. */
export interface PressureDecision {
  readonly evicted: readonly { readonly pod: KubeletPod; readonly graceSeconds: number }[];
  readonly imagesDeleted: boolean;
}

export type PressureCondition = 'MemoryPressure' | 'DiskPressure';

/** Grace of pods that a hard threshold or a storage limit evicts, seconds. Source: Kubernetes v1.36.2, `pkg/kubelet/eviction`. */
const IMMEDIATE = 1;
/** Grace of pods that name none, seconds. Source: Kubernetes v1.36, `pkg/apis/core/v1/defaults.go`. */
const DEFAULT_GRACE = 30;

const CONDITION = { 'memory.available': 'MemoryPressure', 'nodefs.available': 'DiskPressure' } as const;
const MEMORY_PRESSURE_TAINT: Taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };

/**
 * The kubelet's eviction manager: watches what is free, sets conditions, and evicts a pod at a time. It looks every 10 s.
 *
 * Source: Kubernetes v1.36.2, `pkg/kubelet/eviction` (eviction_manager.go, helpers.go). Inodes, process ids, a file system of images of its own
 * and limits of emptyDir volumes are not modelled.
 */
export class EvictionManager {
  readonly #settings: EvictionSettings;
  #met: readonly PressureThreshold[] = [];
  #firstSeen = new Map<PressureThreshold, number>();
  readonly #lastSeen = new Map<PressureCondition, number>();
  #conditions: readonly PressureCondition[] = [];

  constructor(settings: EvictionSettings) {
    this.#settings = settings;
  }

  get conditions(): readonly PressureCondition[] {
    return this.#conditions;
  }

  synchronize(pods: readonly KubeletPod[], stats: NodeStats, now: number): PressureDecision {
    const { thresholds, transitionMs } = this.#settings;
    const below = thresholds.filter((threshold) => isMet(threshold, stats, false));
    const unresolved = this.#met.filter((threshold) => !below.includes(threshold) && isMet(threshold, stats, true));
    const current = [...below, ...unresolved];
    this.#firstSeen = new Map(current.map((threshold) => [threshold, this.#firstSeen.get(threshold) ?? now]));
    for (const { signal } of current) this.#lastSeen.set(CONDITION[signal], now);
    this.#conditions = [...this.#lastSeen].filter(([, at]) => now - at < transitionMs).map(([condition]) => condition);
    this.#met = current.filter((threshold) => now - (this.#firstSeen.get(threshold) as number) >= (threshold.graceMs ?? 0));

    const overLimit = pods.filter((pod) => !isCritical(pod) && exceedsLimit(pod, stats.usage(pod).disk));
    if (overLimit.length > 0)
      return { evicted: overLimit.map((pod) => ({ pod, graceSeconds: IMMEDIATE })), imagesDeleted: false };
    // Memory comes before disk; of several for memory the real sort takes the last to the front.
    const threshold = this.#met.filter(({ signal }) => signal === 'memory.available').at(-1) ?? this.#met[0];
    if (threshold === undefined) return { evicted: [], imagesDeleted: false };
    let imagesDeleted = false;
    if (threshold.signal === 'nodefs.available') {
      imagesDeleted = stats.collectImages();
      if (!this.#met.some((one) => isMet(one, stats, true))) return { evicted: [], imagesDeleted };
    }
    const victim = rank(pods, threshold.signal, stats).find((pod) => !isCritical(pod));
    const evicted = victim === undefined ? [] : [{ pod: victim, graceSeconds: this.#graceOf(victim, threshold) }];
    return { evicted, imagesDeleted };
  }

  /** Whether a new pod may start: not under disk pressure, nor under memory pressure where it requests nothing. */
  admits(pod: KubeletPod): boolean {
    if (this.#conditions.length === 0 || isCritical(pod)) return true;
    if (this.#conditions.includes('DiskPressure')) return false;
    return (
      pod.qosClass !== 'BestEffort' ||
      (pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, MEMORY_PRESSURE_TAINT))
    );
  }

  #graceOf({ spec }: KubeletPod, { graceMs }: PressureThreshold): number {
    if (graceMs === undefined) return IMMEDIATE;
    return Math.min(this.#settings.maxPodGraceSeconds, spec.gracePeriodSeconds ?? DEFAULT_GRACE);
  }
}

function isMet({ signal, value, minReclaim }: PressureThreshold, stats: NodeStats, withReclaim: boolean): boolean {
  const { available, capacity } = stats.observe(signal);
  const reclaim = withReclaim && minReclaim !== undefined ? amountOf(minReclaim, capacity) : 0;
  return amountOf(value, capacity) + reclaim > available;
}

function amountOf(value: ThresholdValue, capacity: number): number {
  return 'bytes' in value ? value.bytes : Math.trunc(capacity * value.fraction);
}

/** The pod's storage against the sum of its limits, and its first container's, where all is written, against that one's. */
function exceedsLimit({ limits }: KubeletPod, disk: number): boolean {
  const of = limits.map((limit) => limit['ephemeral-storage']);
  const given = of.filter((limit) => limit !== undefined);
  if (given.length > 0 && disk > given.reduce((sum, limit) => sum + limit, 0)) return true;
  return of[0] !== undefined && disk > of[0];
}

/** First who uses more than it requests, then the lower priority, then who exceeds its request by more. */
function rank(pods: readonly KubeletPod[], signal: PressureSignal, stats: NodeStats): KubeletPod[] {
  const excess = (pod: KubeletPod): number => {
    const { memory, disk } = stats.usage(pod);
    return signal === 'memory.available' ? memory - requestOf(pod, 'memory') : disk - requestOf(pod, 'ephemeral-storage');
  };
  const order = (a: KubeletPod, b: KubeletPod): number =>
    Number(excess(b) > 0) - Number(excess(a) > 0) || (a.spec.priority ?? 0) - (b.spec.priority ?? 0) || excess(b) - excess(a);
  return goSortBy([...pods], (a, b) => order(a, b) < 0);
}
