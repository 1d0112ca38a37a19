import type { LogColumns } from '@plimsoll/core';

/** A record of a hand-written log: time, kind, and as many of a, b and c as it has. */
export type Row = readonly [time: number, kind: number, a: number, b?: number, c?: number];

/** A hand-written log as columns. */
export function logOf(rows: readonly Row[]): LogColumns {
  return {
    length: rows.length,
    time: Float64Array.from(rows, (row) => row[0]),
    kind: Uint8Array.from(rows, (row) => row[1]),
    a: Int32Array.from(rows, (row) => row[2]),
    b: Int32Array.from(rows, (row) => row[3] ?? -1),
    c: Int32Array.from(rows, (row) => row[4] ?? -1),
  };
}
