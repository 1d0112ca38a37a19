import { RECORD } from '@plimsoll/core';
import { PriceBook, type RunResult } from '@plimsoll/lab';
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
  const prices = new PriceBook(tables.offerings);
  /** Nodes that are being paid for, with what their offering had come to when they began to run. */
  const paid = new Map<number, bigint>();
  const stop = (node: number, at: number): void => {
    const before = paid.get(node);
    if (before === undefined) return;
    paid.delete(node);
    const life = lives[node];
    const missing = Math.max(0, minimumBilled - (at - life.running));
    life.billed = at - life.running + missing;
    const amount = prices.total(life.offering, at) - before + BigInt(missing) * BigInt(prices.price(life.offering));
    life.cost = Number(amount) / HOUR / 1e9;
  };
  for (let row = 0; row < log.length; row++) {
    const at = log.time[row];
    const node = log.a[row];
    if (log.kind[row] === RECORD.priceChanged) prices.change(node, at, log.b[row], log.c[row]);
    const life = lives[node];
    switch (log.kind[row]) {
      case RECORD.nodeOrdered:
        life.ordered = at;
        life.offering = log.b[row];
        break;
      case RECORD.nodeRunning:
        life.running = at;
        life.offering = log.b[row];
        paid.set(node, prices.total(life.offering, at));
        break;
      case RECORD.nodeRegistered:
        life.registered = at;
        break;
      case RECORD.nodeReady:
        life.ready = at;
        break;
      case RECORD.nodeTerminating:
        life.terminating = at;
        if (log.b[row] !== 1) stop(node, at);
        break;
      case RECORD.nodeStopped:
        stop(node, at);
        break;
      case RECORD.nodeGone:
        life.gone = at;
        stop(node, at);
    }
  }
  for (const node of [...paid.keys()]) stop(node, span);
  return lives;
}
