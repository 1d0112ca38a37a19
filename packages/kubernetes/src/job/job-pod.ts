import type { PodState } from '../pods/pod-state.ts';
import type { FailureRule, JobSpec } from './job.ts';

/** A pod of a Job. */
export interface JobPod extends PodState {
  /** Completion index of an Indexed Job. */
  readonly index?: number;
  /** The object is held until the Job has counted it. */
  readonly finalizer: boolean;
  /** When its containers ended. */
  readonly finishedAt?: number;
  /** When its deletion was asked for. */
  readonly deletedAt?: number;
  readonly exitCode?: number;
  /** Has the DisruptionTarget condition. */
  readonly disrupted: boolean;
  /** Failures of its index before it, counted and ignored ones. */
  readonly indexFailures?: number;
  readonly indexIgnoredFailures?: number;
}

/** What a rule of the failure policy says of a failed pod. */
export type FailureAction = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';

/** The action of the first rule that fits; undefined where none does, and the failure counts. */
export function failureAction(policy: readonly FailureRule[] | undefined, pod: JobPod): FailureAction | undefined {
  return policy?.find((rule) => {
    if (rule.exitCodes === undefined) return rule.onDisruption === true && pod.disrupted;
    const { exitCode } = pod;
    if (exitCode === undefined || exitCode === 0) return false;
    return rule.exitCodes.values.includes(exitCode) === (rule.exitCodes.operator === 'In');
  })?.action;
}

/** Only pods that have failed are replaced; else those that are going too. */
export function replacesOnlyFailed({ podReplacementPolicy, podFailurePolicy }: JobSpec): boolean {
  return podReplacementPolicy === 'Failed' || podFailurePolicy !== undefined;
}

/** Whether a pod counts as failed: one that goes does so too, unless only failed pods are replaced. */
export function countsAsFailed(pod: JobPod, spec: JobSpec): boolean {
  if (pod.phase === 'Failed') return true;
  return pod.deleting && pod.phase !== 'Succeeded' && !replacesOnlyFailed(spec);
}

/** When a pod ended: its containers' end, else when it became unready, else when its deletion was asked for, else its creation. */
export function finishTime({ finishedAt, ready, readyChangedAt, deletedAt, createdAt }: JobPod): number {
  return finishedAt ?? (!ready ? readyChangedAt : undefined) ?? deletedAt ?? createdAt;
}
