import { type BudgetFact, LABEL, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disruptionsLeft } from '../../src/disruption/budgets.ts';
import { type Candidate, candidates, driftedCandidates, isEmpty } from '../../src/disruption/candidates.ts';
import { drift } from '../../src/disruption/drift.ts';
import { multiNode } from '../../src/disruption/multi-node.ts';
import { type DisruptionMethod, runMethod } from '../../src/disruption/plain/methods.ts';
import { interleave, withinBudgets } from '../../src/disruption/search.ts';
import { singleNode } from '../../src/disruption/single-node.ts';
import type { Purchase } from '../../src/launch/launcher.ts';
import type { Planner } from '../../src/planner.ts';
import type { BudgetObject, Condition } from '../../src/state/objects.ts';
import { ANY_CATALOGUE, anyPlainPod } from '../support/any-plan.ts';
import { plainWorld } from '../support/plain-world.ts';
import { type PlannedNode, planning } from '../support/planning.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const DISRUPT = 'karpenter.sh/do-not-disrupt';

/** Pods with all that disruption asks about. */
const anyPod: fc.Arbitrary<PodSpec> = fc
  .record({
    spec: anyPlainPod,
    controller: fc.constantFrom('ReplicaSet', 'ReplicaSet', 'ReplicaSet', 'StatefulSet', 'DaemonSet'),
    priority: fc.constantFrom(0, 0, 1000, 100_000_000),
    annotations: fc.constantFrom<Record<string, string>>({}, {}, {}, {}, { [COST]: '-134217728' }, { [DISRUPT]: 'true' }),
    app: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ annotations, app, controller, priority, spec }) => ({
    ...spec,
    annotations,
    controller,
    labels: { app },
    ...(priority > 0 && { priority }),
  }));

const anyNodes = fc.array(
  fc.record({
    offering: fc.nat(ANY_CATALOGUE.offerings.length - 1),
    ready: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    pool: fc.nat(1),
    pods: fc.array(anyPod, { maxLength: 4 }),
  }),
  { minLength: 2, maxLength: 12 },
) as fc.Arbitrary<PlannedNode[]>;

const anyPool = (name: string) =>
  fc
    .record({
      policy: fc.constantFrom('WhenEmptyOrUnderutilized', 'WhenEmptyOrUnderutilized', 'Balanced', 'WhenEmpty'),
      budgets: fc.constantFrom([{ nodes: '100%' }], [{ nodes: '50%' }], [{ nodes: '2' }, { nodes: '0', reasons: ['Empty'] }]),
      capacityTypes: fc.constantFrom(['on-demand'], ['spot'], ['on-demand', 'spot']),
      minValues: fc.constantFrom(undefined, undefined, 2),
      consolidateAfter: fc.constantFrom('0s', '0s', '30s', '2m', 'Never'),
      limits: fc.constantFrom(undefined, undefined, { cpu: '20' }),
    })
    .map(({ budgets, capacityTypes, consolidateAfter, limits, minValues, policy }) => ({
      metadata: { name },
      spec: {
        disruption: { budgets, consolidationPolicy: policy, consolidateAfter },
        ...(limits && { limits }),
        template: {
          spec: {
            requirements: [
              { key: LABEL.capacityType, operator: 'In', values: capacityTypes },
              ...(minValues === undefined ? [] : [{ key: LABEL.instanceType, operator: 'Exists', minValues }]),
            ],
          },
        },
      },
    }));

const anyOptions = fc.record({
  nodePools: fc.tuple(anyPool('p'), anyPool('q')),
  featureGates: fc.record({ SpotToSpotConsolidation: fc.boolean() }),
  rollouts: fc.constant([{ at: '1s' }]),
});

const anyBudgets = fc.array(
  fc.record({ app: fc.constantFrom('a', 'b', 'c'), allowed: fc.constantFrom(0, 1, 5), never: fc.boolean() }),
  { maxLength: 2 },
);

/** A decision by names: the nodes that go, and the types that each new machine may be. */
interface Decided {
  readonly gone: readonly string[];
  readonly types: readonly (readonly string[])[];
}

function live(planner: Planner, method: DisruptionMethod): { list: readonly string[]; decided: Decided | undefined } {
  const { nodePools } = planner.options;
  const { balanced, list } = candidates(planner, planner.view.now);
  const reason = { Emptiness: 'Empty', Drift: 'Drifted', MultiNodeConsolidation: 'Underutilized' } as const;
  const left = disruptionsLeft(nodePools, reason[method as keyof typeof reason] ?? 'Underutilized', planner.fleet, 0);
  const names = (chosen: readonly Candidate[]) => chosen.map(({ node }) => planner.view.nodeNames[node]);
  const decided = (chosen: readonly Candidate[] | undefined, purchases: readonly (Purchase | undefined)[]) =>
    chosen === undefined || chosen.length === 0
      ? undefined
      : {
          gone: names(chosen),
          types: purchases.flatMap((purchase) => [purchase?.types.map((type) => ANY_CATALOGUE.types[type].name) ?? []]),
        };
  const underused = list.filter(
    (c) => !isEmpty(c, planner.rules) && c.priceable && nodePools[c.pool].consolidationPolicy !== 'WhenEmpty',
  );
  switch (method) {
    case 'Emptiness': {
      const empty = list.filter((c) => isEmpty(c, planner.rules));
      const { taken } = withinBudgets(empty, left);
      return {
        list: names(empty),
        decided: decided(
          [...taken].sort((a, b) => a.index - b.index),
          [],
        ),
      };
    }
    case 'Drift': {
      const since = (node: number) => planner.rollouts.driftedSince(node, planner.view.now);
      const drifted = driftedCandidates(planner, since, planner.view.now);
      const found = drift(planner, drifted, since, left);
      return { list: names(drifted), decided: found && decided([found.candidate], found.replacements) };
    }
    case 'MultiNodeConsolidation': {
      const found = multiNode(planner, withinBudgets(underused, left).taken, balanced);
      return {
        list: names(underused),
        decided: found && decided(found.candidates, found.replacement ? [found.replacement] : []),
      };
    }
    case 'SingleNodeConsolidation': {
      const order = interleave(underused, nodePools);
      const { found } = singleNode(planner, order, left, balanced);
      return { list: names(order), decided: found && decided(found.candidates, found.replacement ? [found.replacement] : []) };
    }
  }
}

function plain(planner: Planner, method: DisruptionMethod, budgets: readonly BudgetObject[]) {
  const world = plainWorld(planner, budgets);
  if (method === 'Drift') {
    for (const { nodeClaim } of world.fleet.state.nodes) {
      const conditions = (nodeClaim?.conditions ?? []) as Condition[];
      conditions.push({ type: 'Drifted', status: 'True', reason: '', changedAt: 0 });
    }
  }
  const { candidates: list, command } = runMethod(method, world, () => world);
  const decided: Decided | undefined = command && {
    gone: command.candidates.map(({ name }) => name),
    types: command.replacements.map(({ types }) => types.map(({ name }) => name)),
  };
  return { list: list.map(({ name }) => name), decided };
}

describe('disruption in live runs', () => {
  it.each(['Emptiness', 'Drift', 'MultiNodeConsolidation', 'SingleNodeConsolidation'] as const)(
    'decides as the model that recorded decisions judge: %s',
    (method) => {
      fc.assert(
        fc.property(anyOptions, anyNodes, fc.array(anyPod, { maxLength: 3 }), anyBudgets, (options, nodes, pending, drawn) => {
          const facts: BudgetFact[] = drawn.map(({ allowed, app, never }) => ({
            namespace: 'default',
            selector: { matchLabels: { app } },
            disruptionsAllowed: allowed,
            blocksAlways: never,
          }));
          const budgets = drawn.map(
            ({ allowed, app, never }, i): BudgetObject => ({
              name: `b${i}`,
              namespace: 'default',
              selector: { matchLabels: { app } },
              disruptionsAllowed: allowed,
              maxUnavailable: never ? 0 : 1,
              alwaysEvictsUnhealthy: false,
            }),
          );
          const { cluster, planner } = planning(ANY_CATALOGUE, options, nodes, pending, { budgets: () => facts });
          cluster.setNow(60_000);
          planner.capture(60_000);
          const got = live(planner, method);
          const expected = plain(planner, method, budgets);
          expect(got).toEqual(expected);
        }),
        { seed: 11, numRuns: 100 },
      );
    },
  );
});
