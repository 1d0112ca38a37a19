import { RECORD } from '@plimsoll/core';
import type { RunResult } from '@plimsoll/lab';
import { type Column, parquet } from './parquet.ts';

const HOUR = 3_600_000;

/** A node's life. Times in milliseconds, NaN where it did not come to that. */
export interface NodeLife {
  readonly name: string;
  /** Row of the run's offerings; −1 where nothing was bought. */
  readonly offering: number;
  readonly ordered: number;
  readonly running: number;
  readonly registered: number;
  readonly ready: number;
  readonly terminating: number;
  readonly gone: number;
  /** Milliseconds that are paid for. */
  readonly billed: number;
  /** Dollars. */
  readonly cost: number;
}

/** `nodes.parquet`: one row a node, in the order of orders. */
export function nodeTable(result: RunResult, minimumBilled?: number): Uint8Array {
  const nodes = nodeLives(result, minimumBilled);
  const offering = (row: number) => result.tables.offerings[nodes[row].offering];
  const columns: Column[] = [
    { name: 'autoscaler', type: 'STRING', of: () => result.autoscaler },
    { name: 'node', type: 'INT32', of: (row) => row },
    { name: 'name', type: 'STRING', of: (row) => nodes[row].name },
    { name: 'type', type: 'STRING', of: (row) => offering(row)?.type },
    { name: 'zone', type: 'STRING', of: (row) => offering(row)?.zone },
    { name: 'capacity_type', type: 'STRING', of: (row) => offering(row)?.capacityType },
    { name: 'price_per_hour', type: 'DOUBLE', of: (row) => offering(row) && offering(row).price / 1e9 },
    { name: 'ordered_ms', type: 'DOUBLE', of: (row) => nodes[row].ordered },
    { name: 'running_ms', type: 'DOUBLE', of: (row) => nodes[row].running },
    { name: 'registered_ms', type: 'DOUBLE', of: (row) => nodes[row].registered },
    { name: 'ready_ms', type: 'DOUBLE', of: (row) => nodes[row].ready },
    { name: 'terminating_ms', type: 'DOUBLE', of: (row) => nodes[row].terminating },
    { name: 'gone_ms', type: 'DOUBLE', of: (row) => nodes[row].gone },
    { name: 'billed_ms', type: 'DOUBLE', of: (row) => nodes[row].billed },
    { name: 'cost', type: 'DOUBLE', of: (row) => nodes[row].cost },
  ];
  return parquet(columns, nodes.length);
}

/** Reads the life of every node from a log. A machine is paid for at least `minimumBilled` milliseconds, default 60,000 as in metrics. */
export function nodeLives({ log, tables, span }: RunResult, minimumBilled = 60_000): NodeLife[] {
  const none = Number.NaN;
  const lives = tables.nodeNames.map((name) => ({
    name,
    offering: -1,
    ordered: none,
    running: none,
    registered: none,
    ready: none,
    terminating: none,
    gone: none,
    billed: 0,
    cost: 0,
  }));
  for (let row = 0; row < log.length; row++) {
    const at = log.time[row];
    const life = lives[log.a[row]];
    switch (log.kind[row]) {
      case RECORD.nodeOrdered:
        life.ordered = at;
        life.offering = log.b[row];
        break;
      case RECORD.nodeRunning:
        life.running = at;
        life.offering = log.b[row];
        break;
      case RECORD.nodeRegistered:
        life.registered = at;
        break;
      case RECORD.nodeReady:
        life.ready = at;
        break;
      case RECORD.nodeTerminating:
        life.terminating = at;
        break;
      case RECORD.nodeGone:
        life.gone = at;
    }
  }
  for (const life of lives) {
    if (Number.isNaN(life.running)) continue;
    // A machine that was to end before it ran is paid for until it is gone, as in the metrics.
    const end = [life.terminating, life.gone].find((at) => at >= life.running) ?? span;
    life.billed = Math.max(end - life.running, minimumBilled);
    life.cost = (tables.offerings[life.offering].price / 1e9) * (life.billed / HOUR);
  }
  return lives;
}
