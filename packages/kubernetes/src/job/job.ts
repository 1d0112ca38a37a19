import { canonical, compareText, goSortBy } from '@plimsoll/core';
import { isActive, isTerminating } from '../pods/pod-state.ts';
import { backoffLeft, type JobBackoff, nextBackoff } from './backoff.ts';
import { formatIndexes, parseIndexes } from './index-set.ts';
import { countsAsFailed, type FailureAction, failureAction, finishTime, type JobPod, replacesOnlyFailed } from './job-pod.ts';

/** Pods that one sync creates or deletes at most. Source: Kubernetes v1.36.2, `pkg/controller/job`. */
const PODS_PER_SYNC = 500;

/** A rule of a failure policy: about exit codes, or about the DisruptionTarget condition. */
export interface FailureRule {
  readonly action: FailureAction;
  readonly exitCodes?: { readonly operator: 'In' | 'NotIn'; readonly values: readonly number[] };
  readonly onDisruption?: boolean;
}

/** A rule of a success policy. */
export interface SuccessRule {
  /** Indexes such as `0-3,5`; absent for all. */
  readonly indexes?: string;
  /** How many of them; absent for all. */
  readonly count?: number;
}

/** What a Job is told to do. */
export interface JobSpec {
  readonly parallelism: number;
  /** Absent: done once a pod has succeeded and none is active. */
  readonly completions?: number;
  readonly indexed: boolean;
  readonly suspended: boolean;
  readonly backoffLimit: number;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly activeDeadlineSeconds?: number;
  readonly podReplacementPolicy?: 'Failed' | 'TerminatingOrFailed';
  readonly podFailurePolicy?: readonly FailureRule[];
  readonly successPolicy?: readonly SuccessRule[];
}

/** A condition of a Job. */
export interface JobCondition {
  readonly type: 'Suspended' | 'SuccessCriteriaMet' | 'FailureTarget' | 'Complete' | 'Failed';
  readonly status: 'True' | 'False';
  readonly reason: string;
}

/** Times are milliseconds, cut to whole seconds. */
export interface JobStatus {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly completedIndexes: string;
  /** Present with a back-off limit per index. */
  readonly failedIndexes?: string;
  readonly conditions: readonly JobCondition[];
}

export const emptyJobStatus: JobStatus = {
  active: 0,
  ready: 0,
  terminating: 0,
  succeeded: 0,
  failed: 0,
  completedIndexes: '',
  conditions: [],
};

/** What the controller does to the API. */
export interface JobActions {
  create(pod: { readonly index?: number; readonly indexFailures?: number; readonly indexIgnoredFailures?: number }): void;
  delete(pod: JobPod): void;
  /** The pod has been counted. */
  release(pod: JobPod): void;
}

/** What one sync came to. */
export interface JobSync {
  readonly status: JobStatus;
  readonly backoff: JobBackoff;
  /** When to look again, milliseconds from now. */
  readonly requeueMs?: number;
}

/** Whether the Job has ended. */
export function isJobFinished({ conditions }: JobStatus): boolean {
  return conditions.some(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'));
}

/**
 * One sync of a Job: counts pods that have ended, decides whether it is done or has failed, and creates or deletes pods.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/job/job_controller.go`. Restarts in place (OnFailure) do not count; the Job is not deleted after a time.
 */
export function syncJob(
  spec: JobSpec,
  status: JobStatus,
  backoff: JobBackoff,
  pods: readonly JobPod[],
  actions: JobActions,
  now: number,
): JobSync {
  return new JobPass(spec, status, backoff, pods, actions, now).run();
}

interface Finish {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet';
  readonly reason: string;
}

class JobPass {
  readonly #spec: JobSpec;
  readonly #status: JobStatus;
  readonly #pods: readonly JobPod[];
  readonly #actions: JobActions;
  readonly #now: number;
  readonly #active: readonly JobPod[];
  readonly #backoffBefore: JobBackoff;
  readonly #backoff: JobBackoff;
  readonly #succeededBefore: ReadonlySet<number>;
  readonly #succeededIndexes: Set<number>;
  readonly #failedIndexes: Set<number>;
  /** By index, the last failed pod: it stays uncounted until it is replaced. */
  readonly #heldBack = new Map<number, JobPod>();
  readonly #counts: { active: number; ready: number; terminating: number; succeeded: number };
  readonly #dismissed = new Set<JobPod>();
  #requeue: number | undefined;
  #conditions: JobCondition[];
  #startedAt: number | undefined;

  constructor(spec: JobSpec, status: JobStatus, backoff: JobBackoff, pods: readonly JobPod[], actions: JobActions, now: number) {
    this.#spec = spec;
    this.#status = status;
    this.#pods = pods;
    this.#actions = actions;
    this.#now = now;
    this.#conditions = [...status.conditions];
    this.#startedAt = status.startedAt ?? (spec.suspended ? undefined : cut(now));
    this.#active = pods.filter(isActive);
    const held = pods.filter((pod) => pod.finalizer && (!spec.indexed || (pod.index as number) < (spec.completions ?? 0)));
    const succeeded = held.filter(({ phase }) => phase === 'Succeeded');
    this.#backoffBefore = backoff;
    this.#backoff = nextBackoff(backoff, succeeded, this.#failedOf(held));
    this.#succeededBefore = parseIndexes(status.completedIndexes);
    this.#succeededIndexes = new Set([
      ...this.#succeededBefore,
      ...(spec.indexed ? succeeded.map(({ index }) => index as number) : []),
    ]);
    this.#failedIndexes = parseIndexes(status.failedIndexes ?? '');
    if (spec.backoffLimitPerIndex !== undefined) this.#judgeIndexes(held);
    this.#counts = {
      active: this.#active.length,
      ready: this.#active.filter(({ ready }) => ready).length,
      terminating: pods.filter(isTerminating).length,
      succeeded: spec.indexed ? this.#succeededIndexes.size : status.succeeded + succeeded.length,
    };
  }

  run(): JobSync {
    const finish = this.#finish();
    let done = finish;
    if (finish !== undefined) {
      for (const pod of this.#active) this.#delete(pod);
    } else {
      this.#manage();
      done = this.#completion();
      if (done === undefined) this.#noteSuspension();
    }
    return this.#track(done);
  }

  #failedOf(pods: readonly JobPod[]): JobPod[] {
    return pods.filter((pod) => countsAsFailed(pod, this.#spec));
  }

  /** Which indexes have failed for good, and which failed pods are held back until they are replaced. */
  #judgeIndexes(held: readonly JobPod[]): void {
    const { podFailurePolicy, backoffLimitPerIndex = 0 } = this.#spec;
    const failed = this.#failedOf(held);
    for (const pod of failed) {
      const index = pod.index as number;
      if (this.#succeededIndexes.has(index)) continue;
      const action = failureAction(podFailurePolicy, pod);
      if (action === 'FailIndex' || (action !== 'Ignore' && (pod.indexFailures ?? 0) >= backoffLimitPerIndex))
        this.#failedIndexes.add(index);
    }
    const running = new Set(this.#active.map(({ index }) => index));
    for (const pod of failed) {
      const index = pod.index as number;
      if (this.#succeededIndexes.has(index) || this.#failedIndexes.has(index) || running.has(index)) continue;
      const last = this.#heldBack.get(index);
      if (last === undefined || failuresBefore(last) <= failuresBefore(pod)) this.#heldBack.set(index, pod);
    }
  }

  /** Whether the Job is to end, not counting that all its completions are reached. */
  #finish(): Finish | undefined {
    const { completions = 0, indexed, podFailurePolicy, backoffLimit, maxFailedIndexes, successPolicy } = this.#spec;
    for (const { type, reason } of this.#conditions)
      if (type === 'FailureTarget' || type === 'SuccessCriteriaMet') return { type, reason };
    const failed = this.#failedOf(this.#pods);
    if (failed.some((pod) => failureAction(podFailurePolicy, pod) === 'FailJob'))
      return { type: 'FailureTarget', reason: 'PodFailurePolicy' };
    const newly = failed.filter((pod) => pod.finalizer && failureAction(podFailurePolicy, pod) !== 'Ignore').length;
    if (this.#status.failed + newly > backoffLimit) return { type: 'FailureTarget', reason: 'BackoffLimitExceeded' };
    const left = this.#deadlineLeft();
    if (left <= 0) return { type: 'FailureTarget', reason: 'DeadlineExceeded' };
    if (left !== Infinity) this.#requeueAfter(left);
    if (!indexed) return undefined;
    const lost = this.#failedIndexes.size;
    if (maxFailedIndexes !== undefined && lost > maxFailedIndexes)
      return { type: 'FailureTarget', reason: 'MaxFailedIndexesExceeded' };
    if (lost > 0 && lost + this.#succeededIndexes.size >= completions) return { type: 'FailureTarget', reason: 'FailedIndexes' };
    if (successPolicy?.some((rule) => isMet(rule, this.#succeededIndexes)))
      return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy' };
    return undefined;
  }

  #deadlineLeft(): number {
    const { activeDeadlineSeconds, suspended } = this.#spec;
    if (activeDeadlineSeconds === undefined || this.#startedAt === undefined || suspended) return Infinity;
    return activeDeadlineSeconds * 1000 - (this.#now - this.#startedAt);
  }

  #manage(): void {
    const spec = this.#spec;
    const { active, succeeded, terminating } = this.#counts;
    if (spec.suspended) {
      for (const pod of this.#active) this.#dismiss(pod);
      return;
    }
    const open = spec.completions === undefined ? Infinity : Math.max(0, spec.completions - succeeded);
    const wanted = spec.completions === undefined && succeeded > 0 ? active : Math.min(open, spec.parallelism);
    const surplus = this.#surplus(Math.max(0, active - wanted)).slice(0, PODS_PER_SYNC);
    if (surplus.length > 0) {
      for (const pod of surplus) this.#dismiss(pod);
      return;
    }
    const missing = Math.min(wanted - active - (replacesOnlyFailed(spec) ? terminating : 0), PODS_PER_SYNC);
    if (missing <= 0) return;
    const perIndex = spec.backoffLimitPerIndex !== undefined;
    const wait = perIndex ? 0 : backoffLeft(this.#backoff, this.#now);
    if (wait > 0) {
      this.#requeueAfter(wait);
      this.#counts.active = 0;
      return;
    }
    if (!spec.indexed) {
      for (let i = 0; i < missing; i++) this.#actions.create({});
      this.#counts.active += missing;
      return;
    }
    let indexes = this.#pendingIndexes(missing);
    if (perIndex) {
      const left = new Map(indexes.map((index) => [index, this.#indexBackoff(index)]));
      const ready = indexes.filter((index) => left.get(index) === 0);
      if (ready.length === 0 && indexes.length > 0) {
        this.#requeueAfter(Math.min(...left.values()));
        this.#counts.active = 0;
        return;
      }
      indexes = ready;
    }
    for (const index of indexes) this.#actions.create({ index, ...this.#failuresOf(index) });
    this.#counts.active += indexes.length;
  }

  #indexBackoff(index: number): number {
    const pod = this.#heldBack.get(index);
    return pod === undefined ? 0 : backoffLeft({ failures: failuresBefore(pod) + 1, lastFailureAt: finishTime(pod) }, this.#now);
  }

  #failuresOf(index: number): { indexFailures?: number; indexIgnoredFailures?: number } {
    if (this.#spec.backoffLimitPerIndex === undefined) return {};
    const pod = this.#heldBack.get(index);
    const [counted, ignored] = [pod?.indexFailures ?? 0, pod?.indexIgnoredFailures ?? 0];
    if (pod === undefined) return { indexFailures: 0, indexIgnoredFailures: 0 };
    return failureAction(this.#spec.podFailurePolicy, pod) === 'Ignore'
      ? { indexFailures: counted, indexIgnoredFailures: ignored + 1 }
      : { indexFailures: counted + 1, indexIgnoredFailures: ignored };
  }

  /** The lowest indexes that nobody works on. */
  #pendingIndexes(count: number): number[] {
    const taken = new Set<number | undefined>([...this.#succeededIndexes, ...this.#failedIndexes]);
    for (const pod of this.#active) taken.add(pod.index);
    if (replacesOnlyFailed(this.#spec)) for (const pod of this.#pods) if (isTerminating(pod)) taken.add(pod.index);
    const out: number[] = [];
    for (let index = 0; index < (this.#spec.completions ?? 0) && out.length < count; index++)
      if (!taken.has(index)) out.push(index);
    return out;
  }

  /** Active pods to delete: of several with one index all but the oldest and readiest, then as many as are too many. */
  #surplus(least: number): JobPod[] {
    const { indexed, completions = 0 } = this.#spec;
    let rest = [...this.#active];
    const out: JobPod[] = [];
    if (indexed) {
      const byIndex = new Map<number, JobPod[]>();
      for (const pod of rest) byIndex.set(pod.index as number, [...(byIndex.get(pod.index as number) ?? []), pod]);
      rest = [];
      for (const [index, same] of [...byIndex].sort(([a], [b]) => a - b)) {
        const sorted = goSortBy(same, (a, b) => compareForRemoval(a, b) < 0);
        if (index >= completions) out.push(...sorted);
        else {
          out.push(...sorted.slice(0, -1));
          rest.push(sorted[sorted.length - 1]);
        }
      }
    }
    if (out.length >= least) return out;
    goSortBy(rest, (a, b) => compareForRemoval(a, b) < 0);
    return [...out, ...rest.slice(0, least - out.length)];
  }

  #completion(): Finish | undefined {
    const { completions } = this.#spec;
    const { succeeded, active } = this.#counts;
    const complete = completions === undefined ? succeeded > 0 && active === 0 : succeeded >= completions;
    return complete ? { type: 'SuccessCriteriaMet', reason: 'CompletionsReached' } : undefined;
  }

  #noteSuspension(): void {
    const known = this.#conditions.findIndex(({ type }) => type === 'Suspended');
    const { suspended } = this.#spec;
    if (known < 0 ? !suspended : (this.#conditions[known].status === 'True') === suspended) return;
    const condition: JobCondition = suspended
      ? { type: 'Suspended', status: 'True', reason: 'JobSuspended' }
      : { type: 'Suspended', status: 'False', reason: 'JobResumed' };
    if (known < 0) this.#conditions.push(condition);
    else this.#conditions[known] = condition;
    this.#startedAt = suspended ? undefined : cut(this.#now);
  }

  /** Counts what has ended, lets it go, and writes how the Job stands. */
  #track(finish: Finish | undefined): JobSync {
    const { indexed, completions = 0, podFailurePolicy } = this.#spec;
    let { succeeded, failed } = this.#status;
    const completed = new Set(this.#succeededBefore);
    for (const pod of this.#pods) {
      if (!pod.finalizer || this.#dismissed.has(pod)) continue;
      const lost = countsAsFailed(pod, this.#spec);
      const held = lost && indexed && this.#heldBack.get(pod.index as number) === pod;
      if (finish === undefined && pod.phase !== 'Succeeded' && (!lost || held)) continue;
      this.#actions.release(pod);
      const valid = !indexed || (pod.index as number) < completions;
      if (pod.phase === 'Succeeded') {
        if (!indexed) succeeded++;
        else if (valid) completed.add(pod.index as number);
      } else if ((lost || finish?.type === 'FailureTarget') && valid && failureAction(podFailurePolicy, pod) !== 'Ignore')
        failed++;
    }
    if (indexed) succeeded = completed.size;
    const status: JobStatus = {
      active: this.#counts.active,
      ready: this.#counts.ready,
      terminating: this.#counts.terminating,
      succeeded,
      failed,
      ...(this.#startedAt !== undefined && { startedAt: this.#startedAt }),
      completedIndexes: indexed ? formatIndexes(completed) : '',
      ...(this.#spec.backoffLimitPerIndex !== undefined && { failedIndexes: formatIndexes(this.#failedIndexes) }),
      conditions: this.#conditions,
    };
    const written = finish === undefined ? status : this.#end(status, finish);
    return {
      status: written,
      // The record is kept only where the status is written: failures that are ignored may be forgotten.
      backoff: canonical(written) === canonical(this.#status) ? this.#backoffBefore : this.#backoff,
      ...(this.#requeue !== undefined && { requeueMs: this.#requeue }),
    };
  }

  /** First what the Job is to end as, then, once no pod is left, its end. */
  #end(status: JobStatus, { type, reason }: Finish): JobStatus {
    const conditions = [...status.conditions];
    if (!conditions.some((condition) => condition.type === type)) conditions.push({ type, status: 'True', reason });
    if (status.terminating > 0) return { ...status, conditions };
    conditions.push({ type: type === 'FailureTarget' ? 'Failed' : 'Complete', status: 'True', reason });
    return { ...status, conditions, ...(type === 'SuccessCriteriaMet' && { completedAt: cut(this.#now) }) };
  }

  /** Deletes a pod that is one too many: it is not counted. */
  #dismiss(pod: JobPod): void {
    this.#dismissed.add(pod);
    this.#actions.release(pod);
    this.#delete(pod);
  }

  #delete(pod: JobPod): void {
    this.#actions.delete(pod);
    this.#counts.active--;
    this.#counts.terminating++;
    if (pod.ready) this.#counts.ready--;
  }

  #requeueAfter(ms: number): void {
    this.#requeue = Math.min(this.#requeue ?? Infinity, ms);
  }
}

function failuresBefore({ indexFailures = 0, indexIgnoredFailures = 0 }: JobPod): number {
  return indexFailures + indexIgnoredFailures;
}

function isMet({ indexes, count }: SuccessRule, succeeded: ReadonlySet<number>): boolean {
  if (succeeded.size === 0) return false;
  const required = indexes === undefined ? succeeded : parseIndexes(indexes);
  const reached = [...required].filter((index) => succeeded.has(index)).length;
  return count === undefined ? indexes !== undefined && reached === required.size : reached >= count;
}

const PHASE_RANK = { Pending: 0, Unknown: 1, Running: 2, Succeeded: 0, Failed: 0 } as const;

/** Unassigned first, then pending before running, unready before ready, ready or created later before earlier. */
function compareForRemoval(a: JobPod, b: JobPod): number {
  return (
    Number(a.nodeName !== undefined) - Number(b.nodeName !== undefined) ||
    PHASE_RANK[a.phase] - PHASE_RANK[b.phase] ||
    Number(a.ready) - Number(b.ready) ||
    (a.ready ? (b.readyChangedAt ?? 0) - (a.readyChangedAt ?? 0) : 0) ||
    b.createdAt - a.createdAt ||
    compareText(a.name, b.name)
  );
}

function cut(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
