import { assertLaws, lawTables, seeded, useOf, workloadParts } from '@plimsoll/conformance';
import { viewOf, Workload, type WorkloadRow } from '@plimsoll/core';
import { measure, type RunSpec } from '@plimsoll/lab';
import fc from 'fast-check';
import { type LiveRun, offeringsOf, prepare, simulate } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { smallScenario } from './support/scenarios.ts';

/** Parts of pods that both providers model; spread and affinity between pods come with a later model. */
const workloads = workloadParts({
  parts: ['initContainers', 'podRequests', 'overhead', 'priority', 'nodeSelector', 'nodeAffinity', 'tolerations', 'hostPorts'],
});

const SCENARIOS = [
  smallScenario(),
  smallScenario({ scheduler: { tie: 'random' } }),
  smallScenario({
    cloud: {
      catalog: 'aws',
      zones: ['us-east-1a'],
      instanceTypes: ['m6i.large', 'c6i.xlarge'],
      limits: [{ instanceType: 'm6i.large', max: 2 }],
      shortages: [{ capacityType: 'on-demand', every: '10m', lasts: '5m' }],
    },
    autoscalers: {
      'node-groups': {
        use: 'cluster-autoscaler',
        config: { nodeGroups: [{ name: 'only', min: 0, max: 5, instanceTypes: ['m6i.large', 'c6i.xlarge'] }] },
      },
      karpenter: { use: 'karpenter', config: {} },
    },
  }),
];

const cases = fc.record({
  parts: workloads,
  scenario: fc.constantFrom(...SCENARIOS),
  autoscaler: fc.constantFrom('node-groups', 'karpenter'),
  seed: fc.nat(1000),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function specOf({ parts, scenario, autoscaler, seed }: Case): RunSpec {
  return { scenario, autoscaler, seed, workload: Workload.of(parts.templates, parts.rows).share() };
}

function ran(spec: RunSpec): LiveRun {
  const run = prepare(spec);
  run.simulation.run();
  return run;
}

describe('any run', () => {
  it('keeps the laws: one place for each pod, use the sum of pods and within allocatable, money node time times price', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const spec = specOf(drawn);
        const { simulation, result } = ran(spec);
        const { log } = result();
        const metrics = measure(result());
        assertLaws(log, lawTables(simulation.classes, offeringsOf(spec.scenario).offerings), {
          use: useOf(viewOf(simulation.cluster)),
          bill: {
            nanoDollars: BigInt(metrics.costNanoDollars),
            nodeMilliseconds: Math.round(metrics.nodeHours * 3_600_000),
            minimumBilled: 60_000,
          },
        });
      }),
      seeded({ numRuns: 120 }),
    );
  });

  it('has the same digest with quiet calls skipped and made', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const spec = specOf(drawn);
        expect(simulate({ ...spec, skipQuiet: false }).digest).toBe(simulate(spec).digest);
      }),
      seeded({ numRuns: 60 }),
    );
  });

  it('goes on to the same digest from a snapshot', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
        const spec = specOf(drawn);
        const reference = simulate(spec);
        const first = prepare(spec);
        first.simulation.runUntil(Math.floor(reference.span * share));
        const second = prepare(spec);
        second.simulation.restore(structuredClone(first.simulation.snapshot()));
        second.simulation.run();
        expect(second.result().digest).toBe(reference.digest);
      }),
      seeded({ numRuns: 60 }),
    );
  });

  it('differs in nothing but names when owners and autoscalers are renamed', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const spec = specOf(drawn);
        const rows = drawn.parts.rows.map((row): WorkloadRow => ({ ...row, name: `other name of ${row.name}` }));
        const { [drawn.autoscaler]: entry } = drawn.scenario.autoscalers;
        const renamed = {
          ...spec,
          workload: Workload.of(drawn.parts.templates, rows).share(),
          scenario: { ...drawn.scenario, autoscalers: { zebra: entry } },
          autoscaler: 'zebra',
        };
        expect(simulate(renamed).digest).toBe(simulate(spec).digest);
      }),
      seeded({ numRuns: 40 }),
    );
  });

  it('does not depend on the order of rows that arrive at different times, nor on the order of keys', () => {
    fc.assert(
      fc.property(cases, fc.infiniteStream(fc.nat()), (drawn, chance) => {
        const spec = specOf(drawn);
        // Shuffled by time alone: rows of one time keep their order, which is an input.
        const times = [...new Set(drawn.parts.rows.map(({ time }) => time))];
        const rank = new Map(times.map((time) => [time, chance.next().value as number]));
        const rows = [...drawn.parts.rows].sort((x, y) => (rank.get(x.time) ?? 0) - (rank.get(y.time) ?? 0));
        const templates = drawn.parts.templates.map(
          (template) => Object.fromEntries(Object.entries(template).reverse()) as typeof template,
        );
        expect(simulate({ ...spec, workload: Workload.of(templates, rows).share() }).digest).toBe(simulate(spec).digest);
      }),
      seeded({ numRuns: 40 }),
    );
  });
});
