import { compareText, parseSchedule, type Schedule, ScheduleError, timeZone } from '@plimsoll/core';

/** A run comes so much after its time. Source: Kubernetes v1.36.2, `pkg/controller/cronjob` (nextScheduleDelta). */
const SLACK = 100;

/** What a CronJob is told to do. Times are milliseconds from 1970. */
export interface CronJobSpec {
  readonly name: string;
  readonly createdAt: number;
  readonly schedule: string;
  readonly timeZone?: string;
  readonly concurrency: 'Allow' | 'Forbid' | 'Replace';
  readonly suspended: boolean;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit: number;
  readonly failedJobsHistoryLimit: number;
}

/** A Job of a CronJob. */
export interface CronChild {
  readonly name: string;
  readonly startedAt: number;
  readonly finished?: 'Complete' | 'Failed';
  readonly completedAt?: number;
}

export interface CronJobStatus {
  /** Names of Jobs that run. */
  readonly active: readonly string[];
  readonly lastScheduleAt?: number;
  readonly lastSuccessAt?: number;
}

/** What one sync does. */
export interface CronJobPlan {
  readonly status: CronJobStatus;
  readonly delete: readonly string[];
  readonly create?: { readonly name: string; readonly scheduledAt: number };
  /** When to look again, milliseconds from now. */
  readonly requeueMs?: number;
}

/**
 * One sync of a CronJob: takes note of finished Jobs, removes old ones, and starts the run that is due, if one is.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/cronjob` (cronjob_controllerv2.go, utils.go).
 */
export function syncCronJob(spec: CronJobSpec, status: CronJobStatus, jobs: readonly CronChild[], now: number): CronJobPlan {
  const gone = outOfHistory(spec, jobs);
  const active = new Set(status.active);
  let { lastSuccessAt } = status;
  const children = new Map(jobs.map((job) => [job.name, job]));
  for (const { name, finished, completedAt } of jobs) {
    // A success is noted in the sync after the one that saw the Job finish, if the Job is still there.
    if (active.has(name)) {
      if (finished !== undefined) active.delete(name);
    } else if (finished === 'Complete' && completedAt !== undefined)
      lastSuccessAt = Math.max(lastSuccessAt ?? completedAt, completedAt);
  }
  for (const name of active) if (!children.has(name)) active.delete(name);
  const seen = (): CronJobStatus => ({
    ...status,
    active: [...active],
    ...(lastSuccessAt !== undefined && { lastSuccessAt }),
  });
  const schedule = readSchedule(spec);
  if (schedule === undefined || spec.suspended) return { status: seen(), delete: gone };
  const wait = (last: number | undefined): { requeueMs?: number } => {
    const delay = untilNext(spec, last, schedule, now);
    return delay === undefined ? {} : { requeueMs: delay };
  };
  const due = mostRecent(spec, status.lastScheduleAt, schedule, now, true);
  if (due === 'invalid') return { status: seen(), delete: gone };
  const at = due.recent;
  if (at === undefined) return { status: seen(), delete: gone, ...wait(status.lastScheduleAt) };
  const { startingDeadlineSeconds: deadline } = spec;
  const tooLate = deadline !== undefined && at + deadline * 1000 < now;
  const name = `${spec.name}-${Math.floor(at / 60_000)}`;
  const done = active.has(name) || status.lastScheduleAt === at;
  if (tooLate || done || (spec.concurrency === 'Forbid' && active.size > 0))
    return { status: seen(), delete: gone, ...wait(status.lastScheduleAt) };
  const replaced = spec.concurrency === 'Replace' ? [...active] : [];
  for (const running of replaced) active.delete(running);
  active.add(name);
  return {
    status: { ...seen(), lastScheduleAt: at },
    delete: [...gone, ...replaced],
    create: { name, scheduledAt: at },
    ...wait(at),
  };
}

/** How long after a change of its schedule a CronJob is looked at again; undefined where the schedule cannot be read. */
export function requeueAfterChange(spec: CronJobSpec, status: CronJobStatus, now: number): number | undefined {
  const schedule = readSchedule(spec);
  return schedule === undefined ? undefined : untilNext(spec, status.lastScheduleAt, schedule, now);
}

function readSchedule(spec: CronJobSpec): Schedule | undefined {
  const zone = timeZone(spec.timeZone ?? '');
  if (zone === undefined) return undefined;
  try {
    return parseSchedule(spec.schedule, zone);
  } catch (error) {
    if (error instanceof ScheduleError) return undefined;
    throw error;
  }
}

interface Recent {
  /** Where missed times are counted from. */
  readonly earliest: number;
  /** The latest time that has come. */
  readonly recent?: number;
  readonly missed: boolean;
}

/** The latest time of the schedule that has come since the last run. Counting is rough where times are not evenly spaced, as in the real one. */
function mostRecent(
  { createdAt, startingDeadlineSeconds }: CronJobSpec,
  last: number | undefined,
  schedule: Schedule,
  now: number,
  withDeadline: boolean,
): Recent | 'invalid' {
  let earliest = last ?? createdAt;
  if (withDeadline && startingDeadlineSeconds !== undefined) earliest = Math.max(earliest, now - startingDeadlineSeconds * 1000);
  const first = schedule.next(earliest);
  const second = first === undefined ? undefined : schedule.next(first);
  // A schedule without times, such as the 31st of February.
  if (first === undefined || second === undefined) return 'invalid';
  if (now < first) return { earliest, missed: false };
  if (now < second) return { earliest, recent: first, missed: false };
  const between = Math.round((second - first) / 1000);
  if (between < 1) return 'invalid';
  const missed = Math.floor(Math.floor((now - first) / 1000) / between) + 1;
  let recent: number | undefined;
  for (
    let time = schedule.next(first + (missed - 2) * between * 1000);
    time !== undefined && time <= now;
    time = schedule.next(time)
  )
    recent = time;
  return { earliest, missed: missed > 0, ...(recent !== undefined && { recent }) };
}

function untilNext(spec: CronJobSpec, last: number | undefined, schedule: Schedule, now: number): number | undefined {
  const found = mostRecent(spec, last, schedule, now, false);
  const from = found === 'invalid' ? now : (found.recent ?? (found.missed ? now : found.earliest));
  const next = schedule.next(from);
  return next === undefined ? undefined : next + SLACK - now;
}

/** Finished Jobs beyond the limits, oldest first. */
function outOfHistory(spec: CronJobSpec, jobs: readonly CronChild[]): string[] {
  const oldest = (kind: CronChild['finished'], limit: number): string[] => {
    const list = jobs.filter(({ finished }) => finished === kind);
    list.sort((a, b) => a.startedAt - b.startedAt || compareText(a.name, b.name));
    return list.slice(0, Math.max(0, list.length - limit)).map(({ name }) => name);
  };
  return [...oldest('Complete', spec.successfulJobsHistoryLimit), ...oldest('Failed', spec.failedJobsHistoryLimit)];
}
