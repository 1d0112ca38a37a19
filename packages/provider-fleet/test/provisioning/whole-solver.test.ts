import { LABEL, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/catalogue/bits.ts';
import type { Planner } from '../../src/planner.ts';
import { ORIGIN, type PlanInput } from '../../src/provisioning/solver.ts';
import { ANY_CATALOGUE, anyNodes, anyPlainPod, anyPools } from '../support/any-plan.ts';
import { offerings } from '../support/offerings.ts';
import { planning, wholeSolver } from '../support/planning.ts';
import { podSpec } from '../support/world.ts';

/** What a plan came to: claims with their pods and types, and where each pod went. */
function told({ catalogue }: Planner, { abandoned, claims, placements, planned }: Planner['solver']) {
  return {
    abandoned,
    claims: claims.map(({ pods, requirements, template, types }) => ({
      pool: template.nodePool.name,
      pods: [...pods],
      types: rowsOf(types).map((row) => catalogue.types[row].name),
      requirements: requirements.id,
    })),
    placements: [...placements.subarray(0, planned)],
  };
}

describe('the fast solver and the whole model', () => {
  it('plan the same for pods that say nothing about others', () => {
    fc.assert(
      fc.property(anyPools, anyNodes, fc.array(anyPlainPod, { maxLength: 60 }), (options, nodes, pods) => {
        const { planner } = planning(ANY_CATALOGUE, options, nodes, pods);
        const { pods: queue, origins } = planner.waiting;
        planner.provision();
        const whole = wholeSolver(planner);
        whole.plan({ pods: queue, origins, count: queue.length });
        expect(told(planner, whole)).toEqual(told(planner, planner.solver));
      }),
      { numRuns: 300 },
    );
  });

  it('agree on what a consolidation could do without a node', () => {
    fc.assert(
      fc.property(anyPools, anyNodes, fc.array(anyPlainPod, { maxLength: 8 }), (options, nodes, pods) => {
        const { planner } = planning(ANY_CATALOGUE, options, nodes, pods);
        const whole = wholeSolver(planner);
        for (let index = 0; index < planner.existing.count; index++) {
          const moved = planner.intake.sort(planner.intake.reschedulable(planner.existing.rows[index]));
          planner.without([index], moved, 1);
          const { pods: queue, origins } = planner.intake.merge(planner.waiting, {
            pods: moved,
            origins: moved.map(() => ORIGIN.moved),
          });
          const excluded = new Uint8Array(planner.existing.count);
          excluded[index] = 1;
          const input: PlanInput = { pods: queue, origins, count: queue.length, excluded, claimsMax: 1 };
          whole.plan(input);
          expect(whole.abandoned).toBe(planner.solver.abandoned);
          if (!whole.abandoned) expect(told(planner, whole)).toEqual(told(planner, planner.solver));
        }
      }),
      { numRuns: 200 },
    );
  });
});

const zones = offerings([{ name: 'x', cpu: 16_000, gib: 64, price: 100 }], ['a', 'b', 'c']);
const web = { app: 'web' };
const selector = { matchLabels: web };

/** Zones that each claim of a plan may be in. */
function zonesOf({ catalogue, solver }: Planner): string[] {
  return solver.claims.map(({ requirements }) =>
    catalogue.markets
      .filter((_, row) => (requirements.markets & (1 << row)) !== 0)
      .map(({ zone }) => zone)
      .join(),
  );
}

describe('a plan with topology', () => {
  it('spreads new machines over the zones, the first by name first', () => {
    const pod = podSpec(1000, 1, {
      labels: web,
      topologySpread: [{ topologyKey: LABEL.zone, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector }],
    });
    const { planner } = planning(zones, {}, [], Array<PodSpec>(5).fill(pod));
    planner.provision();
    expect(zonesOf(planner)).toEqual(['a', 'b', 'c']);
    expect(planner.solver.claims.map(({ pods }) => pods.length)).toEqual([2, 2, 1]);
  });

  it('counts what runs already, and gives up a soft spread where it cannot be had', () => {
    const spread = (whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'): PodSpec =>
      podSpec(1000, 1, {
        labels: web,
        nodeSelector: { [LABEL.zone]: 'a' },
        topologySpread: [
          {
            topologyKey: LABEL.zone,
            maxSkew: 1,
            whenUnsatisfiable,
            labelSelector: selector,
            nodeAffinityPolicy: 'Ignore',
            minDomains: 2,
          },
        ],
      });
    const runs = podSpec(1000, 1, { labels: web });
    const claims = (pod: PodSpec): number => {
      const { planner } = planning(zones, {}, [{ offering: 0, pods: Array<PodSpec>(16).fill(runs) }], [pod]);
      planner.provision();
      return planner.solver.claims.length;
    };
    expect(claims(spread('DoNotSchedule'))).toBe(0);
    expect(claims(spread('ScheduleAnyway'))).toBe(1);
  });

  it('puts pods that repel each other on machines of their own, also one that another repels', () => {
    const repels = podSpec(1000, 1, {
      labels: web,
      podAntiAffinity: { required: [{ topologyKey: LABEL.hostname, labelSelector: selector }] },
    });
    const { planner } = planning(
      zones,
      {},
      [{ offering: 0, pods: [repels] }],
      [repels, podSpec(500, 1, { labels: web }), podSpec(400, 1)],
    );
    planner.provision();
    expect(planner.solver.claims.map(({ pods }) => pods.length)).toEqual([1, 1]);
    // The pod without the label may join the node.
    expect([...planner.solver.placements.subarray(0, 3)]).toEqual([-2, -3, 0]);
  });

  it('brings pods together that want each other', () => {
    const near = podSpec(1000, 1, {
      labels: { app: 'cache' },
      podAffinity: { required: [{ topologyKey: LABEL.zone, labelSelector: selector }] },
    });
    const { planner } = planning(
      zones,
      {},
      [],
      [near, podSpec(15_000, 1, { labels: web, nodeSelector: { [LABEL.zone]: 'b' } }), near],
    );
    planner.provision();
    expect(new Set(zonesOf(planner))).toEqual(new Set(['b']));
  });

  it('does not consolidate a node whose pod has no other zone', () => {
    const pod = podSpec(1000, 1, {
      labels: web,
      podAntiAffinity: { required: [{ topologyKey: LABEL.zone, labelSelector: selector }] },
    });
    const nodes = [0, 1, 2].map((offering) => ({ offering, pods: [pod] }));
    const { planner } = planning(zones, {}, nodes, []);
    planner.without([0], planner.intake.reschedulable(planner.existing.rows[0]), 0);
    expect(planner.solver.abandoned).toBe(true);
    const { planner: other } = planning(
      zones,
      {},
      nodes.slice(0, 2).map((node) => ({ ...node, pods: [podSpec(1000, 1, { labels: web })] })),
      [],
    );
    other.without([0], other.intake.reschedulable(other.existing.rows[0]), 0);
    expect(other.solver.abandoned).toBe(false);
  });
});

describe('a plan where the fast solver does not know enough', () => {
  const ladder = offerings([
    { name: 's', cpu: 2000, gib: 4, price: 100 },
    { name: 'm', cpu: 4000, gib: 8, price: 190 },
    { name: 'l', cpu: 8000, gib: 16, price: 400 },
  ]);
  const typesOf = ({ catalogue, solver }: Planner): string[][] =>
    solver.claims.map(({ types }) => rowsOf(types).map((row) => catalogue.types[row].name));

  it('keeps room for daemons on new machines, and on nodes that do not have them yet', () => {
    const daemonSets = [{ namespace: 'kube-system', name: 'agent', spec: podSpec(1000, 1, { controller: 'DaemonSet' }) }];
    const pods = [podSpec(1500, 1)];
    const { planner } = planning(ladder, {}, [], pods, { daemonSets });
    planner.provision();
    expect(typesOf(planner)).toEqual([['m', 'l']]);
    const { planner: other } = planning(ladder, {}, [{ offering: 0 }], pods, { daemonSets });
    other.provision();
    expect(other.solver.placements[0]).toBe(-2);
    const agent = { offering: 0, pods: [podSpec(400, 1, { controller: 'DaemonSet' })] };
    const { planner: there } = planning(ladder, {}, [agent], [podSpec(1000, 1)], { daemonSets });
    there.provision();
    expect(there.solver.placements[0]).toBe(0);
  });

  it('lowers minValues to what can be had with BestEffort, and refuses with Strict', () => {
    const requirements = [{ key: LABEL.instanceType, operator: 'Exists', minValues: 3 }];
    const nodePools = [{ metadata: { name: 'varied' }, spec: { template: { spec: { requirements } } } }];
    const claims = (minValuesPolicy: string): string[][] => {
      const { planner } = planning(ladder, { nodePools, settings: { minValuesPolicy } }, [], [podSpec(3000, 1)]);
      planner.provision();
      return typesOf(planner);
    };
    expect(claims('Strict')).toEqual([]);
    expect(claims('BestEffort')).toEqual([['m', 'l']]);
  });

  it('does not plan for a pod that is about to take the place of others', () => {
    const { planner } = planning(ladder, {}, [], [podSpec(1000, 1), podSpec(500, 1)], {
      nominatedNode: (pod) => (pod === 0 ? 7 : -1),
    });
    expect(planner.waiting.pods).toEqual([1]);
  });
});
