import type { CountOrPercent, WorkloadObject } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { type PodContext, readPod } from '../kubernetes/pod-spec.ts';
import { readLabelSelector } from '../kubernetes/selectors.ts';
import { admitted } from './admission.ts';

/** Kinds that the simulated controllers know, by the resource in the API's paths. */
export const KINDS: Readonly<Record<string, WorkloadObject['kind']>> = {
  deployments: 'Deployment',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  pods: 'Pod',
  poddisruptionbudgets: 'PodDisruptionBudget',
};

const COUNT_MAX = 10_000_000;
const NAMES = { min: 0, max: COUNT_MAX };

/** Annotations that say how long a pod runs: ours, and that of the recorded clusters. */
const DURATION = ['plimsoll.dev/duration', 'sim/duration'] as const;

/** Reads an object of one of {@link KINDS}. Its mistakes go to the document's problems. */
export function readWorkloadObject(
  kind: WorkloadObject['kind'],
  object: Field,
  place: { readonly namespace: string; readonly name: string },
  context: PodContext,
): WorkloadObject {
  const spec = object.at('spec');
  if (!spec.present) spec.missing();
  const { namespace, name } = place;
  switch (kind) {
    case 'Deployment': {
      const template = admitted(readPod(spec.at('template'), { ...context, controller: 'ReplicaSet', namespace }));
      const strategy = spec.at('strategy').at('type').oneOf(['RollingUpdate', 'Recreate']);
      const rolling = spec.at('strategy').at('rollingUpdate');
      const [maxSurge, maxUnavailable] = [count(rolling.at('maxSurge')), count(rolling.at('maxUnavailable'))];
      const minReadySeconds = spec.at('minReadySeconds').whole(NAMES);
      return {
        kind,
        namespace,
        name,
        replicas: spec.at('replicas').whole(NAMES) ?? 1,
        template,
        ...(strategy && { strategy }),
        ...(maxSurge !== undefined && { maxSurge }),
        ...(maxUnavailable !== undefined && { maxUnavailable }),
        ...(minReadySeconds !== undefined && { minReadySeconds }),
      };
    }
    case 'DaemonSet': {
      const template = admitted(readPod(spec.at('template'), { ...context, controller: 'DaemonSet', namespace }));
      return { kind, namespace, name, template };
    }
    case 'Job': {
      const template = spec.at('template');
      const completions = spec.at('completions').whole(NAMES);
      const parallelism = spec.at('parallelism').whole(NAMES) ?? 1;
      const backoffLimit = spec.at('backoffLimit').whole(NAMES);
      return {
        kind,
        namespace,
        name,
        parallelism,
        ...(completions !== undefined && { completions }),
        ...(backoffLimit !== undefined && { backoffLimit }),
        ...(ignoresDisruption(spec.at('podFailurePolicy')) && { ignoresDisruption: true }),
        template: admitted(readPod(template, { ...context, controller: 'Job', namespace })),
        duration: durationOf(template) ?? missingDuration(template, name),
      };
    }
    case 'Pod': {
      const duration = durationOf(object) ?? Number.POSITIVE_INFINITY;
      return { kind, namespace, name, template: admitted(readPod(object, { ...context, namespace })), duration };
    }
    case 'PodDisruptionBudget': {
      const selector = readLabelSelector(spec.at('selector'));
      const [minAvailable, maxUnavailable] = [count(spec.at('minAvailable')), count(spec.at('maxUnavailable'))];
      const policy = spec.at('unhealthyPodEvictionPolicy').oneOf(['IfHealthyBudget', 'AlwaysAllow']);
      return {
        kind,
        namespace,
        name,
        ...(selector && { selector }),
        ...(minAvailable !== undefined && { minAvailable }),
        ...(maxUnavailable !== undefined && { maxUnavailable }),
        ...(policy && { unhealthyPodEvictionPolicy: policy }),
      };
    }
  }
}

function durationOf(pod: Field): number | undefined {
  const annotations = pod.at('metadata').at('annotations');
  return DURATION.map((name) => annotations.at(name))
    .find((field) => field.present)
    ?.duration();
}

function missingDuration(template: Field, name: string): number {
  if (!DURATION.some((key) => template.at('metadata').at('annotations').at(key).present)) {
    template.problem('E0120', `the Job ${JSON.stringify(name)} does not say how long its pods run`, {
      part: 'key',
      accepted: `an annotation ${DURATION[0]} on the pod template`,
    });
  }
  return 0;
}

/** A count, or a percentage. */
function count(field: Field): CountOrPercent | undefined {
  if (typeof field.value !== 'string') return field.whole(NAMES);
  if (/^\d+%$/.test(field.value)) return field.value;
  field.problem('E0103', `expected a count or a percentage such as "25%", got ${JSON.stringify(field.value)}`, {
    seen: field.value,
  });
  return undefined;
}

/** Whether the first rule that a disrupted pod meets ignores its failure. */
function ignoresDisruption(policy: Field): boolean {
  for (const rule of policy.at('rules').items()) {
    const conditions = rule.at('onPodConditions').items();
    if (conditions.some((condition) => condition.at('type').text() === 'DisruptionTarget')) {
      return rule.at('action').text() === 'Ignore';
    }
  }
  return false;
}
