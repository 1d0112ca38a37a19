import { readSchedulerConfig } from '@plimsoll/inputs';
import type { SchedulerConfig } from '@plimsoll/scheduler-sim';
import type { Json } from './json.ts';

/**
 * The configuration of a case: the fragment of KubeSchedulerConfiguration in its input, and the defaults. A case without a percentage
 * has 100, unlike the real default.
 */
export function configFrom(input: Json): SchedulerConfig {
  const head = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
  const [profile] = readSchedulerConfig({ ...head, ...(input.at('config').value as object | undefined) }).profiles;
  return {
    ...profile,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? input.at('percentageOfNodesToScore').number ?? 100,
  };
}
