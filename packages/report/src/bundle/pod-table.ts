import { RECORD } from '@plimsoll/core';
import type { RunResult } from '@plimsoll/lab';
import { type Column, parquet } from './parquet.ts';

/** What became of a pod by the end of the run. */
const END = ['pending', 'bound', 'running', 'finished', 'evicted', 'lost', 'deleted'] as const;
const [PENDING, BOUND, RUNNING, FINISHED, EVICTED, LOST, DELETED] = END.keys();

/** Pods of a run by row, from its log. Times in milliseconds, NaN where it did not come to that. */
interface PodColumns {
  readonly count: number;
  readonly owner: Int32Array;
  /** The how-manieth pod of its owner, from 0. */
  readonly ordinal: Int32Array;
  readonly podClass: Int32Array;
  /** The node that held it, −1 where none did. */
  readonly node: Int32Array;
  readonly created: Float64Array;
  readonly bound: Float64Array;
  readonly started: Float64Array;
  readonly ended: Float64Array;
  /** Index into {@link END}. */
  readonly end: Uint8Array;
}

/** `pods.parquet`: one row a pod, in the order of creation. */
export function podTable(result: RunResult, ownerName: (owner: number) => string): Uint8Array {
  const pods = podColumns(result);
  const { nodeNames, podClasses } = result.tables;
  const time = (values: Float64Array) => (row: number) => values[row];
  const columns: Column[] = [
    { name: 'autoscaler', type: 'STRING', of: () => result.autoscaler },
    { name: 'pod', type: 'INT32', of: (row) => row },
    { name: 'owner', type: 'STRING', of: (row) => ownerName(pods.owner[row]) },
    { name: 'ordinal', type: 'INT32', of: (row) => pods.ordinal[row] },
    { name: 'class', type: 'INT32', of: (row) => pods.podClass[row] },
    { name: 'cpu_millicores', type: 'INT32', of: (row) => podClasses[pods.podClass[row]].cpu },
    { name: 'memory_bytes', type: 'DOUBLE', of: (row) => podClasses[pods.podClass[row]].memory },
    { name: 'node', type: 'STRING', of: (row) => (pods.node[row] < 0 ? null : nodeNames[pods.node[row]]) },
    { name: 'created_ms', type: 'DOUBLE', of: time(pods.created) },
    { name: 'bound_ms', type: 'DOUBLE', of: time(pods.bound) },
    { name: 'started_ms', type: 'DOUBLE', of: time(pods.started) },
    { name: 'ended_ms', type: 'DOUBLE', of: time(pods.ended) },
    { name: 'end', type: 'STRING', of: (row) => END[pods.end[row]] },
  ];
  return parquet(columns, pods.count);
}

/** Reads the life of every pod from a log. */
function podColumns({ log }: RunResult): PodColumns {
  const { length, kind, time, a, b, c } = log;
  let count = 0;
  for (let row = 0; row < length; row++) if (kind[row] === RECORD.podCreated) count++;
  const times = (): Float64Array => new Float64Array(count).fill(Number.NaN);
  const pods = {
    count,
    owner: new Int32Array(count),
    ordinal: new Int32Array(count),
    podClass: new Int32Array(count),
    node: new Int32Array(count).fill(-1),
    created: times(),
    bound: times(),
    started: times(),
    ended: times(),
    end: new Uint8Array(count),
  };
  const asked = new Uint8Array(count);
  const ordinals = new Map<number, number>();
  for (let row = 0; row < length; row++) {
    const pod = a[row];
    switch (kind[row]) {
      case RECORD.podCreated: {
        const ordinal = ordinals.get(c[row]) ?? 0;
        ordinals.set(c[row], ordinal + 1);
        pods.owner[pod] = c[row];
        pods.ordinal[pod] = ordinal;
        pods.podClass[pod] = b[row];
        pods.created[pod] = time[row];
        pods.end[pod] = PENDING;
        break;
      }
      case RECORD.podBound:
        pods.bound[pod] = time[row];
        pods.node[pod] = b[row];
        pods.end[pod] = BOUND;
        break;
      case RECORD.podStarted:
        pods.started[pod] = time[row];
        pods.end[pod] = RUNNING;
        break;
      case RECORD.podFinished:
        pods.ended[pod] = time[row];
        pods.end[pod] = FINISHED;
        break;
      case RECORD.podEvicted:
        asked[pod] = 1;
        break;
      case RECORD.podGone:
        pods.ended[pod] = time[row];
        pods.end[pod] = pods.node[pod] < 0 ? DELETED : asked[pod] === 1 ? EVICTED : LOST;
    }
  }
  return pods;
}
