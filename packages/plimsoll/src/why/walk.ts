import { EVICTION, type LogColumns, type LoggedDecision, NONE, RECORD } from '@plimsoll/core';
import type { WatchedAttempt } from '@plimsoll/scheduler-sim';

/** One step on a pod's way. */
export interface PodStep {
  /** Simulated milliseconds. */
  readonly at: number;
  readonly what:
    | 'created'
    | 'unschedulable'
    | 'remarked'
    | 'room-made'
    | 'node-asked'
    | 'node-running'
    | 'node-registered'
    | 'node-ready'
    | 'expected'
    | 'bound'
    | 'started'
    | 'evicted'
    | 'finished'
    | 'gone';
  /** The node that it is about. */
  readonly node?: string;
  /** What an autoscaler or the scheduler said to it. */
  readonly because?: string;
}

interface WalkSources {
  readonly log: LogColumns;
  readonly decisions: readonly LoggedDecision[];
  readonly nodeNames: readonly string[];
  readonly attempts: readonly WatchedAttempt[];
  /** What the autoscaler said of the pod beside its decisions. */
  readonly remarks: readonly TimedRemark[];
}

/** What an autoscaler said of the pod, and when. */
export interface TimedRemark {
  readonly at: number;
  readonly autoscaler: string;
  readonly code: string;
  readonly message: string;
}

/** The steps of nodes, by kind of record. */
const NODE_STEPS: Readonly<Record<number, PodStep['what']>> = {
  [RECORD.nodeOrdered]: 'node-asked',
  [RECORD.nodeRunning]: 'node-running',
  [RECORD.nodeRegistered]: 'node-registered',
  [RECORD.nodeReady]: 'node-ready',
};

const CAUSES = Object.fromEntries(Object.entries(EVICTION).map(([name, code]) => [code, name]));

/**
 * What happened to a pod, in the order of the log. The node that it came to, or is expected on, has its own steps where it was asked for
 * after the pod was created: those are what the pod waited for.
 */
export function walkOf(pod: number, { log, decisions, nodeNames, attempts, remarks }: WalkSources): PodStep[] {
  const { length, time, kind, a, b, c } = log;
  const node = nodeOf(pod, log);
  const steps: PodStep[] = [];
  let createdAt = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const at = time[i];
    if (kind[i] >= RECORD.nodeOrdered) {
      const what = a[i] === node && at >= createdAt ? NODE_STEPS[kind[i]] : undefined;
      if (what === undefined) continue;
      const decision = what === 'node-asked' && c[i] >= 0 ? decisions[c[i]] : undefined;
      // A node that was there before had its order before the pod came.
      if (what !== 'node-asked' && !steps.some((step) => step.what === 'node-asked')) continue;
      steps.push({ at, what, node: nodeNames[node], ...(decision && { because: saidBy(decision) }) });
    } else if (a[i] === pod) {
      if (kind[i] === RECORD.podCreated) createdAt = at;
      const step = podStep(kind[i], at, b[i], c[i], nodeNames, attempts);
      if (step !== undefined) steps.push(step);
    }
  }
  const remarked = remarks.map(({ at, autoscaler, code, message }): PodStep => {
    return { at, what: 'remarked', because: `${autoscaler}: ${code}: ${message}` };
  });
  return [...steps, ...roomMade(attempts), ...remarked].sort((x, y) => x.at - y.at);
}

/** The node that the pod was bound to, else the last one that it was expected on. */
function nodeOf(pod: number, { length, kind, a, b }: LogColumns): number {
  let node: number = NONE;
  for (let i = 0; i < length; i++) {
    if (a[i] !== pod) continue;
    if (kind[i] === RECORD.podBound) return b[i];
    if (kind[i] === RECORD.podNominated) node = b[i];
  }
  return node;
}

function podStep(
  kind: number,
  at: number,
  b: number,
  c: number,
  nodeNames: readonly string[],
  attempts: readonly WatchedAttempt[],
): PodStep | undefined {
  const node = b >= 0 ? { node: nodeNames[b] } : {};
  switch (kind) {
    case RECORD.podCreated:
      return { at, what: 'created' };
    case RECORD.podUnschedulable: {
      const because = attempts.find(({ time }) => time === at)?.message;
      return b === 1 ? { at, what: 'unschedulable', ...(because !== undefined && { because }) } : undefined;
    }
    case RECORD.podNominated:
      return { at, what: 'expected', ...node };
    case RECORD.podBound:
      return { at, what: 'bound', ...node };
    case RECORD.podStarted:
      return { at, what: 'started', ...node };
    case RECORD.podEvicted:
      return { at, what: 'evicted', ...node, because: CAUSES[c] };
    case RECORD.podFinished:
      return { at, what: 'finished', ...node };
    case RECORD.podGone:
      return { at, what: 'gone', ...node };
    default:
      return undefined;
  }
}

function roomMade(attempts: readonly WatchedAttempt[]): PodStep[] {
  return attempts.flatMap(({ time, preemption }): PodStep[] => {
    const found = preemption?.candidates.find(({ node }) => node === preemption.nominated);
    if (found === undefined) return [];
    return [{ at: time, what: 'room-made', node: found.node, because: `${found.victims.join(', ')} must go` }];
  });
}

function saidBy({ autoscaler, because }: LoggedDecision): string {
  return `${autoscaler}: ${because.code}: ${because.message}`;
}
