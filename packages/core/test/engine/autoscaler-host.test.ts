import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupSpec } from '../../src/contracts/cloud.ts';
import type { Component, JsonValue, Timer } from '../../src/contracts/component.ts';
import type { Decision } from '../../src/contracts/decision.ts';
import type { ExplainLevel, Provider, Reconciliation, Wake, WorkloadView } from '../../src/contracts/provider.ts';
import { AutoscalerHost, DecisionError } from '../../src/engine/autoscaler-host.ts';
import { RunEnd } from '../../src/engine/run-end.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { RECORD } from '../../src/log/records.ts';
import { PHASE } from '../../src/time/phase.ts';
import { MadeUpCloud, noWorkload } from './made-up.ts';

const because = { code: 'Because', message: 'someone asked', details: { pods: 3 } };
const group: GroupSpec = {
  name: 'workers',
  min: 1,
  max: 5,
  desired: 1,
  instanceTypes: [],
  zones: [],
  capacityType: 'on-demand',
  labels: {},
  taints: [],
  taggedResources: {},
};

/** A provider made of a function. */
function providerOf(reconcile: (now: number) => Reconciliation, observe?: Provider['observe']): Provider {
  return { reconcile, snapshot: () => null, restore: () => {}, ...(observe && { observe }) };
}

interface Options {
  readonly provider: Provider;
  readonly explain?: ExplainLevel;
  readonly skipQuiet?: boolean;
  readonly workload?: WorkloadView;
  /** Fills the cluster before the run. */
  readonly before?: (simulation: Simulation) => void;
}

function setting({ provider, explain = 'reasons', skipQuiet = true, workload = noWorkload, before }: Options) {
  const simulation = new Simulation(1);
  const { cluster, log, streams } = simulation;
  const cloud = simulation.add((timer) => new MadeUpCloud(cluster, timer, streams, [group]));
  simulation.add(
    (timer) =>
      new AutoscalerHost({
        name: 'mine',
        cluster,
        log,
        timer,
        cloud,
        workload,
        provider,
        explain,
        skipQuiet,
        phase: () => simulation.phase,
      }),
  );
  before?.(simulation);
  return { simulation, cloud, cluster, log };
}

/** Two pods on a ready node 0, a pending pod 2, a node 1 that runs without a Node object, and a node 2 that is gone. */
function fill({ cluster, classes }: Simulation): void {
  const allocatable = { cpu: 1000, pods: 5 };
  const shape = { labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable };
  for (const name of ['a', 'b', 'c']) cluster.orderNode({ name, offering: 0, group: 0, decision: -1 });
  cluster.nodeRunning(0, 0);
  cluster.registerNode(0, classes.node(shape).id);
  cluster.readyNode(0, {});
  cluster.nodeRunning(1, 0);
  cluster.nodeGone(2);
  const containers = [{ requests: { cpu: 300 } }];
  const { id } = classes.pod({ namespace: 'd', labels: {}, annotations: {}, controller: 'Job', containers });
  for (let ordinal = 0; ordinal < 3; ordinal++) cluster.createPod({ podClass: id, owner: 0, ordinal, duration: Infinity });
  for (const pod of [0, 1]) cluster.bind(pod, 0);
}

/** Runs a filled cluster in which the provider decides these things once, at time 0. */
function decide(decisions: readonly Decision[], options: Partial<Options> = {}) {
  const all = setting({ provider: providerOf(() => ({ decisions })), before: fill, ...options });
  const from = all.log.length;
  all.simulation.runUntil(0);
  const { kind, a, b, c } = all.log.columns();
  const records = [...kind].map((each, row) => [each, a[row], b[row], c[row]]).slice(from);
  return { ...all, records };
}

const request = { name: 'm-1', group: 0, offerings: [7], strategy: 'lowest-price', labels: {}, taints: [] } as const;

describe('decisions', () => {
  it('to scale go to the cloud and into the log, under one id', () => {
    const { cloud, records, log } = decide([{ kind: 'scale', group: 0, desired: 3, because }]);
    expect(cloud.asked).toEqual(['group 0 to 3 for decision 0']);
    expect(records).toEqual([
      [RECORD.decided, 0, -1, -1],
      [RECORD.groupResized, 0, 3, 0],
    ]);
    expect(log.decisions).toEqual([{ at: 0, autoscaler: 'mine', kind: 'scale', subject: 0, name: 'workers', because }]);
  });

  it('to launch name the node that comes of them', () => {
    const { cloud, log, cluster } = decide([{ kind: 'launch', request, because }]);
    expect(cloud.asked).toEqual(['order m-1 for decision 0']);
    expect(log.decisions[0]).toMatchObject({ kind: 'launch', subject: 3, name: 'm-1' });
    expect(cluster.nodeNames[3]).toBe('m-1');
  });

  it('to cordon change the node', () => {
    const { cluster, records } = decide([{ kind: 'cordon', node: 0, change: { unschedulable: true }, because }]);
    expect(cluster.classes.nodes[cluster.nodes.class[0]].shape.unschedulable).toBe(true);
    expect(records.map(([kind]) => kind)).toEqual([RECORD.decided, RECORD.nodeChanged]);
  });

  it('to drain evict what no budget holds back, and ask twice for no pod', () => {
    const workload = { ...noWorkload, evictionBlocked: (pod: number) => pod === 1 };
    const drain: Decision = { kind: 'drain', node: 0, pods: [0, 1], because };
    const { records } = decide([drain, drain], { workload });
    expect(records).toEqual([
      [RECORD.decided, 0, -1, -1],
      [RECORD.podEvicted, 0, 0, 0],
      [RECORD.decided, 1, -1, -1],
    ]);
  });

  it('to terminate pass on whether the group shrinks', () => {
    const { cloud } = decide([
      { kind: 'terminate', node: 0, because },
      { kind: 'terminate', node: 1, decrement: true, because },
    ]);
    expect(cloud.asked).toEqual(['terminate 0 for decision 0', 'terminate 1 for decision 1 and decrement']);
  });

  it('to nominate or to bind show as their own records', () => {
    const { records, log } = decide([
      { kind: 'nominate', pod: 2, node: 1, because },
      { kind: 'bind', pod: 2, node: 0, because },
    ]);
    expect(records).toEqual([
      [RECORD.podNominated, 2, 1, -1],
      [RECORD.podBound, 2, 0, -1],
    ]);
    expect(log.decisions).toEqual([]);
  });

  it('keep only their code where nothing is to be explained, and the same digest', () => {
    const decisions: Decision[] = [{ kind: 'scale', group: 0, desired: 3, because }];
    const off = decide(decisions, { explain: 'off' }).log;
    expect(off.decisions[0].because).toEqual({ code: 'Because', message: '' });
    expect(off.digest()).toBe(decide(decisions).log.digest());
  });
});

describe('a decision that cannot be', () => {
  it.each<[string, Decision]>([
    ['there is no group 1', { kind: 'scale', group: 1, desired: 3, because }],
    ['no whole number from 0 to 5', { kind: 'scale', group: 0, desired: 6, because }],
    ['no whole number from 0 to 5', { kind: 'scale', group: 0, desired: -1, because }],
    ['no whole number from 0 to 5', { kind: 'scale', group: 0, desired: 1.5, because }],
    ['no whole number from 0 to 5', { kind: 'scale', group: 0, desired: Number.NaN, because }],
    ['at least one offering', { kind: 'launch', request: { ...request, offerings: [] }, because }],
    ['node 2 is gone', { kind: 'cordon', node: 2, change: { unschedulable: true }, because }],
    ['node 1 has no Node object', { kind: 'cordon', node: 1, change: { unschedulable: true }, because }],
    ['there is no node 9', { kind: 'drain', node: 9, pods: [], because }],
    ['pod 2 is not on node 0', { kind: 'drain', node: 0, pods: [2], because }],
    ['there is no node -1', { kind: 'terminate', node: -1, because }],
    ['there is no node 9', { kind: 'terminate', node: 9, because }],
    ['node 2 is gone', { kind: 'terminate', node: 2, because }],
    ['there is no pod 3', { kind: 'nominate', pod: 3, node: 0, because }],
    ['node 2 is gone', { kind: 'nominate', pod: 2, node: 2, because }],
    ['pod 0 is not pending', { kind: 'bind', pod: 0, node: 0, because }],
  ])('is refused with the reason: %s', (why, decision) => {
    expect(() => decide([decision])).toThrow(DecisionError);
    expect(() => decide([decision])).toThrow(`mine: decision ${decision.kind} (Because) refused: `);
    expect(() => decide([decision])).toThrow(why);
  });

  it('is to end a machine twice', () => {
    const terminate: Decision = { kind: 'terminate', node: 0, because };
    expect(() => decide([terminate, terminate])).toThrow('node 0 is ending already');
  });

  it('is refused before it is in the log', () => {
    const { simulation, log } = setting({
      provider: providerOf(() => ({ decisions: [{ kind: 'cordon', node: 1, change: {}, because }] })),
      before: fill,
    });
    expect(() => simulation.runUntil(0)).toThrow(DecisionError);
    expect(log.decisions).toEqual([]);
  });
});

describe('waking', () => {
  const calls = (wakeOf: (now: number) => Wake | undefined, until: number, skipQuiet = true): number[] => {
    const times: number[] = [];
    const provider = providerOf((now) => {
      times.push(now);
      const wake = wakeOf(now);
      return { decisions: [], ...(wake && { wake }) };
    });
    setting({ provider, skipQuiet }).simulation.runUntil(until);
    return times;
  };

  it('happens at time 0 and then whenever the provider asked for it', () => {
    expect(calls((now) => ({ at: now + 10 }), 35)).toEqual([0, 10, 20, 30]);
    expect(calls((now) => (now < 10 ? { at: now + 10 } : undefined), 1000)).toEqual([0, 10]);
    expect(calls(() => ({ at: Infinity }), 1000)).toEqual([0]);
  });

  it('passes over what lies on the grid before quietUntil, where quiet calls are skipped', () => {
    const wake = (now: number): Wake => ({ at: now + 10, period: 10, quietUntil: 45 });
    expect(calls(wake, 75)).toEqual([0, 50, 60, 70]);
    expect(calls(wake, 35, false)).toEqual([0, 10, 20, 30]);
  });

  it('takes quietUntil for the first time that is no longer quiet', () => {
    expect(calls((now) => ({ at: now + 10, period: 10, quietUntil: 40 }), 45)).toEqual([0, 40]);
    expect(calls((now) => ({ at: now + 10, period: 10, quietUntil: 41 }), 55)).toEqual([0, 50]);
  });

  it('needs the period of the grid to skip anything', () => {
    expect(calls((now) => ({ at: now + 10, quietUntil: 45 }), 25)).toEqual([0, 10, 20]);
  });

  it.each<[string, Wake]>([
    ['wake at 0, which is not after 0', { at: 0 }],
    ['wake at NaN', { at: Number.NaN }],
    ['wake period 0', { at: 10, period: 0, quietUntil: 100 }],
    ['wake period 2.5', { at: 10, period: 2.5, quietUntil: 100 }],
  ])('is refused for %s', (why, wake) => {
    expect(() => calls(() => wake, 10)).toThrow(DecisionError);
    expect(() => calls(() => wake, 10)).toThrow(why);
  });

  /** Calls of a provider that is quiet for ever, when the world changes at a time in a phase. */
  const callsAround = (time: number, phase: number, quietUntil = Infinity, asks?: number): number[] => {
    const times: number[] = [];
    const { simulation } = setting({
      provider: providerOf(
        (now) => {
          times.push(now);
          return { decisions: [], wake: { at: now + 10, period: 10, quietUntil: now === 0 ? quietUntil : now + 10 } };
        },
        () => asks,
      ),
      before: (simulation) => {
        simulation.add((timer) => new World(timer, simulation, [{ time, phase, silent: false, chain: [], value: 0 }]));
      },
    });
    simulation.runUntil(49);
    return times;
  };

  it('ends a quiet with a change: the next call is the first of the grid that sees it', () => {
    expect(callsAround(23, PHASE.world)).toEqual([0, 30, 40]);
    expect(callsAround(3, PHASE.world)).toEqual([0, 10, 20, 30, 40]);
  });

  it('sees a change of its own millisecond when the change came before its phase, and not after', () => {
    expect(callsAround(20, PHASE.controller)).toEqual([0, 20, 30, 40]);
    expect(callsAround(20, PHASE.observer)).toEqual([0, 30, 40]);
  });

  it('stays where it was when the change comes later than the end of the quiet', () => {
    expect(callsAround(35, PHASE.world, 30)).toEqual([0, 30, 40]);
    expect(callsAround(25, PHASE.world, 30)).toEqual([0, 30, 40]);
  });

  it('is taken back after a restore as before it', () => {
    const times: number[] = [];
    const make = () =>
      setting({
        provider: providerOf((now) => {
          times.push(now);
          return { decisions: [], wake: { at: now + 10, period: 10, quietUntil: now === 0 ? 50 : now + 10 } };
        }),
        before: (simulation) => {
          simulation.add((timer) => new World(timer, simulation, [{ time: 23, phase: 0, silent: false, chain: [], value: 0 }]));
        },
      }).simulation;
    const first = make();
    first.runUntil(5);
    const second = make();
    second.restore(first.snapshot());
    second.runUntil(65);
    expect(times).toEqual([0, 30, 40, 50, 60]);
  });

  it('happens between the times of the grid where the provider asks for it', () => {
    expect(callsAround(23, PHASE.world, Infinity, 25)).toEqual([0, 25, 35, 45]);
    // A time that has passed is now; a time after the next of the grid is no earlier wake.
    expect(callsAround(23, PHASE.world, Infinity, 2)).toEqual([0, 23, 33, 43]);
    expect(callsAround(23, PHASE.world, Infinity, 31)).toEqual([0, 30, 40]);
  });
});

// ---- quiet calls, skipped or not -------------------------------------------------------------------------------------------

interface Change {
  readonly time: number;
  readonly phase: number;
  readonly value: number;
  /** Whether the first of them changes nothing yet. */
  readonly silent: boolean;
  /** Phases of further changes, one after the other, in the same millisecond. */
  readonly chain: readonly number[];
}

/** Changes of the world at given times. Each is a record of kind poolChanged, with its value. */
class World implements Component {
  readonly id = 'world';
  readonly #timer: Timer;
  readonly #simulation: Simulation;
  readonly #changes: readonly Change[];

  constructor(timer: Timer, simulation: Simulation, changes: readonly Change[]) {
    this.#timer = timer;
    this.#simulation = simulation;
    this.#changes = changes;
  }

  start(): void {
    this.#changes.forEach(({ time, phase }, index) => {
      this.#timer.at(time, phase, 0, index, 0);
    });
  }

  handle(_code: number, index: number, link: number): void {
    const { chain, silent, value } = this.#changes[index];
    if (link > 0 || !silent) this.#simulation.cluster.record(RECORD.poolChanged, value, link);
    if (link < chain.length) this.#timer.at(this.#timer.now, chain[link], 0, index, link + 1);
  }

  snapshot(): JsonValue {
    return null;
  }

  restore(): void {}
}

/**
 * Decides at its first call after any change, and at its first call from an alarm on that some changes set; in between it is quiet.
 * The time of each decision is in the digest: it tells exactly when the calls were that mattered.
 */
class Watchful implements Provider {
  calls = 0;
  readonly #now: () => number;
  readonly #grid: 'absolute' | 'relative';
  readonly #ownChanges: boolean;
  #dirty = false;
  #alarm = Infinity;
  #decided = 0;

  constructor(now: () => number, grid: 'absolute' | 'relative', ownChanges: boolean) {
    this.#now = now;
    this.#grid = grid;
    this.#ownChanges = ownChanges;
  }

  observe(kind: number, value: number): number | undefined {
    if (kind === RECORD.groupResized && this.#ownChanges && this.#decided % 3 === 1) this.#dirty = true;
    if (kind !== RECORD.poolChanged) return undefined;
    if (value === 0) return undefined;
    this.#dirty = true;
    if (value === 2) this.#alarm = this.#now() + 25;
    if (value === 3) return this.#now() + 4;
    if (value === 4) return this.#now();
    if (value === 5) return this.#now() + 14;
    return undefined;
  }

  reconcile(now: number): Reconciliation {
    this.calls++;
    const decisions: Decision[] = [];
    if (this.#dirty || now >= this.#alarm) {
      decisions.push({ kind: 'scale', group: 0, desired: this.#decided++ % 5, because });
      if (now >= this.#alarm) this.#alarm = Infinity;
      this.#dirty = false;
    }
    // What its own decision changes is known only after this call: it cannot be quiet then.
    const at = this.#grid === 'absolute' ? (Math.floor(now / 10) + 1) * 10 : now + 10;
    return { decisions, wake: { at, period: 10, quietUntil: this.#alarm } };
  }

  snapshot(): JsonValue {
    return { dirty: this.#dirty, alarm: Number.isFinite(this.#alarm) ? this.#alarm : null, decided: this.#decided };
  }

  restore(value: JsonValue): void {
    const saved = value as { dirty: boolean; alarm: number | null; decided: number };
    this.#dirty = saved.dirty;
    this.#alarm = saved.alarm ?? Infinity;
    this.#decided = saved.decided;
  }
}

/** All phases but the autoscaler's own, in which nothing else acts. */
const otherPhases = fc.constantFrom(PHASE.world, PHASE.arrival, PHASE.controller, PHASE.scheduler, PHASE.observer);
const change = fc.record<Change>({
  time: fc.oneof(fc.constantFrom(0, 9, 10, 11, 20, 30, 40, 50, 60, 70, 80, 90, 100), fc.integer({ min: 0, max: 130 })),
  phase: otherPhases,
  value: fc.integer({ min: 0, max: 5 }),
  silent: fc.boolean(),
  chain: fc.array(otherPhases, { maxLength: 3 }),
});
const generated = fc.tuple(
  fc.array(change, { maxLength: 6 }),
  fc.constantFrom('absolute' as const, 'relative' as const),
  fc.boolean(),
);

function watched(changes: readonly Change[], grid: 'absolute' | 'relative', own: boolean, skipQuiet: boolean, worldFirst = true) {
  const simulation = new Simulation(1);
  const { cluster, log, streams } = simulation;
  const provider = new Watchful(() => simulation.now, grid, own);
  const addWorld = () => simulation.add((timer) => new World(timer, simulation, changes));
  if (worldFirst) addWorld();
  const cloud = simulation.add((timer) => new MadeUpCloud(cluster, timer, streams, [group]));
  simulation.add(
    (timer) =>
      new AutoscalerHost({
        name: 'watchful',
        cluster,
        log,
        timer,
        cloud,
        workload: noWorkload,
        provider,
        explain: 'off',
        skipQuiet,
        phase: () => simulation.phase,
      }),
  );
  if (!worldFirst) addWorld();
  simulation.add((timer) => new RunEnd(cluster, timer, { duration: 400, settle: 0, lastArrival: 0 }, () => simulation.end()));
  return { simulation, provider };
}

/** What a run came to, readable where two differ. */
function outcome({ log }: Simulation): unknown {
  return { decided: log.decisions.map(({ at, subject }) => [at, subject]), digest: log.digest() };
}

describe('skipping quiet calls', () => {
  it('changes nothing but the number of calls', () => {
    let [skipped, all, decided] = [0, 0, 0];
    fc.assert(
      fc.property(generated, fc.boolean(), ([changes, grid, own], worldFirst) => {
        const on = watched(changes, grid, own, true, worldFirst);
        const off = watched(changes, grid, own, false, worldFirst);
        on.simulation.run();
        off.simulation.run();
        expect(outcome(on.simulation)).toEqual(outcome(off.simulation));
        skipped += off.provider.calls - on.provider.calls;
        all += off.provider.calls;
        decided += on.simulation.log.decisions.length;
      }),
      { seed: 91, numRuns: 3000 },
    );
    expect(skipped / all).toBeGreaterThan(0.5);
    expect(decided).toBeGreaterThan(3000);
  });

  it('takes a change that comes after the grid time’s call for the next grid time, though its own phase is an earlier one', () => {
    // At 20 an observer makes the world change within the same millisecond: without skipping, the call of 20 is over by then.
    const late: Change[] = [{ time: 20, phase: PHASE.observer, silent: true, value: 1, chain: [PHASE.world] }];
    for (const skipQuiet of [true, false]) {
      const { simulation } = watched(late, 'absolute', false, skipQuiet);
      simulation.run();
      expect(simulation.log.decisions.map(({ at }) => at)).toEqual([30]);
    }
  });

  it('goes on alike from a snapshot at any time', () => {
    fc.assert(
      fc.property(generated, fc.integer({ min: 0, max: 150 }), ([changes, grid, own], time) => {
        const whole = watched(changes, grid, own, true).simulation;
        whole.run();
        const first = watched(changes, grid, own, true).simulation;
        first.runUntil(time);
        const second = watched(changes, grid, own, true).simulation;
        second.restore(structuredClone(first.snapshot()));
        second.run();
        expect(outcome(second)).toEqual(outcome(whole));
      }),
      { seed: 92, numRuns: 500 },
    );
  });
});
