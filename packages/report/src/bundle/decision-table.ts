import type { RunResult } from '@plimsoll/lab';
import { type Column, parquet } from './parquet.ts';

/** `decisions.parquet`: one row a decision, in the order taken; `details` is JSON. */
export function decisionTable({ decisions }: RunResult): Uint8Array {
  const columns: Column[] = [
    { name: 'autoscaler', type: 'STRING', of: (row) => decisions[row].autoscaler },
    { name: 'decision', type: 'INT32', of: (row) => row },
    { name: 't_ms', type: 'DOUBLE', of: (row) => decisions[row].at },
    { name: 'kind', type: 'STRING', of: (row) => decisions[row].kind },
    { name: 'subject', type: 'INT32', of: (row) => decisions[row].subject },
    { name: 'name', type: 'STRING', of: (row) => decisions[row].name },
    { name: 'code', type: 'STRING', of: (row) => decisions[row].because.code },
    { name: 'message', type: 'STRING', of: (row) => decisions[row].because.message },
    { name: 'details', type: 'JSON', of: (row) => decisions[row].because.details },
  ];
  return parquet(columns, decisions.length);
}
