import type { PodPhase } from '../pods/pod-state.ts';
import type { Sample } from './metric.ts';

/** A pod of the scaled workload, as the autoscaler reads it. Times are milliseconds. */
export interface ScaledPod {
  readonly name: string;
  readonly phase: PodPhase;
  readonly deleting: boolean;
  readonly startedAt?: number;
  /** The Ready condition; absent where the pod has none. */
  readonly readiness?: { readonly status: 'True' | 'False' | 'Unknown'; readonly changedAt: number };
  /** What it requests of the metric's resource, thousandths; undefined where a container names no request. */
  requestMilli(resource: string, container: string | undefined): number | undefined;
}

/** How long young pods are distrusted. */
export interface Initialization {
  /** After its start a pod's CPU counts only once it is ready and a whole window was measured since. Default 5 min. */
  readonly cpuInitializationMs: number;
  /** Until then a pod that is not ready has never been. Default 30 s. */
  readonly initialReadinessDelayMs: number;
}

/** Pods by what their samples are good for. */
export interface PodGroups {
  readonly ready: number;
  /** Not ready or too young: their samples do not count. */
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  /** Failed or going. */
  readonly ignored: readonly string[];
}

/**
 * Sorts pods by what their samples are good for. Only CPU is distrusted while a pod starts.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/podautoscaler/replica_calculator.go` (groupPods).
 */
export function groupPods(
  pods: readonly ScaledPod[],
  samples: ReadonlyMap<string, Sample>,
  resource: string | undefined,
  initialization: Initialization,
  now: number,
): PodGroups {
  let ready = 0;
  const [unready, missing, ignored]: [string[], string[], string[]] = [[], [], []];
  for (const pod of pods) {
    const sample = samples.get(pod.name);
    if (pod.deleting || pod.phase === 'Failed') ignored.push(pod.name);
    else if (pod.phase === 'Pending') unready.push(pod.name);
    else if (sample === undefined) missing.push(pod.name);
    else if (resource === 'cpu' && distrusted(pod, sample, initialization, now)) unready.push(pod.name);
    else ready++;
  }
  return { ready, unready, missing, ignored };
}

function distrusted(
  { readiness, startedAt }: ScaledPod,
  sample: Sample,
  { cpuInitializationMs, initialReadinessDelayMs }: Initialization,
  now: number,
): boolean {
  if (readiness === undefined || startedAt === undefined) return true;
  const unready = readiness.status === 'False';
  if (startedAt + cpuInitializationMs > now) return unready || sample.at < readiness.changedAt + sample.windowMs;
  return unready && startedAt + initialReadinessDelayMs > readiness.changedAt;
}
