import { MINUTE, NODE, type OfferingsView, type PodSpec, SECOND } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GIB, offerings, type TestType } from './support/offerings.ts';
import { type Arrival, decided, fleetOf, podSpec, type WorldSettings, world } from './support/world.ts';

const TYPES: readonly TestType[] = [
  { name: 's', cpu: 2000, gib: 8, price: 100 },
  { name: 'm', cpu: 4000, gib: 16, price: 200 },
  { name: 'l', cpu: 8000, gib: 32, price: 400 },
];
const ladder = offerings(TYPES);
const pool = (spec: unknown) => ({ nodePools: [{ metadata: { name: 'p' }, spec }] });

/** Runs a small world for some time. */
function ran(settings: WorldSettings, time: number) {
  const run = world(settings);
  run.simulation.runUntil(time);
  return run;
}

describe('Karpenter in a cluster', () => {
  it('buys the cheapest machine that holds a batch, one second after the first pod could not be placed', () => {
    const run = ran({ offerings: ladder, arrivals: [{ at: 5000, spec: podSpec(1000, 1), count: 3 }] }, MINUTE);
    expect(decided(run)).toEqual(['6 launch default-00001 Provisioned']);
    expect(fleetOf(run)).toEqual({ 'default-00001': 'm' });
    expect(run.cluster.pendingCount).toBe(0);
    expect(run.log.decisions[0].because.message).toBe(
      '3 pods (cpu 3, memory 3Gi) in NodePool default: cheapest on-demand type m at $0.0000/h, 2 of 3 types left',
    );
  });

  it('does not buy again for pods that wait for a machine on its way', () => {
    const run = ran(
      {
        offerings: ladder,
        arrivals: [
          { at: 0, spec: podSpec(1000, 1), count: 3 },
          { at: 10_000, spec: podSpec(500, 1), count: 1 },
        ],
      },
      MINUTE,
    );
    expect(decided(run)).toEqual(['1 launch default-00001 Provisioned']);
  });

  it('decides nothing while a machine has not come yet, and comes back to the pods when one asks again', () => {
    const arrivals = [
      { at: 0, spec: podSpec(8000, 1), count: 1 },
      { at: 1500, spec: podSpec(8000, 1), count: 1 },
    ];
    // The first machine is ordered at 1 s and runs at 3 s, so the batch of 2.5 s comes to nothing. At 10 s the first pod, which
    // still waits for its node, asks again, and that batch takes the second pod along.
    expect(decided(ran({ offerings: ladder, arrivals }, 30_000))).toEqual([
      '1 launch default-00001 Provisioned',
      '11 launch default-00002 Provisioned',
    ]);
  });

  it('leaves offerings that could not be had alone for three minutes', () => {
    const short = ladder.offerings.filter((o) => o.type === 0).map((o) => o.id);
    const run = ran({ offerings: ladder, arrivals: [{ at: 0, spec: podSpec(500, 1), count: 1 }], short }, MINUTE);
    expect(fleetOf(run)).toEqual({ 'default-00001': 'm' });
    const none = ladder.offerings.filter((o) => o.zone === 'a').map((o) => o.id);
    const both = ran({ offerings: ladder, arrivals: [{ at: 0, spec: podSpec(500, 1), count: 1 }], short: [...none, 1] }, MINUTE);
    expect(fleetOf(both)).toEqual({ 'default-00001': 'm' });
  });

  it('deletes a node that is empty, after looking twice', () => {
    const run = ran(
      { offerings: ladder, arrivals: [{ at: 0, spec: podSpec(1000, 1, { controller: 'Job' }), count: 1, duration: MINUTE }] },
      4 * MINUTE,
    );
    // Bound at 28 s, started at 29 s, finished at 89 s. The pass at 90 s finds it, at 105 s it still is empty, 5 s of drain.
    expect(decided(run)).toEqual([
      '1 launch default-00001 Provisioned',
      '105 cordon default-00001 Empty',
      '110 terminate default-00001 Empty',
    ]);
  });

  it('keeps within a budget of 30 % of ten empty nodes', () => {
    const spec = podSpec(1500, 1, { controller: 'Job' });
    const options = pool({ disruption: { budgets: [{ nodes: '30%' }] } });
    const small = offerings([TYPES[0]]);
    const run = ran({ offerings: small, options, arrivals: [{ at: 0, spec, count: 10, duration: MINUTE }] }, 118 * SECOND);
    expect(run.log.decisions.filter((d) => d.kind === 'launch')).toHaveLength(10);
    expect(run.log.decisions.filter((d) => d.kind === 'terminate')).toHaveLength(3);
  });

  it('gives back a node whose pods fit on another', () => {
    const run = ran(
      {
        offerings: offerings([TYPES[1]]),
        arrivals: [
          { at: 0, spec: podSpec(3000, 1, { controller: 'Job' }), count: 1, duration: 2 * MINUTE },
          { at: 30_000, spec: podSpec(1500, 1), count: 2 },
        ],
        options: pool({ disruption: { budgets: [{ nodes: '1' }] } }),
      },
      10 * MINUTE,
    );
    expect(Object.keys(fleetOf(run))).toHaveLength(1);
    expect(run.cluster.pendingCount).toBe(0);
  });

  it('replaces a node by a cheaper one, which is there before the old one goes', () => {
    const run = ran(
      {
        offerings: ladder,
        arrivals: [
          { at: 0, spec: podSpec(6000, 1, { controller: 'Job' }), count: 1, duration: MINUTE },
          { at: 0, spec: podSpec(1000, 1), count: 1 },
        ],
      },
      6 * MINUTE,
    );
    expect(decided(run)).toEqual([
      '1 launch default-00001 Provisioned',
      '105 cordon default-00001 Underutilized',
      '105 launch default-00002 Underutilized',
      '132 drain default-00001 Underutilized',
      '137 terminate default-00001 Underutilized',
    ]);
    expect(fleetOf(run)).toEqual({ 'default-00002': 's' });
    expect(run.log.decisions[1].because.message).toContain('fit with a cheaper node: 2 types left, cheapest s');
  });

  it('does not replace spot by spot unless that is switched on and 15 cheaper types are left', () => {
    const types = Array.from({ length: 20 }, (_, i) => ({
      name: `t${i}`,
      cpu: 2000 + 1000 * i,
      gib: 64,
      price: 1000 + i,
      spot: { a: 100 + i },
    }));
    const arrivals: Arrival[] = [
      { at: 0, spec: podSpec(18_500, 1, { controller: 'Job' }), count: 1, duration: MINUTE },
      { at: 0, spec: podSpec(500, 1), count: 1 },
    ];
    const spot = {
      template: { spec: { requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot'] }] } },
    };
    const end = (gate: boolean, few: number): string[] =>
      Object.values(
        fleetOf(
          ran(
            {
              offerings: offerings(types.slice(few)),
              arrivals,
              options: { ...pool(spot), featureGates: { SpotToSpotConsolidation: gate } },
            },
            5 * MINUTE,
          ),
        ),
      );
    expect(end(false, 0)).toEqual(['t17']);
    expect(end(true, 0)).toEqual(['t0']);
    expect(end(true, 4)).toEqual(['t17']);
  });

  it('does not replace on-demand where the dearest zone of the spot price is not cheaper', () => {
    const mixed = {
      template: {
        spec: { requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot', 'on-demand'] }] },
      },
    };
    const world2 = (worst: number): string[] => {
      const types = [
        { name: 'big', cpu: 8000, gib: 32, price: 500 },
        { name: 'small', cpu: 2000, gib: 8, price: 900, spot: { a: 200, b: worst } },
      ];
      const arrivals = [
        { at: 0, spec: podSpec(6000, 1, { controller: 'Job' }), count: 1, duration: MINUTE },
        { at: 0, spec: podSpec(1000, 1), count: 1 },
      ];
      return Object.values(fleetOf(ran({ offerings: offerings(types), arrivals, options: pool(mixed) }, 5 * MINUTE)));
    };
    expect(world2(1000)).toEqual(['big']);
    expect(world2(499)).toEqual(['small']);
  });

  it('leaves a node with a pod that must not be disrupted', () => {
    const guarded = podSpec(1000, 1, { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } });
    const arrivals = [
      { at: 0, spec: podSpec(6000, 1, { controller: 'Job' }), count: 1, duration: MINUTE },
      { at: 0, spec: guarded, count: 1 },
    ];
    expect(fleetOf(ran({ offerings: ladder, arrivals }, 6 * MINUTE))).toEqual({ 'default-00001': 'l' });
  });

  it('lets a node expire whatever its budget, and buys anew for its pods while it drains', () => {
    const options = pool({
      disruption: { consolidateAfter: 'Never', budgets: [{ nodes: '0' }] },
      template: { spec: { expireAfter: '5m' } },
    });
    const run = ran({ offerings: ladder, options, arrivals: [{ at: 0, spec: podSpec(1500, 1), count: 1 }] }, 6 * MINUTE);
    expect(decided(run)).toEqual([
      '1 launch p-00001 Provisioned',
      '301 cordon p-00001 Expired',
      '301 drain p-00001 Expired',
      '302.1 launch p-00002 Provisioned',
      '306 terminate p-00001 Expired',
    ]);
  });

  it('refuses requirements that no type meets', () => {
    const options = pool({
      template: { spec: { requirements: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['riscv'] }] } },
    });
    expect(() => world({ offerings: ladder, arrivals: [], options })).toThrow(
      'nodePools.0.spec.template.spec.requirements: no instance type of the catalogue meets the requirements of NodePool p',
    );
  });

  it('tells at full length how the types became fewer', () => {
    const priced = offerings(TYPES.map((type) => ({ ...type, price: type.price * 1e6 })));
    const run = ran({ offerings: priced, arrivals: [{ at: 0, spec: podSpec(3000, 1), count: 1 }], explain: 'full' }, 10_000);
    const { details } = run.log.decisions[0].because;
    expect(details?.types).toEqual(['m', 'l']);
    const funnel = details?.funnel as unknown[];
    expect(funnel[0]).toEqual({ filter: 'catalogue', left: 3, cheapest: '$0.1000/h' });
    expect(funnel).toContainEqual({
      filter: 'karpenter.sh/capacity-type In [on-demand]',
      from: 'NodePool default',
      left: 3,
      cheapest: '$0.1000/h',
    });
    expect(funnel).toContainEqual({ filter: 'cpu at least 3', from: 'pods', left: 2, cheapest: '$0.2000/h' });
    expect(details?.launch).toEqual({ listed: 2, available: 2, ordinary: 2, requested: 2 });
  });
});

// ---- laws --------------------------------------------------------------------------------------------------------------------

const near = { matchLabels: { app: 'x' } };
/** What pods say about each other: nothing, that they keep apart, spread, or like to be near. */
const SHAPES: Partial<PodSpec>[] = [
  {},
  { labels: { app: 'x' } },
  { labels: { app: 'x' }, podAntiAffinity: { required: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: near }] } },
  {
    labels: { app: 'x' },
    topologySpread: [
      { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: near },
    ],
  },
  {
    labels: { app: 'x' },
    podAffinity: { preferred: [{ weight: 3, term: { topologyKey: 'topology.kubernetes.io/zone', labelSelector: near } }] },
  },
];
const anyArrivals: fc.Arbitrary<Arrival[]> = fc.array(
  fc.record({
    at: fc.nat(300_000),
    spec: fc
      .tuple(fc.constantFrom(300, 900, 1700, 3500), fc.constantFrom(1, 3, 9), fc.constantFrom<Partial<PodSpec>>(...SHAPES))
      .map(([cpu, gib, shape]) => podSpec(cpu, gib, { controller: 'Job', ...shape })),
    count: fc.integer({ min: 1, max: 8 }),
    duration: fc.constantFrom(20_000, 90_000, 400_000, Infinity),
  }),
  { minLength: 1, maxLength: 8 },
);
const anyPool = fc.constantFrom(
  pool({}),
  pool({ disruption: { consolidateAfter: '30s' } }),
  pool({ limits: { cpu: '16' }, disruption: { budgets: [{ nodes: '1' }] } }),
  pool({ template: { spec: { expireAfter: '4m' } } }),
  pool({ disruption: { consolidationPolicy: 'Balanced', budgets: [{ nodes: '100%' }] } }),
  pool({ disruption: { budgets: [{ nodes: '0', schedule: '*/5 * * * *', duration: '2m' }, { nodes: '2' }] } }),
  { ...pool({ disruption: { consolidateAfter: '20s' } }), settings: { version: '1.13' } },
  { ...pool({ disruption: { budgets: [{ nodes: '50%' }] } }), rollouts: [{ at: '3m' }, { at: '7m', nodePool: 'p' }] },
);
const END = 15 * MINUTE;

/** Pods of many kinds, protected for ever, for a while or not at all, small and large, with ports and user labels. */
const mixedArrivals = fc.array(
  fc.record({
    at: fc.nat(20 * MINUTE),
    spec: fc
      .record({
        cpu: fc.constantFrom(200, 700, 1500, 3100, 7500),
        gib: fc.constantFrom(1, 2, 5, 11, 27),
        protection: fc.constantFrom(undefined, undefined, undefined, 'true', '2m'),
        controller: fc.constantFrom<PodSpec['controller'][]>('Job', 'ReplicaSet', 'StatefulSet'),
        selector: fc.constantFrom(undefined, undefined, { 'topology.kubernetes.io/zone': 'b' }),
        port: fc.constantFrom(undefined, undefined, undefined, 80),
      })
      .map(({ cpu, gib, protection, controller, selector, port }) =>
        podSpec(cpu, gib, {
          controller,
          annotations: protection === undefined ? {} : { 'karpenter.sh/do-not-disrupt': protection },
          ...(selector === undefined ? {} : { nodeSelector: selector }),
          containers: [
            {
              requests: { cpu, memory: gib * GIB },
              ...(port === undefined ? {} : { ports: [{ port, protocol: 'TCP', ip: '' }] }),
            },
          ],
        }),
      ),
    count: fc.integer({ min: 1, max: 6 }),
    duration: fc.constantFrom(20_000, 90_000, 400_000, 700_000, Infinity),
  }),
  { minLength: 3, maxLength: 20 },
);
const market = offerings(
  TYPES.map((type, row) => (row % 2 === 0 ? type : { ...type, spot: { a: type.price * 0.6, b: type.price * 0.7 } })),
);

describe('a run with Karpenter', () => {
  it('is the same with quiet passes skipped and not', () => {
    fc.assert(
      fc.property(anyArrivals, anyPool, (arrivals, options) => {
        const digest = (skipQuiet: boolean) => ran({ offerings: ladder, arrivals, options, skipQuiet }, END).log.digest();
        expect(digest(true)).toBe(digest(false));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same whether answers are remembered or not', () => {
    fc.assert(
      fc.property(mixedArrivals, anyPool, fc.boolean(), (arrivals, options, skipQuiet) => {
        const digest = (remember: boolean) =>
          ran({ offerings: market, arrivals, options, skipQuiet: skipQuiet && remember, remember }, 2 * END).log.digest();
        expect(digest(true)).toBe(digest(false));
      }),
      { numRuns: 80 },
    );
  });

  it('goes on from any instant as if it had not been interrupted', () => {
    fc.assert(
      fc.property(anyArrivals, anyPool, fc.nat(END - 1), (arrivals, options, at) => {
        const settings = { offerings: ladder, arrivals, options };
        const whole = ran(settings, END);
        const { simulation } = interrupted(settings, at);
        simulation.runUntil(END);
        expect(simulation.log.digest()).toBe(whole.log.digest());
      }),
      { numRuns: 60 },
    );
  });

  it('decides alike when all prices are doubled', () => {
    const dear = offerings(TYPES.map((type) => ({ ...type, price: type.price * 2 })));
    fc.assert(
      fc.property(anyArrivals, anyPool, (arrivals, options) => {
        const lines = (view: OfferingsView) => decided(ran({ offerings: view, arrivals, options, explain: 'off' }, END));
        expect(lines(dear)).toEqual(lines(ladder));
      }),
      { numRuns: 40 },
    );
  });

  it('does not mind types that its pools do not admit', () => {
    const foreign = { name: 'alien', cpu: 8000, gib: 64, price: 1, labels: { 'kubernetes.io/arch': 'arm64' } };
    const amd64 = { template: { spec: { requirements: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] } } };
    fc.assert(
      fc.property(anyArrivals, (arrivals) => {
        const lines = (types: readonly TestType[]) =>
          decided(ran({ offerings: offerings(types), arrivals, options: pool(amd64), explain: 'off' }, END));
        expect(lines([...TYPES, foreign])).toEqual(lines(TYPES));
      }),
      { numRuns: 40 },
    );
  });

  it('never passes a limit, and never raises the price of a node that it replaces', () => {
    fc.assert(
      fc.property(anyArrivals, (arrivals) => {
        const run = world({ offerings: ladder, arrivals, options: pool({ limits: { cpu: '16' } }) });
        for (let time = 0; time <= END; time += 5000) {
          run.simulation.runUntil(time);
          const { nodes } = run.cluster;
          let cpu = 0;
          for (let node = 0; node < run.cluster.nodeCount; node++) {
            if (nodes.state[node] === NODE.gone || nodes.terminating[node] === 1) continue;
            if (isGoing(run, node)) continue;
            cpu += ladder.types[ladder.offerings[nodes.offering[node]].type].capacity.cpu;
          }
          expect(cpu).toBeLessThanOrEqual(16_000);
        }
        const price = new Map<string, number>();
        for (let node = 0; node < run.cluster.nodeCount; node++) {
          price.set(run.cluster.nodeNames[node], ladder.offerings[run.cluster.nodes.offering[node]].price);
        }
        for (const { kind, name, because } of run.log.decisions) {
          const replaced = /^replaces (\S+): /.exec(because.message)?.[1];
          if (kind === 'launch' && replaced !== undefined) expect(price.get(name)).toBeLessThan(price.get(replaced)!);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** Whether a node carries Karpenter's taint: it does not count against limits any more. */
function isGoing({ cluster }: ReturnType<typeof world>, node: number): boolean {
  const { state, class: nodeClass } = cluster.nodes;
  if (state[node] !== NODE.registered && state[node] !== NODE.ready) return false;
  return cluster.classes.nodes[nodeClass[node]].shape.taints.some((taint) => taint.key === 'karpenter.sh/disrupted');
}

/** A run that is saved whole at an instant and goes on in a new simulation. */
function interrupted(settings: WorldSettings, at: number) {
  const first = world(settings);
  first.simulation.runUntil(at);
  const saved = structuredClone(first.simulation.snapshot());
  const second = world(settings);
  second.simulation.restore(saved);
  return second;
}
