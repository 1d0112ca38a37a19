import { Log, type LoggedDecision, parseScenario, RECORD, type Scenario, Streams } from '@plimsoll/core';
import { measure, type NodeClassRow, type OfferingRow, type RunResult, seriesOf } from '@plimsoll/lab';
import type { ComparedRun, Comparison } from '../../src/comparison.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TICK = 1_000;
const GIB = 2 ** 30;

/** How a made-up autoscaler behaves. Nothing of it models a real one: it only leaves a log that looks like one. */
export interface Habit {
  readonly name: string;
  /** Row of {@link OFFERINGS} to buy from, in turn. */
  readonly buys: readonly number[];
  readonly bootMs: number;
  readonly lookEveryMs: number;
  readonly idleMs: number;
  /** Nodes used less than this, as a share of their CPU, are drained. */
  readonly drainBelow: number;
}

export const CAREFUL: Habit = {
  name: 'today',
  buys: [0, 1],
  bootMs: 95_000,
  lookEveryMs: 10_000,
  idleMs: 10 * MINUTE,
  drainBelow: 0,
};
export const EAGER: Habit = {
  name: 'proposed',
  buys: [2, 3, 4],
  bootMs: 45_000,
  lookEveryMs: 5_000,
  idleMs: MINUTE,
  drainBelow: 0.25,
};
export const MIDDLING: Habit = {
  name: 'proposed-slow',
  buys: [2, 3],
  bootMs: 45_000,
  lookEveryMs: 5_000,
  idleMs: 5 * MINUTE,
  drainBelow: 0.1,
};

const OFFERINGS: readonly OfferingRow[] = [
  { type: 'm6i.2xlarge', zone: 'us-east-1a', capacityType: 'on-demand', price: 384_000_000 },
  { type: 'm6i.2xlarge', zone: 'us-east-1b', capacityType: 'on-demand', price: 384_000_000 },
  { type: 'c7g.xlarge', zone: 'us-east-1a', capacityType: 'spot', price: 62_400_000 },
  { type: 'c7g.2xlarge', zone: 'us-east-1b', capacityType: 'spot', price: 124_800_000 },
  { type: 'm7g.xlarge', zone: 'us-east-1c', capacityType: 'on-demand', price: 163_200_000 },
];
const SHAPES: readonly NodeClassRow[] = [
  { cpu: 7910, memory: 29 * GIB },
  { cpu: 7910, memory: 29 * GIB },
  { cpu: 3920, memory: 6.4 * GIB },
  { cpu: 7910, memory: 13.6 * GIB },
  { cpu: 3920, memory: 14 * GIB },
];
const CLASSES = [
  { cpu: 250, memory: 0.25 * GIB },
  { cpu: 500, memory: 1 * GIB },
  { cpu: 1000, memory: 1.5 * GIB },
  { cpu: 2000, memory: 4 * GIB },
];

interface Machine {
  row: number;
  offering: number;
  readyAt: number;
  ready: boolean;
  free: number;
  pods: Set<number>;
  idleSince: number;
}

/** A run of `hours` in which demand rises and falls as over a day. Equal arguments give equal runs. */
export function syntheticRun(habit: Habit, { hours = 6, seed = 42, pace = 1 } = {}): RunResult {
  const log = new Log();
  const chance = new Streams(seed).stream('synthetic');
  const span = hours * HOUR;
  const nodeNames: string[] = [];
  const decisions: LoggedDecision[] = [];
  const machines: Machine[] = [];
  const podClass: number[] = [];
  const owner: number[] = [];
  const endsAt = new Map<number, number>();
  let pending: number[] = [];

  const decide = (at: number, kind: LoggedDecision['kind'], subject: number, code: string, message: string): number => {
    const decision = {
      at,
      autoscaler: habit.name,
      kind,
      subject,
      name: nodeNames[subject] ?? '',
      because: { code, message, details: { pending: pending.length } },
    };
    decisions.push(decision);
    return log.decide(decision);
  };
  const create = (at: number, group: number, kind: number): void => {
    const pod = podClass.push(kind) - 1;
    owner.push(group);
    log.append(at, RECORD.podCreated, pod, kind, group);
    pending.push(pod);
  };
  const launch = (at: number): void => {
    const offering = habit.buys[nodeNames.length % habit.buys.length];
    const row = nodeNames.push(`${habit.name}-${String(nodeNames.length).padStart(4, '0')}`) - 1;
    const { type, zone } = OFFERINGS[offering];
    const decision = decide(
      at,
      'launch',
      row,
      'TriggeredScaleUp',
      `pods that wait: ${pending.length}; ${type} in ${zone} fits them at the lowest price`,
    );
    log.append(at, RECORD.nodeOrdered, row, offering, decision);
    machines.push({
      row,
      offering,
      readyAt: at + habit.bootMs,
      ready: false,
      free: SHAPES[offering].cpu,
      pods: new Set(),
      idleSince: at,
    });
  };
  const remove = (at: number, machine: Machine): void => {
    log.append(at, RECORD.nodeTerminating, machine.row, -1, decisions.length - 1);
    log.append(at, RECORD.nodeGone, machine.row, machine.ready ? 1 : 0);
    machines.splice(machines.indexOf(machine), 1);
  };

  for (let at = 0; at < span; at += TICK) {
    const hour = (at / HOUR) * (24 / hours);
    const demand = 0.35 + 0.65 * Math.max(0, 1 - Math.abs(hour - 13) / 8) + (hour > 17 && hour < 18 ? 0.8 : 0);
    const perTick = (demand * pace) / 5;
    let arrivals = Math.floor(perTick + chance.next());
    if (at % (30 * MINUTE) === 0 && at > 0) arrivals += Math.round(25 * pace);

    for (const machine of machines) {
      if (machine.ready || machine.readyAt > at) continue;
      machine.ready = true;
      machine.idleSince = at;
      log.append(at, RECORD.nodeRunning, machine.row, machine.offering);
      log.append(at, RECORD.nodeRegistered, machine.row, machine.offering);
      log.append(at, RECORD.nodeReady, machine.row, machine.offering);
    }
    for (const machine of machines) {
      for (const pod of machine.pods) {
        if ((endsAt.get(pod) as number) > at) continue;
        log.append(at, RECORD.podFinished, pod, machine.row);
        machine.pods.delete(pod);
        machine.free += CLASSES[podClass[pod]].cpu;
        if (machine.pods.size === 0) machine.idleSince = at;
      }
    }
    pending = pending.filter((pod) => {
      const { cpu } = CLASSES[podClass[pod]];
      const home = machines.find(({ ready, free }) => ready && free >= cpu);
      if (home === undefined) return true;
      home.free -= cpu;
      home.pods.add(pod);
      log.append(at, RECORD.podBound, pod, home.row);
      log.append(at, RECORD.podStarted, pod, home.row);
      endsAt.set(pod, at + Math.round(4 * MINUTE + chance.next() * 40 * MINUTE));
      return false;
    });
    for (; arrivals > 0; arrivals--) create(at, podClass.length % 40, Math.floor(chance.next() * CLASSES.length));
    if (at % habit.lookEveryMs !== 0) continue;
    const wanted = pending.reduce((sum, pod) => sum + CLASSES[podClass[pod]].cpu, 0);
    let coming = machines.reduce((sum, { ready, free }) => sum + (ready ? 0 : free), 0);
    for (; wanted > coming; coming += SHAPES[machines[machines.length - 1].offering].cpu) launch(at);
    for (const machine of [...machines]) {
      if (!machine.ready) continue;
      const used = 1 - machine.free / SHAPES[machine.offering].cpu;
      if (machine.pods.size === 0 && at - machine.idleSince >= habit.idleMs) {
        decide(at, 'terminate', machine.row, 'Empty', `no pods for ${habit.idleMs / 1000} s`);
        remove(at, machine);
      } else if (machine.pods.size > 0 && used < habit.drainBelow && pending.length === 0 && at % (5 * MINUTE) === 0) {
        decide(
          at,
          'drain',
          machine.row,
          'Underutilized',
          `pods that fit elsewhere: ${machine.pods.size}; saves $ ${OFFERINGS[machine.offering].price / 1e9}/h`,
        );
        for (const pod of machine.pods) {
          log.append(at, RECORD.podEvicted, pod, machine.row, 0);
          log.append(at, RECORD.podGone, pod, machine.row);
          create(at, owner[pod], podClass[pod]);
        }
        machine.pods.clear();
        remove(at, machine);
      }
    }
  }
  log.append(span, RECORD.ended, -1);
  return {
    autoscaler: habit.name,
    seed,
    digest: log.digest(),
    log: log.columns(),
    decisions,
    tables: { nodeNames, offerings: OFFERINGS, podClasses: CLASSES, nodeClasses: SHAPES },
    span,
    events: log.length,
  };
}

/** A run of `hours` in which pods come and no node ever does. */
export function barrenRun(name: string, { hours = 1, pods = 3 } = {}): RunResult {
  const log = new Log();
  for (let pod = 0; pod < pods; pod++) log.append(pod * 1000, RECORD.podCreated, pod, 0, 0);
  log.append(hours * HOUR, RECORD.ended, -1);
  return {
    autoscaler: name,
    seed: 42,
    digest: log.digest(),
    log: log.columns(),
    decisions: [],
    tables: { nodeNames: [], offerings: OFFERINGS, podClasses: CLASSES, nodeClasses: SHAPES },
    span: hours * HOUR,
    events: log.length,
  };
}

/** A run with its measures. */
function compared(result: RunResult): ComparedRun {
  return { result, metrics: measure(result), series: seriesOf(result) };
}

/** A scenario whose autoscalers are these. */
function scenarioOf(names: readonly string[]): Scenario {
  const uses = ['cluster-autoscaler', 'karpenter'];
  const autoscalers = Object.fromEntries(
    names.map((name, index) => [name, { use: uses[Math.min(index, 1)], version: index === 0 ? '1.34' : '1.14' }]),
  );
  const parsed = parseScenario({
    apiVersion: 'plimsoll/v1',
    kind: 'Scenario',
    metadata: {
      name: 'quickstart',
      description: 'A day squeezed into six hours: services that follow the clock, and hourly batches.',
    },
    workload: { trace: 'trace.csv' },
    autoscalers,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.scenario;
}

/** A comparison of runs, with everything else made up. */
export function comparisonOf(results: readonly RunResult[]): Comparison {
  const [first] = results;
  return {
    scenario: scenarioOf(results.map(({ autoscaler }) => autoscaler)),
    workload: {
      pods: first?.log.kind.filter((kind) => kind === RECORD.podCreated).length ?? 0,
      rows: 40,
      span: (first?.span ?? 0) - MINUTE,
      source: 'workloads/quickstart/trace.csv',
    },
    notes: [
      'The trace names no cloud, so prices are those of us-east-1 on demand.',
      'Cluster Autoscaler gets one node group for each type and zone, from 0 to 100 nodes.',
      'Disruption budgets of the trace are ignored (F0031).',
    ],
    runs: results.map(compared),
    versions: { plimsoll: '0.1.0', node: '20.20.2' },
    inputs: { 'trace.csv': 'a'.repeat(64), 'catalogue aws': 'b'.repeat(64) },
  };
}
