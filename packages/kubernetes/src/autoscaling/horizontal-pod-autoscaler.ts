import { rememberEvent, type ScaleEvent, type ScalingBehavior, scaleDownLimit, scaleUpLimit } from './behavior.ts';
import { MetricError, type MetricSpec, type MetricsSource, type MetricValue } from './metric.ts';
import { propose } from './proposal.ts';
import type { ScaledPod } from './scaled-pods.ts';

/** The controller's settings. Source of the defaults: Kubernetes v1.36.2, `pkg/controller/podautoscaler/config`. */
export interface AutoscalingSettings {
  /** Fraction of the target within which nothing changes. Default 0.1. */
  readonly tolerance: number;
  /** Without a behavior the highest recommendation of so long counts, ms. Default 5 min. */
  readonly downscaleStabilizationMs: number;
  /** After its start a pod's CPU is distrusted for so long, ms. Default 5 min. */
  readonly cpuInitializationMs: number;
  /** A pod that became unready within so long of its start has never been ready, ms. Default 30 s. */
  readonly initialReadinessDelayMs: number;
}

export const defaultAutoscalingSettings: AutoscalingSettings = {
  tolerance: 0.1,
  downscaleStabilizationMs: 300_000,
  cpuInitializationMs: 300_000,
  initialReadinessDelayMs: 30_000,
};

/** What a HorizontalPodAutoscaler is told to do. */
export interface AutoscalerSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricSpec[];
  /** Absent: the classic limits (no more than double or 4, and the highest recommendation of the window). */
  readonly behavior?: ScalingBehavior;
  /** Fractions that overrule the controller's. */
  readonly tolerance?: { readonly down?: number; readonly up?: number };
}

/** What one reconciliation sees. */
export interface ScaleView {
  readonly now: number;
  readonly replicas: number;
  readonly statusReplicas: number;
  /** The scale names a selector. Without one nothing is computed. */
  readonly selected: boolean;
  readonly pods: readonly ScaledPod[];
  readonly metrics: MetricsSource;
}

/** A condition of the status. */
export interface AutoscalerCondition {
  readonly status: 'True' | 'False';
  readonly reason: string;
}

/** The status, as the last reconciliation left it. */
export interface AutoscalerStatus {
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly lastScaleAt?: number;
  /** One a metric of the spec, undefined where it failed; absent where none were looked at. */
  readonly metrics?: readonly (MetricValue | undefined)[];
}

/** What one reconciliation came to. */
export interface ScaleDecision {
  /** The scale from now on. */
  readonly replicas: number;
  readonly scaled: boolean;
  /** Why it was scaled. */
  readonly reason?: string;
  /** Why a metric, or all, could not be used. */
  readonly error?: string;
  /** Positions of metrics that failed, in order. */
  readonly failed: readonly number[];
  /** Nothing could be decided. */
  readonly stuck: boolean;
}

interface Recommendation {
  readonly at: number;
  readonly replicas: number;
}

const FAILED_REASON = {
  Resource: 'FailedGetResourceMetric',
  Pods: 'FailedGetPodsMetric',
  Object: 'FailedGetObjectMetric',
  External: 'FailedGetExternalMetric',
} as const;

/** The reason of the condition and of the event where a metric cannot be had. */
export function failedMetricReason(spec: MetricSpec): string {
  return spec.type === 'Resource' && spec.container !== undefined ? 'FailedGetContainerResourceMetric' : FAILED_REASON[spec.type];
}

/**
 * One HorizontalPodAutoscaler: from metrics to a scale, with its memory of recommendations and changes.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/podautoscaler/horizontal.go`. The gate HPAScaleToZero is off: a scale of 0 is left alone.
 */
export class HorizontalPodAutoscaler {
  readonly #settings: AutoscalingSettings;
  #recommendations: Recommendation[] | undefined;
  readonly #ups: ScaleEvent[] = [];
  readonly #downs: ScaleEvent[] = [];
  readonly conditions = new Map<string, AutoscalerCondition>();
  status: AutoscalerStatus = { currentReplicas: 0, desiredReplicas: 0 };

  constructor(settings: AutoscalingSettings = defaultAutoscalingSettings) {
    this.#settings = settings;
  }

  /** One reconciliation: every 15 s in the real controller. The first one remembers the scale as a recommendation. */
  reconcile(spec: AutoscalerSpec, view: ScaleView): ScaleDecision {
    const { replicas, now } = view;
    const { minReplicas, maxReplicas } = spec;
    this.#condition('AbleToScale', 'True', 'SucceededGetScale');
    this.#recommendations ??= [{ at: now, replicas }];
    if (replicas === 0 && minReplicas !== 0) {
      this.#condition('ScalingActive', 'False', 'ScalingDisabled');
      return this.#settle(spec, view, 0, undefined, {});
    }
    if (replicas > maxReplicas)
      return this.#settle(spec, view, maxReplicas, undefined, { reason: 'Current number of replicas above Spec.MaxReplicas' });
    if (replicas < minReplicas)
      return this.#settle(spec, view, minReplicas, undefined, { reason: 'Current number of replicas below Spec.MinReplicas' });

    const computed = this.#compute(spec, view);
    const { values, failed, error } = computed;
    if (computed.replicas === undefined) {
      this.status = withMetrics({ ...this.status, currentReplicas: replicas }, values);
      return { replicas, scaled: false, failed, stuck: true, ...(error !== undefined && { error }) };
    }
    const wanted = Math.max(0, computed.replicas);
    const reason = wanted > replicas ? `${computed.metric} above target` : 'All metrics below target';
    const desired =
      spec.behavior === undefined ? this.#normalize(spec, view, wanted) : this.#behave(spec, spec.behavior, view, wanted);
    return this.#settle(spec, view, desired, values, { reason, failed, ...(error !== undefined && { error }) });
  }

  /** The largest proposal; none where all metrics failed, or one did and the others would scale down. */
  #compute(
    spec: AutoscalerSpec,
    view: ScaleView,
  ): { replicas?: number; metric?: string; values?: (MetricValue | undefined)[]; failed: number[]; error?: string } {
    if (!view.selected) {
      this.#condition('ScalingActive', 'False', 'InvalidSelector');
      return { failed: [], error: 'selector is required' };
    }
    const { tolerance, cpuInitializationMs, initialReadinessDelayMs } = this.#settings;
    const measurement = {
      ...view,
      cpuInitializationMs,
      initialReadinessDelayMs,
      tolerance: { down: spec.tolerance?.down ?? tolerance, up: spec.tolerance?.up ?? tolerance },
    };
    let replicas = 0;
    let metric = '';
    let first = '';
    const failed: number[] = [];
    const values = spec.metrics.map((one, position) => {
      try {
        const proposal = propose(one, position, measurement);
        if (replicas === 0 || proposal.replicas > replicas) {
          replicas = proposal.replicas;
          metric = one.type === 'Resource' ? one.resource : one.name;
        }
        return proposal.value;
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        if (failed.length === 0) first = error.message;
        failed.push(position);
        return undefined;
      }
    });
    if (failed.length === 0) return this.#valid(replicas, metric, values, failed);
    const error = `invalid metrics (${failed.length} invalid out of ${spec.metrics.length}), first error is: ${first}`;
    if (failed.length < spec.metrics.length && replicas >= view.replicas)
      return { ...this.#valid(replicas, metric, values, failed), error };
    this.#condition('ScalingActive', 'False', failedMetricReason(spec.metrics[failed[0]]));
    return { values, failed, error };
  }

  #valid(
    replicas: number,
    metric: string,
    values: (MetricValue | undefined)[],
    failed: number[],
  ): { replicas: number; metric: string; values: (MetricValue | undefined)[]; failed: number[] } {
    this.#condition('ScalingActive', 'True', 'ValidMetricFound');
    return { replicas, metric, values, failed };
  }

  /** The classic limits. */
  #normalize({ minReplicas, maxReplicas }: AutoscalerSpec, { replicas, now }: ScaleView, wanted: number): number {
    const cutoff = now - this.#settings.downscaleStabilizationMs;
    const recommendations = this.#recommendations as Recommendation[];
    let highest = wanted;
    let old = -1;
    recommendations.forEach((recommendation, index) => {
      if (recommendation.at < cutoff) old = index;
      else highest = Math.max(highest, recommendation.replicas);
    });
    this.#remember(old, wanted, now);
    this.#condition('AbleToScale', 'True', highest !== wanted ? 'ScaleDownStabilized' : 'ReadyForNewScale');
    const fastest = Math.max(2 * replicas, 4);
    if (highest < minReplicas) return this.#limited(highest, minReplicas, 'TooFewReplicas');
    const most = Math.min(maxReplicas, fastest);
    if (highest > most) return this.#limited(highest, most, maxReplicas > fastest ? 'ScaleUpLimit' : 'TooManyReplicas');
    return this.#limited(highest, highest, 'DesiredWithinRange');
  }

  /** The limits of a `behavior`: stabilise, then hold the speed, then the bounds. */
  #behave(
    { minReplicas, maxReplicas }: AutoscalerSpec,
    { up, down }: ScalingBehavior,
    { replicas, now }: ScaleView,
    wanted: number,
  ): number {
    const upCutoff = now - up.stabilizationMs;
    const downCutoff = now - (down.stabilizationMs ?? this.#settings.downscaleStabilizationMs);
    let lowest = wanted;
    let highest = wanted;
    let old = -1;
    (this.#recommendations as Recommendation[]).forEach((recommendation, index) => {
      if (recommendation.at > upCutoff) lowest = Math.min(lowest, recommendation.replicas);
      if (recommendation.at > downCutoff) highest = Math.max(highest, recommendation.replicas);
      if (recommendation.at < upCutoff && recommendation.at < downCutoff) old = index;
    });
    const stable = Math.min(Math.max(replicas, lowest), highest);
    this.#remember(old, wanted, now);
    const direction = wanted >= replicas ? 'ScaleUpStabilized' : 'ScaleDownStabilized';
    this.#condition('AbleToScale', 'True', stable !== wanted ? direction : 'ReadyForNewScale');
    if (stable > replicas) {
      const limit = Math.max(replicas, scaleUpLimit(replicas, this.#ups, this.#downs, up, now));
      const most = Math.min(maxReplicas, limit);
      if (stable > most) return this.#limited(stable, most, maxReplicas > limit ? 'ScaleUpLimit' : 'TooManyReplicas');
    } else if (stable < replicas) {
      const limit = Math.min(replicas, scaleDownLimit(replicas, this.#ups, this.#downs, down, now));
      const least = Math.max(minReplicas, limit);
      if (stable < least) return this.#limited(stable, least, minReplicas < limit ? 'ScaleDownLimit' : 'TooFewReplicas');
    }
    return this.#limited(stable, stable, 'DesiredWithinRange');
  }

  #limited(wanted: number, allowed: number, reason: string): number {
    this.#condition('ScalingLimited', allowed === wanted ? 'False' : 'True', reason);
    return allowed;
  }

  #remember(old: number, replicas: number, at: number): void {
    const recommendations = this.#recommendations as Recommendation[];
    if (old >= 0) recommendations[old] = { at, replicas };
    else recommendations.push({ at, replicas });
  }

  /** Changes the scale where it must, and writes the status. */
  #settle(
    { behavior }: AutoscalerSpec,
    { replicas, now }: ScaleView,
    desired: number,
    values: (MetricValue | undefined)[] | undefined,
    { reason, failed = [], error }: { reason?: string; failed?: readonly number[]; error?: string },
  ): ScaleDecision {
    const scaled = desired !== replicas;
    if (scaled) {
      this.#condition('AbleToScale', 'True', 'SucceededRescale');
      if (behavior !== undefined) {
        if (desired > replicas) rememberEvent(this.#ups, behavior.up.policies, desired - replicas, now);
        else rememberEvent(this.#downs, behavior.down.policies, replicas - desired, now);
      }
    }
    const { lastScaleAt } = this.status;
    const scaledAt = scaled ? now : lastScaleAt;
    this.status = withMetrics(
      { currentReplicas: replicas, desiredReplicas: desired, ...(scaledAt !== undefined && { lastScaleAt: scaledAt }) },
      values,
    );
    return {
      replicas: desired,
      scaled,
      failed,
      stuck: false,
      ...(scaled && reason !== undefined && { reason }),
      ...(error !== undefined && { error }),
    };
  }

  #condition(type: string, status: 'True' | 'False', reason: string): void {
    this.conditions.set(type, { status, reason });
  }
}

function withMetrics(status: AutoscalerStatus, values: readonly (MetricValue | undefined)[] | undefined): AutoscalerStatus {
  const { metrics: _, ...rest } = status;
  return values === undefined ? rest : { ...rest, metrics: values };
}
