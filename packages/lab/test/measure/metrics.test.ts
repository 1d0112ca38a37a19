import { RECORD } from '@plimsoll/core';
import { compare, measure, percentile, type RunResult, seriesOf } from '@plimsoll/lab';
import { describe, expect, it } from 'vitest';

const HOUR = 3_600_000;

type Row = readonly [time: number, kind: number, a: number, b?: number, c?: number];

function runOf(rows: readonly Row[], span: number): RunResult {
  const column = (index: number): Int32Array => Int32Array.from(rows, (row) => row[index] ?? -1);
  return {
    autoscaler: 'a',
    seed: 1,
    digest: '',
    decisions: [],
    span,
    events: rows.length,
    log: {
      length: rows.length,
      time: Float64Array.from(rows, (row) => row[0]),
      kind: Uint8Array.from(rows, (row) => row[1]),
      a: column(2),
      b: column(3),
      c: column(4),
    },
    tables: {
      nodeNames: ['n0', 'n1'],
      offerings: [
        { type: 'small', zone: 'a', capacityType: 'on-demand', price: 100_000_000 },
        { type: 'large', zone: 'a', capacityType: 'on-demand', price: 400_000_000 },
      ],
      podClasses: [{ cpu: 1000, memory: 2 ** 30 }],
      nodeClasses: [{ cpu: 2000, memory: 4 * 2 ** 30 }],
    },
  };
}

/** One node for an hour with one pod for half of it; a second pod waits 10 minutes on the same node. */
const worked = runOf(
  [
    [0, RECORD.podCreated, 0, 0, 0],
    [0, RECORD.nodeOrdered, 0, 0],
    [0, RECORD.nodeRunning, 0, 0],
    [0, RECORD.nodeRegistered, 0, 0],
    [0, RECORD.podBound, 0, 0],
    [0, RECORD.podCreated, 1, 0, 0],
    [HOUR / 6, RECORD.podBound, 1, 0],
    [HOUR / 2, RECORD.podFinished, 0, 0],
    [(HOUR / 3) * 2, RECORD.podFinished, 1, 0],
    [HOUR, RECORD.nodeTerminating, 0],
    [HOUR + 60_000, RECORD.nodeGone, 0, 1],
  ],
  HOUR + 60_000,
);

describe('measure', () => {
  it('counts a machine that something holds on its way out until it has stopped', () => {
    const run = runOf(
      [
        [0, RECORD.nodeOrdered, 0, 0],
        [0, RECORD.nodeRunning, 0, 0],
        [HOUR, RECORD.nodeTerminating, 0, 1],
        [2 * HOUR, RECORD.nodeStopped, 0],
        [3 * HOUR, RECORD.nodeGone, 0, 1],
      ],
      4 * HOUR,
    );
    expect(measure(run).costNanoDollars).toBe('200000000');
    expect(seriesOf(run, 4).costPerHour).toEqual([0.1, 0.1, 0, 0]);
  });

  it('follows prices that change: machines that run pay the new one from then on', () => {
    // $0.1 for half an hour, $0.25 for another; then a machine of a minute, billed a minute, at the new price.
    const run = runOf(
      [
        [0, RECORD.nodeOrdered, 0, 0],
        [0, RECORD.nodeRunning, 0, 0],
        [HOUR / 2, RECORD.priceChanged, 0, 250, 0],
        [HOUR, RECORD.nodeTerminating, 0],
        [HOUR, RECORD.nodeOrdered, 1, 0],
        [HOUR, RECORD.nodeRunning, 1, 0],
        [HOUR + 1, RECORD.nodeGone, 1, 1],
      ],
      2 * HOUR,
    );
    expect(measure(run).costNanoDollars).toBe(String(50_000_000 + 125_000_000 + Math.floor(250_000_000 / 60)));
    expect(seriesOf(run, 4).costPerHour).toEqual([0.1, 0.25, expect.closeTo(0, 4), 0]);
  });

  it('counts money from running to the call that ends the machine', () => {
    expect(measure(worked)).toMatchObject({
      cost: 0.1,
      costNanoDollars: '100000000',
      nodeHours: 1,
      launches: 1,
      terminations: 1,
    });
  });

  it('bills a short machine for the minimum', () => {
    const short = runOf(
      [
        [0, RECORD.nodeRunning, 0, 1],
        [1000, RECORD.nodeTerminating, 0],
        [2000, RECORD.nodeGone, 0, 1],
      ],
      2000,
    );
    expect(measure(short).costNanoDollars).toBe(String(Math.floor(400_000_000 / 60)));
    expect(measure(short, { minimumBilled: 0 }).costNanoDollars).toBe(String(Math.floor(400_000_000 / 3600)));
  });

  it('bills machines that stand at the end until then', () => {
    expect(measure(runOf([[0, RECORD.nodeRunning, 0, 1]], HOUR)).cost).toBe(0.4);
  });

  it('measures packing as requested over allocatable, both over time', () => {
    // One core for 30 minutes and one for 30 minutes on two cores for 61 minutes.
    expect(measure(worked).cpuPacking).toBeCloseTo(60 / 122, 12);
    expect(measure(worked).cpuHoursRequested).toBeCloseTo(1, 12);
  });

  it('measures the wait from creation to binding', () => {
    expect(measure(worked)).toMatchObject({
      waitP50: 0,
      waitP90: HOUR / 6,
      waitMax: HOUR / 6,
      waitMean: HOUR / 12,
      neverScheduled: 0,
    });
  });

  it('counts pods that no node ever held', () => {
    const stuck = runOf(
      [
        [0, RECORD.podCreated, 0, 0, 0],
        [5, RECORD.podUnschedulable, 0, 1],
        [6, RECORD.podCreated, 1, 0, 0],
        [7, RECORD.podGone, 1],
      ],
      10,
    );
    expect(measure(stuck)).toMatchObject({
      podsCreated: 2,
      neverScheduled: 1,
      waitP50: Number.NaN,
      peakPending: 2,
      evictions: 0,
    });
  });

  it('counts an eviction once, and pods lost with their node', () => {
    const lost = runOf(
      [
        [0, RECORD.podCreated, 0, 0, 0],
        [0, RECORD.podCreated, 1, 0, 0],
        [0, RECORD.nodeRunning, 0, 0],
        [0, RECORD.nodeRegistered, 0, 0],
        [1, RECORD.podBound, 0, 0],
        [1, RECORD.podBound, 1, 0],
        [2, RECORD.podEvicted, 0, 0, 0],
        [3, RECORD.podGone, 0, 0],
        [4, RECORD.podGone, 1, 0],
        [4, RECORD.nodeGone, 0, 1],
      ],
      4,
    );
    expect(measure(lost).evictions).toBe(2);
  });
});

describe('percentile', () => {
  it('takes the nearest rank', () => {
    const values = [15, 20, 35, 40, 50];
    expect([5, 30, 40, 50, 100].map((p) => percentile(values, p))).toEqual([15, 20, 20, 35, 50]);
    expect(percentile([], 50)).toBeNaN();
  });
});

describe('seriesOf', () => {
  it('gives means over equal steps and the peak of pending pods', () => {
    const series = seriesOf(worked, 61);
    expect(series.nodes[0]).toBe(1);
    expect(series.nodes[60]).toBe(0);
    expect(series.costPerHour[30]).toBeCloseTo(0.1, 12);
    expect(series.cpuRequested[5]).toBe(1);
    expect(series.cpuRequested[15]).toBe(2);
    expect(series.cpuAllocatable[60]).toBe(2);
    expect(series.pending[3]).toBe(1);
    expect(series.pending[20]).toBe(0);
  });
});

describe('compare', () => {
  it('states changes against the first run', () => {
    const [cost] = compare([measure(worked), { ...measure(worked), cost: 0.05 }]);
    expect(cost).toMatchObject({ id: 'cost', texts: ['$ 0.10', '$ 0.05'], better: 'less' });
    expect(cost.changes).toEqual([0, -0.5]);
  });
});
