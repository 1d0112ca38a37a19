import { EVICTION, NODE, POD, RECORD } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GIB, MINUTE, Run, SECOND, type WorldOptions } from './world.ts';

const arrival = fc.record({
  at: fc.integer({ min: 0, max: 20 * 60 }).map((s) => s * SECOND + 137),
  count: fc.integer({ min: 1, max: 12 }),
  cpu: fc.constantFrom(100, 400, 900, 1700, 3000, 7000),
  memory: fc.constantFrom(GIB, 3 * GIB, 10 * GIB),
  runs: fc.constantFrom(20 * SECOND, 3 * MINUTE, 15 * MINUTE, Infinity),
  spec: fc.constantFrom(
    {},
    {},
    { controller: 'none' as const },
    { priority: -20 },
    { priority: 5 },
    { namespace: 'kube-system' },
    { controller: 'DaemonSet' as const },
  ),
});

const ports = { containers: [{ requests: { cpu: 300 }, ports: [{ port: 80, protocol: 'TCP' as const, ip: '' }] }] };

/** Small clusters of two or three groups under load, some with constrained pods, some with shortages. */
const worlds: fc.Arbitrary<WorldOptions> = fc.record({
  config: fc.record({
    nodeGroups: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 8 })).map(([min, more]) => [
      { name: 'a', min, max: min + more, instanceTypes: ['4x16'] },
      { name: 'b', min: 0, max: 6, instanceTypes: ['8x64'] },
      { name: 'c', min: 0, max: 6, instanceTypes: ['8x64'] },
    ]),
    'balance-similar-node-groups': fc.boolean(),
    expander: fc.constantFrom('least-waste', 'random', 'most-pods,random'),
    'scale-down-unneeded-time': fc.constantFrom('1m', '4m', '10m'),
    'scale-down-delay-after-add': fc.constantFrom('1m', '10m'),
    'max-nodes-total': fc.constantFrom(0, 7),
    'max-node-provision-time': fc.constantFrom('2m', '15m'),
    'scale-down-delay-type-local': fc.constantFrom(false, false, true),
    'scale-down-delay-after-delete': fc.constantFrom('0s', '3m'),
    'salvo-scale-up': fc.boolean(),
    'parallel-scale-up': fc.boolean(),
    'fastpath-binpacking-enabled': fc.boolean(),
    'max-drain-parallelism': fc.constantFrom(1, 3),
    'max-bulk-soft-taint-count': fc.constantFrom(0, 1, 10),
    'node-deletion-batcher-interval': fc.constantFrom('0s', '7s'),
    'drain-priority-config': fc.constantFrom<string[]>([], ['0:20', '4:60']),
    model: fc.record({ keepInstanceLists: fc.boolean() }),
  }),
  arrivals: fc
    .tuple(fc.array(arrival, { minLength: 1, maxLength: 10 }), fc.boolean())
    .map(([list, constrained]) => (constrained ? [...list, { at: MINUTE, count: 3, cpu: 0, spec: ports }] : list)),
  boot: fc.constantFrom(15 * SECOND, 55 * SECOND, 3 * MINUTE),
  shortages: fc.constantFrom([], [{ group: 'b', from: 0, to: 12 * MINUTE }]),
});

/** What the autoscaler would save. */
function stateOf(run: Run): Record<string, unknown> {
  return run.autoscaler.snapshot() as Record<string, unknown>;
}

const END = 70 * MINUTE;

describe('whatever the load', () => {
  it('a pod that comes just after a skipped loop waits for that loop to end', () => {
    // Found by the property below: the loop that the pod wakes must not start while the skipped one would still have run.
    const options: WorldOptions = {
      config: {
        nodeGroups: [
          { name: 'a', min: 1, max: 2, instanceTypes: ['4x16'] },
          { name: 'b', min: 0, max: 6, instanceTypes: ['8x64'] },
          { name: 'c', min: 0, max: 6, instanceTypes: ['8x64'] },
        ],
        'scale-down-unneeded-time': '1m',
        'max-node-provision-time': '2m',
      },
      arrivals: [
        { at: 800_137, cpu: 7000, memory: GIB, runs: 20 * SECOND },
        { at: 9137, count: 10, cpu: 3000, memory: GIB, runs: 20 * SECOND },
        { at: 137, count: 10, cpu: 100, memory: GIB, runs: 3 * MINUTE },
      ],
      boot: 3 * MINUTE,
    };
    const plain = new Run({ ...options, skipQuiet: false }).until(END);
    expect(new Run({ ...options, skipQuiet: true }).until(END).lines).toEqual(plain.lines);
  });

  it('a group stays between its limits', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const run = new Run(options).until(END);
        const groups = run.cloud.groups.groups;
        // What was decided lies within the limits, and so does what came of it at any later time.
        for (const { kind, subject, because } of run.decisions) {
          if (kind === 'scale' && because.code === 'TriggeredScaleUp') {
            expect(run.cloud.groups.desired(subject)).toBeLessThanOrEqual(groups[subject].max);
          }
        }
        groups.forEach(({ min, max }, g) => {
          expect(run.cloud.groups.desired(g)).toBeGreaterThanOrEqual(min);
          expect(run.cloud.groups.desired(g)).toBeLessThanOrEqual(max);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('no node goes before it has been unneeded for long enough, and none within the delay after growth', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const run = new Run(options).until(END);
        const minutes = (flag: string): number => Number.parseInt(String(options.config[flag]), 10) * MINUTE;
        const { nodes } = run.simulation.cluster;
        let grownAt = -Infinity;
        for (const { at, kind, subject, because } of run.steps) {
          if (because.code === 'TriggeredScaleUp') grownAt = at;
          if (kind !== 'cordon' || because.code === 'ScaleDownFailed') continue;
          // A node whose growth has timed out counts as unneeded from its registration on, ready or not.
          expect(at - nodes.registeredAt[subject]).toBeGreaterThan(minutes('scale-down-unneeded-time'));
          if (options.config['scale-down-delay-type-local'] === true) continue;
          expect(at - grownAt).toBeGreaterThanOrEqual(minutes('scale-down-delay-after-add'));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('machines add up to what was asked for, once all calls are through', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const run = new Run({ ...options, shortages: [] }).until(END);
        const { nodes, nodeCount } = run.simulation.cluster;
        run.cloud.groups.groups.forEach((_, g) => {
          let machines = 0;
          for (let node = 0; node < nodeCount; node++) {
            if (nodes.group[node] === g && nodes.state[node] !== NODE.gone && nodes.terminating[node] === 0) machines++;
          }
          expect(machines).toBe(run.cloud.groups.desired(g));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('no pod that some group could take is left for ever', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const nodeGroups = options.config.nodeGroups.map((group) => ({ ...group, max: 200 }));
        const config = { ...options.config, nodeGroups, 'max-nodes-total': 0, 'max-node-provision-time': '15m' };
        // Nodes are made as if pods that may be sacrificed were not there, and for DaemonSets that have a pod on each; here neither is so.
        const arrivals = options.arrivals.filter(({ spec }) => (spec?.priority ?? 0) >= -10 && spec?.controller !== 'DaemonSet');
        const run = new Run({ ...options, config, arrivals }).until(END);
        const { pods, podCount } = run.simulation.cluster;
        for (let pod = 0; pod < podCount; pod++) expect(pods.state[pod], `pod ${pod}`).not.toBe(POD.pending);
      }),
      { numRuns: 60 },
    );
  });

  it('no pod is evicted against its budget or its annotation', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 4 }), (options, kept) => {
        const arrivals = options.arrivals.map((arrival, i) =>
          i % 3 === 2
            ? { ...arrival, spec: { annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } } }
            : arrival,
        );
        const blocked = (pod: number, now: number): boolean => pod % kept === 0 && now < 60 * MINUTE;
        const run = new Run({ ...options, arrivals, blocked }).until(END);
        const { pods, classes } = run.simulation.cluster;
        const { length, time, kind, a, c } = run.simulation.log.columns();
        for (let i = 0; i < length; i++) {
          if (kind[i] !== RECORD.podEvicted || c[i] !== EVICTION.drain) continue;
          const { annotations, controller } = classes.pods[pods.class[a[i]]].spec;
          if (controller === 'DaemonSet') continue;
          expect(annotations).toEqual({});
          expect(blocked(a[i], time[i])).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('listening changes nothing', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const heard = new Run({ ...options, listens: true, explain: 'off' }).until(END);
        const unheard = new Run({ ...options, explain: 'off' }).until(END);
        expect(heard.simulation.log.digest()).toBe(unheard.simulation.log.digest());
        expect(stateOf(heard)).toEqual(stateOf(unheard));
      }),
      { numRuns: 40 },
    );
  });

  it('skipping loops that decide nothing changes nothing', () => {
    fc.assert(
      fc.property(worlds, (options) => {
        const skipping = new Run({ ...options, skipQuiet: true }).until(END);
        const plain = new Run({ ...options, skipQuiet: false }).until(END);
        expect(skipping.lines).toEqual(plain.lines);
        expect(skipping.simulation.log.digest()).toBe(plain.simulation.log.digest());
        for (const part of ['cursor', 'filterHints', 'removalHints', 'unneeded']) {
          expect(stateOf(skipping)[part], part).toEqual(stateOf(plain)[part]);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('a run goes on looking first at the nodes that it knew to be unneeded when it was saved', () => {
    // Found by the property below.
    const options: WorldOptions = {
      config: {
        nodeGroups: [
          { name: 'a', min: 1, max: 2, instanceTypes: ['4x16'] },
          { name: 'b', min: 0, max: 6, instanceTypes: ['8x64'] },
          { name: 'c', min: 0, max: 6, instanceTypes: ['8x64'] },
        ],
        'scale-down-unneeded-time': '4m',
        'scale-down-delay-after-add': '1m',
        'max-node-provision-time': '2m',
        'max-bulk-soft-taint-count': 0,
      },
      arrivals: [
        { at: 10_137, count: 5, cpu: 1700, memory: GIB },
        { at: 137, count: 10, cpu: 3000, memory: GIB, runs: 15 * MINUTE, spec: { priority: -20 } },
        { at: 500_137, count: 11, cpu: 900, memory: GIB, runs: 15 * MINUTE },
        { at: MINUTE, count: 3, cpu: 0, spec: ports },
      ],
      boot: 3 * MINUTE,
    };
    const whole = new Run(options).until(END);
    const saved = new Run(options).until(2501 * SECOND).simulation.snapshot();
    expect(Run.from(options, structuredClone(saved)).until(END).lines).toEqual(whole.lines);
  });

  it('a pod that ends while pods of lower priority are evicted is not evicted itself', () => {
    // Found by the property below.
    const options: WorldOptions = {
      config: {
        nodeGroups: [
          { name: 'a', min: 1, max: 2, instanceTypes: ['4x16'] },
          { name: 'b', min: 0, max: 6, instanceTypes: ['8x64'] },
          { name: 'c', min: 0, max: 6, instanceTypes: ['8x64'] },
        ],
        'scale-down-unneeded-time': '1m',
        'scale-down-delay-after-add': '1m',
        'max-bulk-soft-taint-count': 0,
        'max-node-provision-time': '2m',
        'drain-priority-config': ['0:20', '4:60'],
      },
      arrivals: [
        { at: 71_137, count: 7, cpu: 100, memory: 3 * GIB, runs: 15 * MINUTE, spec: { priority: 5 } },
        { at: 137, count: 12, cpu: 100, memory: 10 * GIB, runs: 15 * MINUTE },
        { at: 902_137, count: 8, cpu: 900, memory: 3 * GIB, runs: 20 * SECOND, spec: { priority: -20 } },
        { at: MINUTE, count: 3, cpu: 0, spec: ports },
      ],
      boot: 15 * SECOND,
    };
    expect(() => new Run(options).until(END)).not.toThrow();
  });

  it('a run saved at any time goes on as if it had not been', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 0, max: 65 * 60 }), (options, second) => {
        const whole = new Run(options).until(END);
        const saved = new Run(options).until(second * SECOND).simulation.snapshot();
        const resumed = Run.from(options, structuredClone(saved)).until(END);
        expect(resumed.lines).toEqual(whole.lines);
        expect(resumed.simulation.log.digest()).toBe(whole.simulation.log.digest());
        expect(stateOf(resumed)).toEqual(stateOf(whole));
      }),
      { numRuns: 120 },
    );
  });
});
