import { type LabelSelector, matchesSelector, parseMilli } from '@plimsoll/core';
import {
  type AutoscalerSpec,
  type AutoscalingSettings,
  defaultAutoscalingSettings,
  defaultScalingBehavior,
  failedMetricReason,
  HorizontalPodAutoscaler,
  MetricError,
  type MetricSpec,
  type MetricsSource,
  type MetricValue,
  type PodPhase,
  type Sample,
  type ScaledPod,
  type ScalingBehavior,
  type ScalingPolicy,
} from '@plimsoll/kubernetes';
import { Json } from '../kube-scheduler/json.ts';
import { LoadedPods } from './loaded-pods.ts';
import { instant } from './pods.ts';

/** The metrics of one step; what a step does not name keeps the previous step's. */
interface Readings {
  pods: Json[];
  podMetrics: Json;
  podsMetrics: Json;
  objectMetrics: Json;
  externalMetrics: Json;
}

/** A script of reconciliations of one HorizontalPodAutoscaler. */
export function answerAutoscaling(raw: unknown): unknown {
  const input = new Json(raw);
  const autoscaler = new HorizontalPodAutoscaler(settingsFrom(input.at('config')));
  const absent = new Json(undefined);
  const readings: Readings = {
    pods: [],
    podMetrics: absent,
    podsMetrics: absent,
    objectMetrics: absent,
    externalMetrics: absent,
  };
  const workload = input.at('workload').present ? new LoadedPods(input.at('workload')) : undefined;
  const selector = input.at('selector').text ?? '';
  let spec = input.at('hpa', 'spec');
  let replicas = input.at('replicas').number ?? 0;
  const steps = input.at('steps').items.map((step) => {
    const now = step.at('atMs').number ?? 0;
    replicas = step.at('setReplicas').number ?? replicas;
    if (step.at('spec').present) spec = step.at('spec');
    if (workload !== undefined) {
      const { pods, podMetrics } = workload.step(replicas, now, step.at('totalUsageMilli').number);
      readings.pods = pods.map((pod) => new Json(pod));
      readings.podMetrics = new Json(podMetrics);
    } else {
      if (step.at('pods').value !== undefined) readings.pods = step.at('pods').items;
      const names = ['podMetrics', 'podsMetrics', 'objectMetrics', 'externalMetrics'] as const;
      if (names.some((name) => step.at(name).value !== undefined)) for (const name of names) readings[name] = step.at(name);
    }
    const selected = readings.pods.filter((pod) =>
      matchesSelector(pod.at('metadata', 'labels').labels, parsedSelector(selector)),
    );
    const raws = metricsOf(spec);
    const model = specFrom(spec, raws);
    const current = replicas;
    const decision = autoscaler.reconcile(model, {
      now,
      replicas,
      statusReplicas: step.at('statusReplicas').number ?? replicas,
      selected: selector !== '',
      pods: selected.map(scaledPod),
      metrics: sourceOf(raws, readings, selector, now),
    });
    replicas = decision.replicas;
    const events = [
      ...(selector === '' && decision.error !== undefined ? ['Warning SelectorRequired'] : []),
      ...decision.failed.map((position) => `Warning ${failedMetricReason(model.metrics[position])}`),
      ...(decision.stuck ? ['Warning FailedComputeMetricsReplicas'] : []),
      ...(decision.scaled ? ['Normal SuccessfulRescale'] : []),
    ];
    return {
      atMs: now,
      current,
      replicas,
      scaled: decision.scaled,
      status: {
        currentReplicas: autoscaler.status.currentReplicas,
        desiredReplicas: autoscaler.status.desiredReplicas,
        ...(autoscaler.status.lastScaleAt !== undefined && { lastScaleTimeMs: autoscaler.status.lastScaleAt }),
        ...(autoscaler.status.metrics !== undefined && {
          currentMetrics: autoscaler.status.metrics.map((value, index) => printed(raws[index], value)),
        }),
        conditions: Object.fromEntries(autoscaler.conditions),
      },
      ...(events.length > 0 && { events }),
      ...(decision.error !== undefined && { error: decision.error }),
    };
  });
  return { steps };
}

/** Whether two lists of events agree in kind and reason; their texts are informative. */
export function sameEvents(expected: unknown, got: unknown): boolean {
  const kinds = (list: unknown): string =>
    ((list as string[] | undefined) ?? []).map((text) => text.split(' ', 2).join(' ')).join();
  return kinds(expected) === kinds(got);
}

/** Whether two quantities have one value: the real program prints memory in binary units. */
export function sameQuantity(expected: unknown, got: unknown): boolean {
  return (
    expected === got || (typeof expected === 'string' && typeof got === 'string' && parseMilli(expected) === parseMilli(got))
  );
}

function settingsFrom(config: Json): AutoscalingSettings {
  return {
    tolerance: config.at('tolerance').number ?? defaultAutoscalingSettings.tolerance,
    downscaleStabilizationMs: config.at('downscaleStabilizationMs').number ?? defaultAutoscalingSettings.downscaleStabilizationMs,
    cpuInitializationMs: config.at('cpuInitializationPeriodMs').number ?? defaultAutoscalingSettings.cpuInitializationMs,
    initialReadinessDelayMs: config.at('initialReadinessDelayMs').number ?? defaultAutoscalingSettings.initialReadinessDelayMs,
  };
}

const DEFAULT_METRIC = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };

function metricsOf(spec: Json): Json[] {
  const { items } = spec.at('metrics');
  return items.length > 0 ? items : [new Json(DEFAULT_METRIC)];
}

function specFrom(spec: Json, metrics: readonly Json[]): AutoscalerSpec {
  const behavior = spec.at('behavior');
  const tolerance = (direction: string): number | undefined => {
    const { value } = behavior.at(direction, 'tolerance');
    return value === undefined ? undefined : approximate(String(value));
  };
  const [down, up] = [tolerance('scaleDown'), tolerance('scaleUp')];
  return {
    minReplicas: spec.at('minReplicas').number ?? 1,
    maxReplicas: spec.at('maxReplicas').number ?? 0,
    metrics: metrics.map(metricFrom),
    ...(behavior.present && { behavior: behaviorFrom(behavior) }),
    tolerance: { ...(down !== undefined && { down }), ...(up !== undefined && { up }) },
  };
}

/** A quantity as the nearest fraction, digits times a power of ten as the real program multiplies them. */
function approximate(text: string): number {
  const [, whole, fraction = '', suffix] = /^(\d*)(?:\.(\d*))?(m?)$/.exec(text) as unknown as [string, string, string?, string?];
  const exponent = -fraction.length - (suffix === 'm' ? 3 : 0);
  const digits = Number(`${whole}${fraction}`);
  return exponent === 0 ? digits : digits * Number(`1e${exponent}`);
}

function behaviorFrom(raw: Json): ScalingBehavior {
  const rules = <T extends ScalingBehavior['down']>(given: Json, standard: T): T => {
    const window = given.at('stabilizationWindowSeconds').number;
    return {
      ...standard,
      ...(window !== undefined && { stabilizationMs: window * 1000 }),
      ...(given.at('selectPolicy').present && { select: given.at('selectPolicy').text }),
      ...(given.at('policies').present && {
        policies: given.at('policies').items.map((policy) => ({
          type: policy.at('type').text as ScalingPolicy['type'],
          value: policy.at('value').number ?? 0,
          periodMs: (policy.at('periodSeconds').number ?? 0) * 1000,
        })),
      }),
    };
  };
  return {
    up: rules(raw.at('scaleUp'), defaultScalingBehavior.up),
    down: rules(raw.at('scaleDown'), defaultScalingBehavior.down),
  };
}

/** The part of a metric that holds its target: `resource`, `containerResource`, `pods`, `object`, `external`. */
function part(raw: Json): Json {
  const type = raw.at('type').text ?? '';
  return raw.at(`${type.charAt(0).toLowerCase()}${type.slice(1)}`);
}

function metricFrom(raw: Json): MetricSpec {
  const type = raw.at('type').text;
  const inner = part(raw);
  const target = inner.at('target');
  const averageMilli = target.at('averageValue').present ? parseMilli(String(target.at('averageValue').value)) : 0;
  switch (type) {
    case 'Resource':
    case 'ContainerResource': {
      const utilization = target.at('averageUtilization').number;
      const container = inner.at('container').text;
      return {
        type: 'Resource',
        resource: inner.at('name').text ?? '',
        ...(container !== undefined && { container }),
        target: utilization === undefined ? { averageMilli } : { utilization },
      };
    }
    case 'Pods':
      return { type, name: inner.at('metric', 'name').text ?? '', averageMilli };
    case 'Object':
    case 'External': {
      const value = target.at('value');
      return {
        type,
        name: inner.at('metric', 'name').text ?? '',
        target: value.present ? { valueMilli: parseMilli(String(value.value)) } : { averageMilli },
      };
    }
    default:
      throw new Error(`unknown type of metric ${type}`);
  }
}

function scaledPod(raw: Json): ScaledPod {
  const status = raw.at('status');
  const ready = status.at('conditions').items.find((condition) => condition.at('type').text === 'Ready');
  const startedAt = instant(status.at('startTime'));
  return {
    name: raw.at('metadata', 'name').text ?? '',
    phase: (status.at('phase').text ?? 'Pending') as PodPhase,
    deleting: raw.at('metadata', 'deletionTimestamp').present,
    ...(startedAt !== undefined && { startedAt }),
    ...(ready && {
      readiness: {
        status: ready.at('status').text as 'True' | 'False' | 'Unknown',
        changedAt: instant(ready.at('lastTransitionTime')) ?? 0,
      },
    }),
    requestMilli: (resource, container) => requestOf(raw.at('spec'), resource, container),
  };
}

/** Requests of the containers and sidecars, or of the pod as a whole where it has any. */
function requestOf(spec: Json, resource: string, container: string | undefined): number | undefined {
  const whole = spec.at('resources', 'requests');
  if (whole.keys.length > 0 && container === undefined) {
    const own = whole.at(resource);
    return own.present ? parseMilli(String(own.value)) : undefined;
  }
  const containers = [
    ...spec.at('containers').items,
    ...spec.at('initContainers').items.filter((init) => init.at('restartPolicy').text === 'Always'),
  ];
  let sum = 0;
  for (const one of containers) {
    if (container !== undefined && one.at('name').text !== container) continue;
    const request = one.at('resources', 'requests', resource);
    if (!request.present) return undefined;
    sum += parseMilli(String(request.value));
  }
  return sum;
}

function sourceOf(metrics: readonly Json[], readings: Readings, selector: string, now: number): MetricsSource {
  const labels = new Map(
    readings.pods.map((pod) => [pod.at('metadata', 'name').text ?? '', pod.at('metadata', 'labels').labels]),
  );
  const matches = (pod: string): boolean => matchesSelector(labels.get(pod) ?? {}, parsedSelector(selector));
  return {
    samples: (position) => {
      const raw = metrics[position];
      return raw.at('type').text === 'Pods'
        ? podsSamples(readings.podsMetrics.at(part(raw).at('metric', 'name').text ?? ''))
        : resourceSamples(readings.podMetrics, part(raw), matches, now);
    },
    total: (position) => {
      const raw = metrics[position];
      const metric = part(raw).at('metric');
      const name = metric.at('name').text ?? '';
      if (raw.at('type').text === 'Object') {
        const { value } = readings.objectMetrics.at(name, 'value');
        if (value === undefined) throw new MetricError(`unable to get metric ${name}`);
        return parseMilli(String(value));
      }
      const values = readings.externalMetrics.at(name);
      if (values.value === undefined) throw new MetricError(`unable to get external metric ${name}: no metrics returned`);
      // Without a selector the real client selects nothing.
      const wanted = metric.at('selector').value as LabelSelector | undefined;
      const found = values.items.filter((value) => matchesSelector(value.at('labels').labels, wanted));
      if (found.length === 0) throw new MetricError('no metrics returned from external metrics API');
      return found.reduce((sum, value) => sum + parseMilli(String(value.at('value').value)), 0);
    },
  };
}

function podsSamples(values: Json): Map<string, Sample> {
  if (values.value === undefined) throw new MetricError('unable to get pods metric');
  const samples = new Map<string, Sample>();
  for (const value of values.items) {
    samples.set(value.at('pod').text ?? '', {
      milli: parseMilli(String(value.at('value').value)),
      at: instant(value.at('timestamp')) ?? 0,
      windowMs: (value.at('windowSeconds').number ?? 60) * 1000,
    });
  }
  if (samples.size === 0) throw new MetricError('no metrics returned from custom metrics API');
  return samples;
}

function resourceSamples(list: Json, metric: Json, matches: (pod: string) => boolean, now: number): Map<string, Sample> {
  const found = list.items.filter((one) => matches(podOf(one)));
  if (list.value === undefined || found.length === 0) throw new MetricError('no metrics returned from resource metrics API');
  const resource = metric.at('name').text ?? '';
  const container = metric.at('container').text;
  const samples = new Map<string, Sample>();
  for (const one of found) {
    const usages = one
      .at('containers')
      .items.filter((raw) => container === undefined || raw.at('name').text === container)
      .map((raw) => raw.at('usage', resource).value);
    if (container !== undefined && usages.length === 0 && one.at('containers').items.length > 0)
      throw new MetricError(`container ${container} not present in metrics`);
    if (usages.length === 0 || usages.includes(undefined)) continue;
    samples.set(podOf(one), {
      milli: usages.reduce((sum: number, usage) => sum + parseMilli(String(usage)), 0),
      at: instant(one.at('timestamp')) ?? now,
      windowMs: windowOf(one.at('window').text ?? '0s'),
    });
  }
  return samples;
}

function podOf(metrics: Json): string {
  return metrics.at('metadata', 'name').text ?? '';
}

/** A window such as `1m0s`. */
function windowOf(text: string): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) as unknown as [string, string?, string?];
  return (Number(minutes) * 60 + Number(seconds)) * 1000;
}

/** A selector of the form `app=a`. */
function parsedSelector(text: string): LabelSelector {
  return {
    matchLabels: Object.fromEntries(
      text
        .split(',')
        .filter(Boolean)
        .map((pair) => pair.split('=')),
    ),
  };
}

function printed(raw: Json, value: MetricValue | undefined): unknown {
  if (value === undefined) return { type: '' };
  const type = raw.at('type').text ?? '';
  const inner = part(raw);
  const { averageMilli, valueMilli, utilization } = value;
  const current = {
    ...(utilization !== undefined && { averageUtilization: utilization }),
    ...(averageMilli !== undefined && { averageValue: milliText(averageMilli) }),
    ...(valueMilli !== undefined && { value: milliText(valueMilli) }),
  };
  const { target: _, ...rest } = inner.value as { target: unknown };
  return { type, [`${type.charAt(0).toLowerCase()}${type.slice(1)}`]: { ...rest, current } };
}

const SUFFIXES = ['m', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** Thousandths as the API prints a decimal quantity; what Go makes of an infinity, for one. */
function milliText(milli: number): string {
  if (!Number.isFinite(milli)) return '-9223372036854775808m';
  if (milli === 0) return '0';
  let [value, suffix] = [milli, 0];
  while (value % 1000 === 0) {
    value /= 1000;
    suffix++;
  }
  return `${value}${SUFFIXES[suffix]}`;
}
