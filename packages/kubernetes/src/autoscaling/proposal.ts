import {
  MetricError,
  type MetricSpec,
  type MetricsSource,
  type MetricValue,
  type Sample,
  type Tolerance,
  withinTolerance,
} from './metric.ts';
import { groupPods, type Initialization, type PodGroups, type ScaledPod } from './scaled-pods.ts';

/** What one metric asks for. */
export interface Proposal {
  readonly replicas: number;
  readonly value: MetricValue;
}

/** What a proposal is made from. */
export interface Measurement extends Initialization {
  readonly now: number;
  /** The scale's wanted replicas. */
  readonly replicas: number;
  /** The scale's replicas as they are. */
  readonly statusReplicas: number;
  /** All pods that the scale's selector matches. */
  readonly pods: readonly ScaledPod[];
  readonly tolerance: Tolerance;
  readonly metrics: MetricsSource;
}

/**
 * How many replicas one metric asks for.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/podautoscaler/replica_calculator.go`.
 * @throws MetricError where the metric is missing or no pod is fit to be judged by
 */
export function propose(spec: MetricSpec, position: number, measurement: Measurement): Proposal {
  if (spec.type === 'Object' || spec.type === 'External') {
    const total = measurement.metrics.total(position);
    return 'valueMilli' in spec.target
      ? { replicas: forTotal(total / spec.target.valueMilli, measurement), value: { valueMilli: total } }
      : perPod(total, spec.target.averageMilli, measurement);
  }
  const samples = new Map(measurement.metrics.samples(position));
  if (spec.type === 'Pods') return forAverage(samples, spec.averageMilli, undefined, measurement);
  return 'utilization' in spec.target
    ? forUtilization(samples, spec.target.utilization, spec.resource, spec.container, measurement)
    : forAverage(samples, spec.target.averageMilli, spec.resource, measurement);
}

/** Resource of which pods request a share: the sum of usage over the sum of requests, as a whole percentage. */
function forUtilization(
  samples: Map<string, Sample>,
  target: number,
  resource: string,
  container: string | undefined,
  measurement: Measurement,
): Proposal {
  const groups = fitPods(samples, resource, measurement);
  const requests = new Map<string, number>();
  for (const pod of measurement.pods) {
    const request = pod.requestMilli(resource, container);
    if (request === undefined) throw new MetricError(`missing request for ${resource} in a container of pod ${pod.name}`);
    requests.set(pod.name, request);
  }
  const used = usedOfRequested(samples, requests);
  const fallback = Math.max(100, target);
  const replicas = settle(samples, groups, used.utilization / target, measurement, {
    missing: (name) => Math.trunc(((requests.get(name) ?? 0) * fallback) / 100),
    ratio: () => usedOfRequested(samples, requests).utilization / target,
  });
  return { replicas, value: { utilization: used.utilization, averageMilli: used.averageMilli } };
}

/** An amount a pod: the mean of the samples. */
function forAverage(
  samples: Map<string, Sample>,
  target: number,
  resource: string | undefined,
  measurement: Measurement,
): Proposal {
  const groups = fitPods(samples, resource, measurement);
  const averageMilli = mean(samples);
  const replicas = settle(samples, groups, averageMilli / target, measurement, {
    missing: () => target,
    ratio: () => mean(samples) / target,
  });
  return { replicas, value: { averageMilli } };
}

/** An amount for all ready pods together. */
function forTotal(ratio: number, { replicas, pods, tolerance }: Measurement): number {
  if (replicas === 0) return Math.ceil(ratio);
  if (withinTolerance(ratio, tolerance)) return replicas;
  if (pods.length === 0) throw noPods();
  const ready = pods.filter(({ phase, readiness }) => phase === 'Running' && readiness?.status === 'True').length;
  return Math.ceil(ratio * ready);
}

/** An amount for each replica that there is, ready or not. */
function perPod(total: number, target: number, { statusReplicas, tolerance }: Measurement): Proposal {
  const fine = withinTolerance(total / (target * statusReplicas), tolerance);
  return {
    replicas: fine ? statusReplicas : Math.ceil(total / target),
    value: { averageMilli: Math.ceil(total / statusReplicas) },
  };
}

/** Groups pods and drops the samples that do not count; some must be left. */
function fitPods(samples: Map<string, Sample>, resource: string | undefined, measurement: Measurement): PodGroups {
  const { pods, now } = measurement;
  if (pods.length === 0) throw noPods();
  const groups = groupPods(pods, samples, resource, measurement, now);
  for (const name of groups.ignored) samples.delete(name);
  for (const name of groups.unready) samples.delete(name);
  if (samples.size === 0) throw new MetricError('did not receive metrics for targeted pods (pods might be unready)');
  return groups;
}

/**
 * Replicas from a ratio of usage to target. Where pods are missing, or unready while the load is high, they are given what
 * speaks against a change (a full share when scaling down, nothing when scaling up) and the ratio is taken again; no change of direction is believed.
 */
function settle(
  samples: Map<string, Sample>,
  { ready, unready, missing }: PodGroups,
  ratio: number,
  { replicas, tolerance, now }: Measurement,
  { missing: shareOf, ratio: again }: { missing(name: string): number; ratio(): number },
): number {
  const withUnready = unready.length > 0 && ratio > 1;
  if (!withUnready && missing.length === 0) return withinTolerance(ratio, tolerance) ? replicas : Math.ceil(ratio * ready);
  const assume = (name: string, milli: number): unknown => samples.set(name, { milli, at: now, windowMs: 0 });
  if (ratio < 1) for (const name of missing) assume(name, shareOf(name));
  else if (ratio > 1) for (const name of missing) assume(name, 0);
  if (withUnready) for (const name of unready) assume(name, 0);
  const settled = again();
  if (withinTolerance(settled, tolerance) || (ratio < 1 && settled > 1) || (ratio > 1 && settled < 1)) return replicas;
  const wanted = Math.ceil(settled * samples.size);
  return (settled < 1 && wanted > replicas) || (settled > 1 && wanted < replicas) ? replicas : wanted;
}

function mean(samples: ReadonlyMap<string, Sample>): number {
  let total = 0;
  for (const { milli } of samples.values()) total += milli;
  return Math.trunc(total / samples.size);
}

function usedOfRequested(
  samples: ReadonlyMap<string, Sample>,
  requests: ReadonlyMap<string, number>,
): { readonly utilization: number; readonly averageMilli: number } {
  let [used, requested, count] = [0, 0, 0];
  for (const [name, { milli }] of samples) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += milli;
    requested += request;
    count++;
  }
  if (requested === 0) throw new MetricError('no metrics returned matched known pods');
  // In thousandths of bytes a hundredfold sum can pass 2^53.
  const utilization = Number((BigInt(used) * 100n) / BigInt(requested));
  return { utilization, averageMilli: Math.trunc(used / count) };
}

function noPods(): MetricError {
  return new MetricError('no pods returned by selector while calculating replica count');
}
