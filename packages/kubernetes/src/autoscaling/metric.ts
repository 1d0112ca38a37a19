/**
 * What a HorizontalPodAutoscaler looks at. Amounts are in thousandths of the metric's unit: milli-cores, thousandths of a byte.
 *
 * Source of the kinds: Kubernetes v1.36.2, `pkg/apis/autoscaling/v2`.
 */
export type MetricSpec =
  | { readonly type: 'Resource'; readonly resource: string; readonly container?: string; readonly target: ResourceTarget }
  | { readonly type: 'Pods'; readonly name: string; readonly averageMilli: number }
  | { readonly type: 'Object'; readonly name: string; readonly target: ValueTarget }
  | { readonly type: 'External'; readonly name: string; readonly target: ValueTarget };

/** Percent of what the pods request, or an amount a pod. */
export type ResourceTarget = { readonly utilization: number } | { readonly averageMilli: number };

/** An amount for the ready pods as they are, or an amount a pod. */
export type ValueTarget = { readonly valueMilli: number } | { readonly averageMilli: number };

/** One pod's sample. */
export interface Sample {
  readonly milli: number;
  readonly at: number;
  /** The time before `at` that it tells about, ms. */
  readonly windowMs: number;
}

/** A metric that cannot be had, or that nothing can be computed from. */
export class MetricError extends Error {
  override readonly name = 'MetricError';
}

/** Where metrics come from. Each throws {@link MetricError} where it has nothing; positions are those of the spec's list. */
export interface MetricsSource {
  /** Samples by pod, for metrics of type Resource and Pods. */
  samples(position: number): ReadonlyMap<string, Sample>;
  /** The sum, for metrics of type Object and External. */
  total(position: number): number;
}

/** What the status tells of one metric; undefined where it failed. */
export interface MetricValue {
  readonly averageMilli?: number;
  readonly valueMilli?: number;
  /** Percent of requests. */
  readonly utilization?: number;
}

/** How far usage may be off its target without a change: fractions of the target. */
export interface Tolerance {
  readonly down: number;
  readonly up: number;
}

/** Whether a ratio of usage to target is close enough. */
export function withinTolerance(ratio: number, { down, up }: Tolerance): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}
