import { EVICTION, RECORD } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { assertLaws, checkLaws, type LawClaims } from '../../src/laws/check-laws.ts';
import type { LawTables } from '../../src/laws/law-tables.ts';
import { logOf, type Row } from './log-of.ts';

/** Class 0 of nodes holds two pods of class 0, or one of class 1 alone. Node class 1 is class 0 when ready. */
const tables: LawTables = {
  podClasses: [
    { cpu: 500, memory: 100, pods: 1 },
    { cpu: 1000, memory: 100, pods: 1 },
  ],
  nodeClasses: [
    { cpu: 1000, memory: 1000, pods: 10 },
    { cpu: 1000, memory: 1000, pods: 10 },
    { cpu: 800, memory: 1000, pods: 10 },
  ],
  offerings: [{ price: 3_600_000 }, { price: 7_200_000 }],
};

/** A run as it should be. Two jobs on node 0; a third pod waits, is bound to node 1, drained from it and gone. The order of node 2 fails. */
const story: readonly Row[] = [
  [0, RECORD.podCreated, 0, 0, 0], // 0
  [0, RECORD.podCreated, 1, 0, 0], // 1
  [0, RECORD.podUnschedulable, 0, 1], // 2
  [0, RECORD.decided, 0], // 3
  [0, RECORD.nodeOrdered, 0, 0, 0], // 4
  [0, RECORD.podNominated, 0, 0], // 5
  [10, RECORD.nodeRunning, 0, 0], // 6
  [20, RECORD.nodeRegistered, 0, 0], // 7
  [30, RECORD.nodeReady, 0, 1], // 8
  [30, RECORD.podBound, 0, 0], // 9
  [30, RECORD.podBound, 1, 0], // 10
  [40, RECORD.podStarted, 0, 0], // 11
  [45, RECORD.podStarted, 1, 0], // 12
  [50, RECORD.podCreated, 2, 1, 1], // 13
  [50, RECORD.podUnschedulable, 2, 1], // 14
  [60, RECORD.podUnschedulable, 2, 0], // 15
  [60, RECORD.nodeOrdered, 1, 1, 0], // 16
  [60, RECORD.nodeOrdered, 2, -1, 0], // 17
  [65, RECORD.orderFailed, 0, -1, 0], // 18
  [65, RECORD.nodeGone, 2, 0], // 19
  [70, RECORD.nodeRunning, 1, 1], // 20
  [80, RECORD.nodeRegistered, 1, 0], // 21
  [80, RECORD.podBound, 2, 1], // 22
  [90, RECORD.podFinished, 0, 0], // 23
  [90, RECORD.nodeReady, 1, 1], // 24
  [95, RECORD.podStarted, 2, 1], // 25
  [100, RECORD.nodeChanged, 1, 0], // 26
  [100, RECORD.podEvicted, 2, 1, EVICTION.drain], // 27
  [110, RECORD.podGone, 2, 1], // 28
  [110, RECORD.nodeTerminating, 1, -1, 0], // 29
  [120, RECORD.nodeGone, 1, 1], // 30
  [200, RECORD.ended, 0], // 31
];

/** The story with one record replaced, put in before it, or taken out. */
const changed = (at: number, row: Row): Row[] => story.map((old, index) => (index === at ? row : old));
const inserted = (at: number, ...rows: readonly Row[]): Row[] => [...story.slice(0, at), ...rows, ...story.slice(at)];
const without = (at: number): Row[] => story.filter((_, index) => index !== at);

const check = (rows: readonly Row[], claims?: LawClaims): string[] =>
  checkLaws(logOf(rows), tables, claims).map(({ law, record, message }) => `${record} ${law}: ${message}`);

describe('checkLaws', () => {
  it('finds nothing in a run that is as it should be, at any moment of it', () => {
    for (let length = 0; length <= story.length; length++) expect(check(story.slice(0, length))).toEqual([]);
  });

  it.each<[string, readonly Row[], readonly string[]]>([
    ['time that goes back', changed(9, [29, RECORD.podBound, 0, 0]), ['9 time: time goes back from 30 to 29']],
    [
      'time that is not whole',
      changed(31, [200.5, RECORD.ended, 0]),
      ['31 time: the time 200.5 is no whole number of milliseconds from 0'],
    ],
    [
      'records after the end',
      [...story, [200, RECORD.podFinished, 1, 0]],
      ['32 time: podFinished comes after the end of the run'],
    ],
    ['an unknown kind', inserted(3, [0, 99, 0]), ['3 records: 99 is no kind of record']],
    ['a pod of no class', changed(0, [0, RECORD.podCreated, 0, 7, 0]), ['0 records: pod 0 is of class 7, which does not exist']],
    [
      'a node of no class',
      changed(26, [100, RECORD.nodeChanged, 1, 9]),
      ['26 records: node 1 is of class 9, which does not exist'],
    ],
    [
      'a machine that nobody sells',
      changed(20, [70, RECORD.nodeRunning, 1, 2]),
      ['20 records: node 1 was bought as offering 2, which does not exist'],
    ],
    [
      'an eviction for no cause',
      changed(27, [100, RECORD.podEvicted, 2, 1, 17]),
      ['27 records: pod 2 was evicted for the unknown cause 17'],
    ],
    [
      'a first time that is not the first',
      changed(15, [60, RECORD.podUnschedulable, 2, 1]),
      ['15 records: pod 2 found no node for the first time, but that is not the first time'],
    ],
    [
      'a pod that is created twice',
      inserted(3, [0, RECORD.podCreated, 1, 0, 0]),
      ['3 podPlace: pod 1 was created, but it exists and is pending'],
    ],
    [
      'a pod that skips a row',
      inserted(31, [200, RECORD.podCreated, 4, 0, 0]),
      ['31 podPlace: pod 4 was created, but the next row is 3: rows are given in order'],
    ],
    ['a pod that does not exist', inserted(31, [200, RECORD.podStarted, 9, 0]), ['31 podPlace: pod 9 does not exist']],
    [
      'a pod in two places',
      inserted(25, [90, RECORD.podBound, 1, 1]),
      [
        '25 podPlace: pod 1 was bound to node 1, but it is running on node 0',
        '25 nodeUse: node 1 holds 1500 of cpu with pod 1, more than its 1000',
        '27 nodeUse: node 1 holds 1500 of cpu as class 0, more than its 1000',
        '31 podPlace: node 1 went with pod 1 still on it',
      ],
    ],
    [
      'a bound pod that finds no node',
      inserted(11, [35, RECORD.podUnschedulable, 0, 0]),
      ['11 podPlace: pod 0 found no node, but it is bound on node 0'],
    ],
    ['a pod that ends before it starts', without(11), ['22 podPlace: pod 0 turned finished, but it is bound on node 0']],
    [
      'a pod that starts elsewhere',
      changed(11, [40, RECORD.podStarted, 0, 1]),
      ['11 podPlace: pod 0 turned running on node 1, but it is bound on node 0'],
    ],
    [
      'a pod that goes from nowhere',
      changed(28, [110, RECORD.podGone, 2, -1]),
      ['28 podPlace: pod 2 turned gone on no node, but it is terminating on node 1'],
    ],
    [
      'a pending pod that is evicted',
      inserted(15, [60, RECORD.podEvicted, 2, -1, EVICTION.api]),
      [
        '15 podPlace: pod 2 turned terminating, but it is pending',
        '16 podPlace: pod 2 found no node, but it is terminating',
        '23 podPlace: pod 2 was bound to node 1, but it is terminating',
      ],
    ],
    ['a pod that ends twice', inserted(24, [90, RECORD.podGone, 0, -1]), ['24 podPlace: pod 0 turned gone, but it is finished']],
    [
      'a pod on a node before it registers',
      inserted(7, [15, RECORD.podBound, 0, 0]).filter((_, index) => index !== 10),
      ['7 podPlace: pod 0 was bound to node 0, which is running and has no Node object'],
    ],
    [
      'a pod on a node after it went',
      [...story.slice(0, 31), [150, RECORD.podCreated, 3, 0, 2], [150, RECORD.podBound, 3, 1]],
      ['32 podPlace: pod 3 was bound to node 1, which is gone and has no Node object'],
    ],
    ['a node that goes with its pods', without(28), ['29 podPlace: node 1 went with pod 2 still on it']],
    [
      'a nomination of what is over',
      inserted(31, [150, RECORD.podNominated, 2, 1]),
      ['31 podPlace: pod 2 was nominated to node 1, but it is gone', '31 nodeLife: pod 2 was nominated to node 1, which is gone'],
    ],
    [
      'a node that skips registration',
      without(21),
      [
        '21 podPlace: pod 2 was bound to node 1, which is running and has no Node object',
        '23 nodeLife: node 1 turned ready, but it is running',
      ],
    ],
    [
      'a node that turns ready twice',
      inserted(9, [30, RECORD.nodeReady, 0, 1]),
      ['9 nodeLife: node 0 turned ready, but it is ready'],
    ],
    ['a node that nobody ordered', inserted(6, [5, RECORD.nodeTerminating, 5]), ['6 nodeLife: node 5 does not exist']],
    [
      'a node that is ordered twice',
      inserted(6, [5, RECORD.nodeOrdered, 0, 0]),
      [
        '6 nodeLife: node 0 was ordered, but it exists and is ordered',
        '33 nodeCount: by their records 1 nodes wait and 1 run at the end, by their lives 0 and 1',
      ],
    ],
    [
      'a change of a node that is not there yet',
      inserted(7, [10, RECORD.nodeChanged, 0, 1]),
      ['7 nodeLife: node 0 changed, but it is running and has no Node object'],
    ],
    [
      'an end that is asked for twice',
      inserted(30, [115, RECORD.nodeTerminating, 1]),
      ['30 nodeLife: the end of node 1 was asked for twice'],
    ],
    [
      'an end that is asked for too late',
      inserted(31, [150, RECORD.nodeTerminating, 1]),
      ['31 nodeLife: the end of node 1 was asked for, but it is gone'],
    ],
    [
      'a node that goes twice',
      inserted(31, [150, RECORD.nodeGone, 1, 1]),
      [
        '31 nodeLife: node 1 went, but it is gone',
        '33 nodeCount: by their records 0 nodes wait and 0 run at the end, by their lives 0 and 1',
      ],
    ],
    [
      'a node that is said never to have run',
      changed(30, [120, RECORD.nodeGone, 1, 0]),
      [
        '30 nodeCount: node 1 went as one that never ran, but it was ready',
        '30 nodeCount: more nodes have run or gone than were ordered',
        '32 nodeCount: by their records -1 nodes wait and 2 run at the end, by their lives 0 and 1',
      ],
    ],
    [
      'a node that skips a row',
      inserted(31, [150, RECORD.nodeOrdered, 8, 0]),
      ['31 nodeCount: node 8 was ordered, but the next row is 3: rows are given in order'],
    ],
    [
      'a node that holds more than it can',
      inserted(31, [150, RECORD.podCreated, 3, 1, 2], [150, RECORD.podBound, 3, 0]),
      ['32 nodeUse: node 0 holds 1500 of cpu with pod 3, more than its 1000'],
    ],
    [
      'a node that shrinks under its pods',
      inserted(13, [46, RECORD.nodeChanged, 0, 2]),
      ['13 nodeUse: node 0 holds 1000 of cpu as class 2, more than its 800'],
    ],
  ])('sees %s', (_, rows, violations) => {
    expect(check(rows)).toEqual(violations);
  });

  it('holds the measured bill against the log', () => {
    // Node 0 runs from 10 to the end at 200 at a nano-dollar a millisecond, node 1 from 70 at two until its end is asked for at 110.
    const bill = { nanoDollars: 270n, nodeMilliseconds: 230 };
    expect(check(story, { bill })).toEqual([]);
    expect(check(story, { bill: { nanoDollars: 272n } })).toEqual([
      '32 money: machines cost 270 nano-dollars, but 272 were counted',
    ]);
    expect(check(story, { bill: { nodeMilliseconds: 231 } })).toEqual([
      '32 money: machines are paid for 230 ms, but 231 ms were counted',
    ]);
    expect(check(story, { bill: { nodeMilliseconds: 190 + 100, minimumBilled: 100 } })).toEqual([]);
  });

  it('accepts a bill that was rounded either way', () => {
    // 191 ms at a third of a nano-dollar each: 63.67.
    const cheap = { ...tables, offerings: [{ price: 1_200_000 }, { price: 0 }] };
    const counted = (nanoDollars: bigint): number =>
      checkLaws(logOf(changed(6, [9, RECORD.nodeRunning, 0, 0])), cheap, { bill: { nanoDollars } }).length;
    expect([62n, 63n, 64n, 65n].map(counted)).toEqual([1, 0, 0, 1]);
  });

  it('holds what the live cluster says against the log', () => {
    const live = (node: number, resource: string): number => (node === 0 ? { cpu: 500, memory: 100, pods: 1 }[resource]! : 0);
    expect(check(story, { use: live, running: 1 })).toEqual([]);
    expect(check(story, { use: (node, resource) => live(node, resource) + (node === 1 && resource === 'cpu' ? 1 : 0) })).toEqual([
      '32 nodeUse: the pods of node 1 hold 0 of cpu at the end, but 1 is said to be used',
    ]);
    expect(check(story, { running: 2 })).toEqual(['32 nodeCount: 1 nodes run at the end, but 2 were said to']);
  });

  it('stops at a hundred violations', () => {
    expect(check(Array.from({ length: 500 }, () => [0, RECORD.podStarted, 0, 0] as const))).toHaveLength(100);
  });
});

describe('assertLaws', () => {
  it('throws with every violation, where it happened and which law it breaks', () => {
    expect(() => assertLaws(logOf(story), tables)).not.toThrow();
    expect(() => assertLaws(logOf(without(11)), tables)).toThrow(
      'the run breaks 1 law:\n  record 22 at 90 ms: pod 0 turned finished, but it is bound on node 0 (podPlace)',
    );
  });
});
