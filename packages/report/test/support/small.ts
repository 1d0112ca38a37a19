import { Log, RECORD } from '@plimsoll/core';
import type { RunResult } from '@plimsoll/lab';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * Ten minutes, two pods, one node, small enough to check by hand: pod 0 waits 30 s and runs to the end of minute 5; pod 1 waits 60 s, is
 * evicted at minute 6 and comes back as pod 2, which no node takes. The node runs from second 20, is told to end at minute 7, is gone at
 * minute 8 and costs $ 0.60 an hour.
 */
export function smallRun(name: string, { price = 600_000_000 } = {}): RunResult {
  const log = new Log();
  const because = { code: 'TriggeredScaleUp', message: 'one pod waits', details: { pods: 1, why: ['cpu', null] } };
  log.append(0, RECORD.podCreated, 0, 0, 7);
  log.append(0, RECORD.podCreated, 1, 1, 7);
  const decision = { at: 0, autoscaler: name, kind: 'launch' as const, subject: 0, name: 'node-a', because };
  const id = log.decide(decision);
  log.append(0, RECORD.nodeOrdered, 0, 0, id);
  log.append(20 * SECOND, RECORD.nodeRunning, 0, 0);
  log.append(25 * SECOND, RECORD.nodeRegistered, 0, 0);
  log.append(30 * SECOND, RECORD.nodeReady, 0, 0);
  log.append(30 * SECOND, RECORD.podBound, 0, 0);
  log.append(32 * SECOND, RECORD.podStarted, 0, 0);
  log.append(60 * SECOND, RECORD.podBound, 1, 0);
  log.append(61 * SECOND, RECORD.podStarted, 1, 0);
  log.append(5 * MINUTE, RECORD.podFinished, 0, 0);
  log.append(6 * MINUTE, RECORD.podEvicted, 1, 0, 0);
  log.append(6 * MINUTE, RECORD.podCreated, 2, 1, 7);
  log.append(6 * MINUTE + 30 * SECOND, RECORD.podGone, 1, 0);
  log.append(7 * MINUTE, RECORD.nodeTerminating, 0, -1, id);
  log.append(8 * MINUTE, RECORD.nodeGone, 0, 1);
  log.append(10 * MINUTE, RECORD.ended, -1);
  return {
    autoscaler: name,
    seed: 42,
    digest: '0123456789abcdef',
    log: log.columns(),
    decisions: log.decisions,
    tables: {
      nodeNames: ['node-a'],
      offerings: [{ type: 'm5.large', zone: 'zone-a', capacityType: 'on-demand', price }],
      podClasses: [
        { cpu: 500, memory: 2 ** 30 },
        { cpu: 1000, memory: 2 ** 31 },
      ],
      nodeClasses: [{ cpu: 2000, memory: 2 ** 33 }],
    },
    span: 10 * MINUTE,
    events: log.length,
  };
}
