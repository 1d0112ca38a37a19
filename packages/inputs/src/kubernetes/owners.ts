import { type ControllerKind, matchesSelector, type PodSpec } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { checkFields, type FieldTable, METADATA } from './known-fields.ts';
import { PLIMSOLL_ANNOTATIONS, type PodContext, readPod } from './pod-spec.ts';
import { readLabelSelector } from './selectors.ts';
import { readTiming } from './timing.ts';

/** Pods that one object brings at one moment. */
export interface Arrival {
  readonly spec: PodSpec;
  /** Appended to the owner's name; empty for its first pods. */
  readonly suffix: string;
  readonly time: number;
  readonly duration: number;
  readonly count: number;
}

const REPLICAS_MAX = 10_000_000;

const harmless = (names: string): FieldTable => Object.fromEntries(names.split(' ').map((name) => [name, 'harmless']));
const OBJECT: FieldTable = {
  apiVersion: 'modelled',
  kind: 'modelled',
  metadata: 'modelled',
  spec: 'modelled',
  status: 'harmless',
};
const SCALED: FieldTable = { replicas: 'modelled', selector: 'modelled', template: 'modelled', minReadySeconds: 'harmless' };

/** Fields of `spec` by kind, where a kind brings replicas of a template. */
const SPECS: Readonly<Record<string, FieldTable>> = {
  Deployment: { ...SCALED, ...harmless('paused progressDeadlineSeconds revisionHistoryLimit strategy') },
  ReplicaSet: SCALED,
  ReplicationController: SCALED,
  StatefulSet: {
    ...SCALED,
    ...harmless('ordinals persistentVolumeClaimRetentionPolicy revisionHistoryLimit serviceName updateStrategy'),
    podManagementPolicy: 'all replicas arrive together, as with Parallel',
    volumeClaimTemplates: 'claims bind on any node: their zone or node is not modelled',
  },
  Job: {
    ...harmless('backoffLimit backoffLimitPerIndex completionMode managedBy manualSelector maxFailedIndexes podFailurePolicy'),
    ...harmless('podReplacementPolicy selector successPolicy ttlSecondsAfterFinished'),
    activeDeadlineSeconds: 'no job is ended by a deadline',
    completions: 'modelled',
    parallelism: 'modelled',
    suspend: 'modelled',
    template: 'modelled',
  },
};

/** Kind of controller that a kind of object gives its pods. */
const CONTROLLER: Readonly<Record<string, ControllerKind>> = {
  Deployment: 'ReplicaSet',
  ReplicaSet: 'ReplicaSet',
  ReplicationController: 'ReplicationController',
  StatefulSet: 'StatefulSet',
  Job: 'Job',
};

/** Kinds that bring pods. */
export const POD_KINDS: readonly string[] = ['Pod', ...Object.keys(CONTROLLER)];

/** The pods that an object of one of {@link POD_KINDS} brings. */
export function readArrivals(object: Field, kind: string, context: PodContext): Arrival[] {
  if (kind === 'Pod') return readBarePod(object, context);
  checkFields(object, OBJECT, '');
  const spec = object.at('spec');
  if (!spec.present) {
    spec.missing();
    return [];
  }
  checkFields(object.at('metadata'), METADATA, 'metadata');
  checkFields(spec, SPECS[kind], 'spec');
  const template = spec.at('template');
  if (!template.present) {
    template.missing();
    return [];
  }
  const namespace = object.at('metadata').at('namespace').text() ?? 'default';
  const pod = readPod(template, { ...context, controller: CONTROLLER[kind], namespace });
  return kind === 'Job' ? readJob(object, template, pod) : readReplicas(object, template, pod, kind);
}

function readReplicas(object: Field, template: Field, pod: PodSpec, kind: string): Arrival[] {
  const spec = object.at('spec');
  checkSelector(spec.at('selector'), pod, kind);
  const count = spec.at('replicas').whole({ min: 0, max: REPLICAS_MAX }) ?? 1;
  const { at, duration = Number.POSITIVE_INFINITY } = readTiming(template, object);
  return [{ spec: pod, suffix: '', time: at, duration, count }];
}

function checkSelector(selector: Field, pod: PodSpec, kind: string): void {
  if (!selector.present) {
    if (kind !== 'ReplicationController') selector.missing('it must match the labels of the template');
    return;
  }
  const parsed = kind === 'ReplicationController' ? { matchLabels: selector.labels() } : readLabelSelector(selector);
  if (matchesSelector(pod.labels, parsed)) return;
  selector.problem('E0122', "the selector does not match the template's labels", {
    help: 'the API server refuses such an object',
  });
}

/** A Job's pods, in waves of as many as may run at a time. */
function readJob(object: Field, template: Field, pod: PodSpec): Arrival[] {
  const spec = object.at('spec');
  const { at, duration } = readTiming(template, object);
  const parallelism = spec.at('parallelism').whole({ min: 0, max: REPLICAS_MAX }) ?? 1;
  // Without completions any one success ends the Job, so all its pods run once.
  const completions = spec.at('completions').whole({ min: 0, max: REPLICAS_MAX }) ?? parallelism;
  if (duration === undefined) {
    const name = object.at('metadata').at('name').text() ?? '';
    const known = template.at('metadata').at('annotations').at(PLIMSOLL_ANNOTATIONS[0]).present;
    if (!known) {
      template.problem('E0120', `the Job ${JSON.stringify(name)} does not say how long its pods run`, {
        part: 'key',
        accepted: `an annotation ${PLIMSOLL_ANNOTATIONS[0]} on the pod template`,
        help: `add the annotation ${PLIMSOLL_ANNOTATIONS[0]}: "10m" to the metadata of its template`,
      });
    }
    return [];
  }
  if (spec.at('suspend').flag() || parallelism === 0) return [];
  const waves = Math.ceil(completions / parallelism);
  if (waves > 1) {
    const why = `${completions} completions come in ${waves} waves of ${parallelism}`;
    object.context.receipt?.approximated('spec.parallelism', spec.at('parallelism').line, 'F0322', why);
  }
  return Array.from({ length: waves }, (_, wave) => ({
    spec: pod,
    suffix: wave === 0 ? '' : `-wave-${wave + 1}`,
    time: at + wave * duration,
    duration,
    count: Math.min(parallelism, completions - wave * parallelism),
  }));
}

function readBarePod(object: Field, context: PodContext): Arrival[] {
  checkFields(object, OBJECT, '');
  const spec = readPod(object, context);
  const { at, duration } = readTiming(object, object);
  const policy = object.at('spec').at('restartPolicy').text();
  if (duration === undefined && (policy === 'Never' || policy === 'OnFailure')) {
    const why = 'a pod that would end by itself runs until the end; say how long with plimsoll.dev/duration';
    object.context.receipt?.approximated('spec.restartPolicy', object.at('spec').at('restartPolicy').line, 'F0324', why);
  }
  return [{ spec, suffix: '', time: at, duration: duration ?? Number.POSITIVE_INFINITY, count: 1 }];
}
