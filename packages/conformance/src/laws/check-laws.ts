import { HOUR, type LogColumns, NODE, RECORD } from '@plimsoll/core';
import { billOf } from './bill.ts';
import type { LawTables } from './law-tables.ts';
import { Replay } from './replay.ts';
import type { Law, Violation } from './violation.ts';

/** What somebody holds to be true of the run: checked against what the log says. All of it may be left out. */
export interface LawClaims {
  /** The measured bill. */
  readonly bill?: {
    /** Whole nano-dollars, rounded in either direction. */
    readonly nanoDollars?: bigint;
    /** Milliseconds that all machines together are paid for. */
    readonly nodeMilliseconds?: number;
    /** Least time that a machine is paid for, milliseconds. Default 0. */
    readonly minimumBilled?: number;
  };
  /** Machines that run at the end. */
  readonly running?: number;
  /** The live cluster's use of a node at the end: see `useOf`. */
  readonly use?: (node: number, resource: string) => number;
}

/** How many violations are told at most: the first ones matter. */
const MOST = 100;

/**
 * Checks what any run must satisfy, from its log alone: see `LAWS`. Returns what breaks them, in the order of the log; empty where all is well.
 *
 * The log may be of a run that has not ended.
 */
export function checkLaws(log: LogColumns, tables: LawTables, claims: LawClaims = {}): readonly Violation[] {
  const violations: Violation[] = [];
  let record = 0;
  const report = (law: Law, message: string): void => {
    const time = record < log.length ? log.time[record] : (log.time[log.length - 1] ?? 0);
    violations.push({ law, record, time, message });
  };
  const replay = new Replay(log, tables, report);
  const count = new NodeCount(report);
  let latest = 0;
  for (; record < log.length && violations.length < MOST; record++) {
    const at = log.time[record];
    if (!Number.isSafeInteger(at) || at < 0) report('time', `the time ${at} is no whole number of milliseconds from 0`);
    else if (at < latest) report('time', `time goes back from ${latest} to ${at}`);
    else latest = at;
    replay.step(record);
    count.step(log.kind[record], log.b[record]);
  }
  if (violations.length < MOST) {
    count.close(replay, claims.running);
    checkUse(replay, tables, claims.use, report);
    checkBill(log, tables, claims.bill, report);
  }
  return violations.slice(0, MOST);
}

/** Throws with all violations, where there are any: `assertLaws(run.log, lawTables(classes, offerings))`. */
export function assertLaws(log: LogColumns, tables: LawTables, claims: LawClaims = {}): void {
  const violations = checkLaws(log, tables, claims);
  if (violations.length === 0) return;
  const lines = violations.map(({ law, record, time, message }) => `  record ${record} at ${time} ms: ${message} (${law})`);
  throw new Error(`the run breaks ${violations.length} law${violations.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
}

/** Counts nodes by kinds of records, without looking at which node each is about. */
class NodeCount {
  readonly #report: (law: Law, message: string) => void;
  #waiting = 0;
  #running = 0;

  constructor(report: (law: Law, message: string) => void) {
    this.#report = report;
  }

  step(kind: number, b: number): void {
    if (kind === RECORD.nodeOrdered) this.#waiting++;
    else if (kind === RECORD.nodeRunning) {
      this.#waiting--;
      this.#running++;
    } else if (kind === RECORD.nodeGone) {
      if (b === 1) this.#running--;
      else this.#waiting--;
    } else return;
    if (this.#waiting < 0) this.#report('nodeCount', 'more nodes have run or gone than were ordered');
    if (this.#running < 0) this.#report('nodeCount', 'more running nodes have gone than ever ran');
  }

  close({ nodes }: Replay, claimed: number | undefined): void {
    const states = Object.values(nodes).map((node) => node.state);
    const waiting = states.filter((state) => state === NODE.ordered).length;
    const running = states.filter((state) => state !== NODE.ordered && state !== NODE.gone).length;
    if (waiting !== this.#waiting || running !== this.#running) {
      this.#report(
        'nodeCount',
        `by their records ${this.#waiting} nodes wait and ${this.#running} run at the end, by their lives ${waiting} and ${running}`,
      );
    }
    if (claimed !== undefined && claimed !== running) {
      this.#report('nodeCount', `${running} nodes run at the end, but ${claimed} were said to`);
    }
  }
}

function checkUse(
  replay: Replay,
  { podClasses }: LawTables,
  claimed: LawClaims['use'],
  report: (law: Law, message: string) => void,
): void {
  if (claimed === undefined) return;
  const names = [...new Set(podClasses.flatMap((requests) => Object.keys(requests)))];
  replay.nodes.forEach((_, node) => {
    const use = replay.use(node);
    for (const name of names) {
      const [is, said] = [use[name] ?? 0, claimed(node, name)];
      if (is !== said)
        report('nodeUse', `the pods of node ${node} hold ${is} of ${name} at the end, but ${said} is said to be used`);
    }
  });
}

function checkBill(
  log: LogColumns,
  { offerings }: LawTables,
  claimed: LawClaims['bill'],
  report: (law: Law, message: string) => void,
): void {
  if (claimed === undefined) return;
  const { nanoDollarMilliseconds: exact, nodeMilliseconds } = billOf(log, offerings, claimed.minimumBilled);
  if (claimed.nodeMilliseconds !== undefined && claimed.nodeMilliseconds !== nodeMilliseconds) {
    report('money', `machines are paid for ${nodeMilliseconds} ms, but ${claimed.nodeMilliseconds} ms were counted`);
  }
  if (claimed.nanoDollars === undefined) return;
  const difference = claimed.nanoDollars * BigInt(HOUR) - exact;
  if (difference >= BigInt(HOUR) || -difference >= BigInt(HOUR)) {
    report('money', `machines cost ${exact / BigInt(HOUR)} nano-dollars, but ${claimed.nanoDollars} were counted`);
  }
}
