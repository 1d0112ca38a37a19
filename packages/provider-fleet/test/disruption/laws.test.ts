import { LABEL, MINUTE, NODE, POD, RECORD, SECOND } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offerings } from '../support/offerings.ts';
import { type Arrival, decided, fleetOf, podSpec, world } from '../support/world.ts';

const END = 20 * MINUTE;
const ladder = offerings([
  { name: 's', cpu: 2000, gib: 8, price: 100 },
  { name: 'm', cpu: 4000, gib: 16, price: 200 },
  { name: 'l', cpu: 8000, gib: 32, price: 400 },
]);
const ON_DEMAND = [{ key: LABEL.capacityType, operator: 'In', values: ['on-demand'] }];
const poolOf = (disruption: unknown, more: object = {}) => ({
  nodePools: [{ metadata: { name: 'p' }, spec: { disruption, template: { spec: { requirements: ON_DEMAND, ...more } } } }],
});

const anyArrivals: fc.Arbitrary<Arrival[]> = fc.array(
  fc.record({
    at: fc.nat(10 * MINUTE),
    spec: fc
      .tuple(fc.constantFrom(300, 900, 1700, 3500), fc.constantFrom(undefined, undefined, 'true', '4m'))
      .map(([cpu, protection]) =>
        podSpec(cpu, 1, { annotations: protection === undefined ? {} : { 'karpenter.sh/do-not-disrupt': protection } }),
      ),
    count: fc.integer({ min: 1, max: 6 }),
    duration: fc.constantFrom(60_000, 200_000, 500_000, Infinity),
  }),
  { minLength: 2, maxLength: 10 },
);

/** Nodes of the pool that are initialized, and those of them that were cordoned for a disruption or are ending. */
function census({ cluster }: ReturnType<typeof world>) {
  const { nodes } = cluster;
  let [all, going] = [0, 0];
  for (let node = 0; node < cluster.nodeCount; node++) {
    if (nodes.state[node] !== NODE.ready || nodes.terminating[node] === 1) continue;
    all++;
    const { taints } = cluster.classes.nodes[nodes.class[node]].shape;
    if (taints.some(({ key }) => key === 'karpenter.sh/disrupted')) going++;
  }
  return { all, going };
}

describe('disruption', () => {
  it('never takes more nodes at once than the budget allows when it begins', () => {
    fc.assert(
      fc.property(anyArrivals, fc.constantFrom('1', '2', '30%'), fc.boolean(), (arrivals, nodes, drifts) => {
        const options = { ...poolOf({ budgets: [{ nodes }] }), rollouts: drifts ? [{ at: '12m' }] : [] };
        const run = world({ offerings: ladder, arrivals, options });
        let before = { all: 0, going: 0 };
        for (let time = 0; time <= END; time += SECOND) {
          run.simulation.runUntil(time);
          const now = census(run);
          const allowed = nodes === '30%' ? Math.ceil(before.all * 0.3) : Number(nodes);
          // Others may have ended meanwhile, so that what goes on may be more than a smaller pool would allow.
          if (now.going > before.going) expect(now.going).toBeLessThanOrEqual(allowed);
          before = now;
        }
      }),
      { seed: 5, numRuns: 30 },
    );
  });

  it('never evicts a pod that must not be disrupted, for whatever reason a node is to go', () => {
    fc.assert(
      fc.property(anyArrivals, (arrivals) => {
        const options = { ...poolOf({ budgets: [{ nodes: '100%' }] }), rollouts: [{ at: '5m' }, { at: '9m' }] };
        const run = world({ offerings: ladder, arrivals, options });
        const { cluster } = run;
        cluster.observe((kind, pod) => {
          if (kind !== RECORD.podEvicted) return;
          const { annotations } = cluster.classes.pods[cluster.pods.class[pod]].spec;
          const protection = annotations['karpenter.sh/do-not-disrupt'];
          expect(protection).not.toBe('true');
          if (protection === '4m') expect(cluster.now - cluster.pods.startedAt[pod]).toBeGreaterThanOrEqual(4 * MINUTE);
        });
        run.simulation.runUntil(END);
      }),
      { seed: 6, numRuns: 40 },
    );
  });

  it('never evicts against a disruption budget of pods', () => {
    fc.assert(
      fc.property(anyArrivals, (arrivals) => {
        const options = { ...poolOf({ budgets: [{ nodes: '100%' }] }), rollouts: [{ at: '5m' }] };
        const run = world({ offerings: ladder, arrivals, options, evictionBlocked: (pod) => pod % 3 === 0 });
        run.cluster.observe((kind, pod) => {
          if (kind === RECORD.podEvicted) expect(pod % 3).not.toBe(0);
        });
        run.simulation.runUntil(END);
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it('replaces what has drifted first by new machines, and ends when nothing old is left', () => {
    const run = world({
      offerings: ladder,
      arrivals: [{ at: 0, spec: podSpec(1700, 1), count: 6 }],
      options: { ...poolOf({ budgets: [{ nodes: '1' }] }), rollouts: [{ at: '5m', reason: 'AMIDrift' }] },
    });
    run.simulation.runUntil(5 * MINUTE - 1);
    const old = Object.keys(fleetOf(run));
    run.simulation.runUntil(30 * MINUTE);
    const now = Object.keys(fleetOf(run));
    expect(now.filter((name) => old.includes(name))).toEqual([]);
    expect(run.cluster.pendingCount).toBe(0);
    const lines = decided(run).filter((line) => line.endsWith('Drifted'));
    expect(lines.filter((line) => line.includes(' launch ')).length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes(' terminate '))).toHaveLength(old.length);
  });

  it('lets a termination grace period overrule a pod that must not be disrupted, for drift alone', () => {
    const settings = (more: object, drifts: boolean) => ({
      offerings: ladder,
      arrivals: [{ at: 0, spec: podSpec(1700, 1, { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }), count: 1 }],
      options: { ...poolOf({ budgets: [{ nodes: '100%' }] }, more), rollouts: drifts ? [{ at: '5m' }] : [] },
    });
    const drifted = (more: object, drifts: boolean): number => {
      const run = world(settings(more, drifts));
      run.simulation.runUntil(END);
      return decided(run).filter((line) => line.endsWith(' Drifted')).length;
    };
    expect(drifted({}, true)).toBe(0);
    expect(drifted({ terminationGracePeriod: '1m' }, false)).toBe(0);
    expect(drifted({ terminationGracePeriod: '1m' }, true)).toBeGreaterThan(0);
  });

  it('deletes a protected pod so long before the deadline as it may take to stop', () => {
    const run = world({
      offerings: ladder,
      arrivals: [{ at: 0, spec: podSpec(1700, 1, { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }), count: 1 }],
      options: poolOf({ budgets: [{ nodes: '0' }] }, { terminationGracePeriod: '2m', expireAfter: '5m' }),
    });
    const evicted: number[] = [];
    run.cluster.observe((kind) => {
      if (kind === RECORD.podEvicted) evicted.push(run.cluster.now);
    });
    run.simulation.runUntil(9 * MINUTE);
    // The machine is ordered at 1 s and expires 5 min later; the pod is given 30 s to stop before 2 min more are over.
    expect(evicted).toEqual([1000 + 5 * MINUTE + 90 * SECOND + SECOND]);
  });

  it('consolidates only outside the hours that a budget closes', () => {
    const run = world({
      offerings: ladder,
      arrivals: [
        { at: 0, spec: podSpec(1700, 1), count: 8, duration: 2 * MINUTE },
        { at: 0, spec: podSpec(300, 1), count: 1 },
      ],
      options: {
        ...poolOf({ budgets: [{ nodes: '0', schedule: '55 8 * * *', duration: '15m' }, { nodes: '100%' }] }),
        settings: { startsAt: '2026-03-02T08:59:00Z' },
      },
    });
    run.simulation.runUntil(END);
    const gone = run.log.decisions.filter(({ because }) => because.code === 'Empty' || because.code === 'Underutilized');
    expect(gone.length).toBeGreaterThan(0);
    // From 8:55 to 9:10 nothing may go: the run begins at 8:59.
    for (const { at } of gone) expect(at).toBeGreaterThan(11 * MINUTE);
  });

  it('weighs savings against disruption under policy Balanced', () => {
    const outcome = (consolidationPolicy: string): number => {
      const run = world({
        offerings: ladder,
        arrivals: [
          { at: 0, spec: podSpec(1800, 1), count: 1, duration: 3 * MINUTE },
          { at: 0, spec: podSpec(100, 0.1), count: 20 },
          { at: 20 * SECOND, spec: podSpec(3500, 1), count: 3 },
        ],
        options: poolOf({ consolidationPolicy, budgets: [{ nodes: '100%' }] }),
      });
      run.simulation.runUntil(END);
      let moved = 0;
      for (let pod = 0; pod < run.cluster.podCount; pod++) if (run.cluster.pods.state[pod] === POD.gone) moved++;
      return moved;
    };
    expect(outcome('Balanced')).toBeLessThan(outcome('WhenEmptyOrUnderutilized'));
  });
});
