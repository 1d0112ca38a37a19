import { type LogColumns, type LoggedDecision, NONE, POD, type ResourceList } from '@plimsoll/core';
import type { RunSpec } from '@plimsoll/lab';
import type { UserPlugin, WatchedAttempt } from '@plimsoll/scheduler-sim';
import { type LiveRun, prepare } from '../simulate.ts';
import { type PodStep, type TimedRemark, walkOf } from './walk.ts';

/** Why a pod is where it is: what it asks for, its way from its creation on, and every attempt of the scheduler to place it. */
export interface PodHistory {
  /** Name of the pod. */
  readonly pod: string;
  readonly namespace: string;
  readonly priority: number;
  /** Millicores for `cpu`, whole units for all others. */
  readonly requests: ResourceList;
  /** Kind of its owner; `none` for a bare pod. */
  readonly controller: string;
  readonly autoscaler: string;
  readonly seed: number;
  /** What had happened to it by then, in order. */
  readonly walk: readonly PodStep[];
  /** Attempts of the scheduler in order, the first and the last ten of many. Victims are `namespace/name`. Times are simulated milliseconds. */
  readonly attempts: readonly WatchedAttempt[];
  /** How many attempts there were in all. */
  readonly attemptCount: number;
  /** Simulated milliseconds up to which the run was followed. */
  readonly until: number;
}

/** How far to follow a run, and with what. */
export interface PodHistoryOptions {
  /** Simulated milliseconds. Default: until the pod runs, or else to the end of the run. */
  readonly until?: number;
  readonly schedulerPlugins?: readonly UserPlugin[];
}

/** No pod has this name. */
export class UnknownPodError extends Error {
  override readonly name = 'UnknownPodError';
  /** Names that may have been meant, the likeliest first. */
  readonly near: readonly string[];

  constructor(pod: string, near: readonly string[], until: number | undefined) {
    const there = near.length === 0 ? '' : `; there are ${near.join(', ')}`;
    super(`there is no pod ${pod}${until === undefined ? '' : ' at that time'}${there}`);
    this.near = near;
  }
}

/** Attempts that are explained at each end. */
const KEPT = 10;
/** Simulated milliseconds between looks at whether the pod runs. */
const PIECE_MS = 60_000;

/**
 * Runs a spec again and watches one pod. Equal specs run alike, so what is seen is what happened.
 *
 * @throws UnknownPodError
 */
export function explainPod(spec: RunSpec, pod: string, options: PodHistoryOptions = {}): PodHistory {
  const first = follow(spec, pod, options, (attempt) => attempt <= KEPT);
  if (first.count <= KEPT) return historyOf(spec, pod, first, options);
  // The last attempts are known only once they were made: the second run explains those.
  const last = follow(spec, pod, options, (attempt) => attempt > Math.max(KEPT, first.count - KEPT));
  return historyOf(spec, pod, { ...last, attempts: [...first.attempts, ...last.attempts] }, options);
}

interface Followed {
  readonly run: LiveRun;
  /** Row of the pod, or NONE. */
  readonly row: number;
  readonly attempts: readonly WatchedAttempt[];
  readonly count: number;
  readonly remarks: readonly TimedRemark[];
}

function follow(
  spec: RunSpec,
  name: string,
  { until, schedulerPlugins = [] }: PodHistoryOptions,
  keeps: (attempt: number) => boolean,
): Followed {
  const attempts: WatchedAttempt[] = [];
  const remarks: TimedRemark[] = [];
  let row: number = NONE;
  let count = 0;
  const run = prepare(spec, undefined, {
    plugins: schedulerPlugins,
    watcher: {
      wants: (pod) => {
        if (row === NONE && run.workload.podName(pod) === name) row = pod;
        return pod === row && keeps(++count);
      },
      attempt: (attempt) => void attempts.push(withNames(run, attempt)),
    },
    remark: ({ about, subject, code, message }) => {
      // Nobody helps a pod that the scheduler has not tried: its row is known by then.
      if (about !== 'pod' || subject !== row) return;
      const before = remarks.at(-1);
      if (before?.code === code && before.message === message) return;
      remarks.push({ at: run.simulation.now, autoscaler: spec.autoscaler, code, message });
    },
  });
  const { simulation, view } = run;
  while (!simulation.ended && simulation.now < (until ?? Number.POSITIVE_INFINITY)) {
    simulation.runUntil(Math.min(simulation.now + PIECE_MS, until ?? Number.POSITIVE_INFINITY));
    if (until === undefined && row !== NONE && view.pods.state[row] >= POD.running) break;
  }
  return { run, row: row === NONE ? rowOf(run, name) : row, attempts, count, remarks };
}

/** The row of a pod that the scheduler never tried. */
function rowOf({ view, workload }: LiveRun, name: string): number {
  for (let pod = 0; pod < view.podCount; pod++) if (workload.podName(pod) === name) return pod;
  return NONE;
}

function withNames({ workload }: LiveRun, attempt: WatchedAttempt): WatchedAttempt {
  const { preemption } = attempt;
  if (preemption === undefined) return attempt;
  const called = (key: string): string => {
    const slash = key.indexOf('/');
    return `${key.slice(0, slash)}/${workload.podName(Number(key.slice(slash + 1)))}`;
  };
  const candidates = preemption.candidates.map((candidate) => ({ ...candidate, victims: candidate.victims.map(called) }));
  return { ...attempt, preemption: { ...preemption, candidates } };
}

function historyOf(
  spec: RunSpec,
  pod: string,
  { run, row, attempts, count, remarks }: Followed,
  { until }: PodHistoryOptions,
): PodHistory {
  const { simulation, view } = run;
  if (row === NONE) throw new UnknownPodError(pod, namesLike(run, pod), until);
  const { spec: podSpec, priority, requests } = view.classes.pods[view.pods.class[row]];
  const log: LogColumns = simulation.log.columns();
  const decisions: readonly LoggedDecision[] = simulation.log.decisions;
  return {
    pod,
    namespace: podSpec.namespace,
    priority,
    requests: view.classes.resources.list(requests),
    controller: podSpec.controller,
    autoscaler: spec.autoscaler,
    seed: spec.seed,
    walk: walkOf(row, { log, decisions, nodeNames: view.nodeNames, attempts, remarks }),
    attempts,
    attemptCount: count,
    until: simulation.now,
  };
}

/** How many names are offered. */
const OFFERED = 5;

/** Pods whose names begin alike, those that have the most in common first. */
function namesLike({ view, workload }: LiveRun, wanted: string): string[] {
  const found: { name: string; shared: number }[] = [];
  for (let pod = 0; pod < view.podCount; pod++) {
    const name = workload.podName(pod);
    let shared = 0;
    while (shared < wanted.length && name[shared] === wanted[shared]) shared++;
    if (found.length === OFFERED && shared <= found[OFFERED - 1].shared) continue;
    found.push({ name, shared });
    found.sort((a, b) => b.shared - a.shared);
    found.length = Math.min(found.length, OFFERED);
  }
  return found.map(({ name }) => name);
}
