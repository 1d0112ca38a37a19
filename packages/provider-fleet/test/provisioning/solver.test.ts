import { LABEL, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/catalogue/bits.ts';
import { candidates } from '../../src/disruption/candidates.ts';
import { consolidate } from '../../src/disruption/consolidation.ts';
import type { Planner } from '../../src/planner.ts';
import { ORIGIN } from '../../src/provisioning/solver.ts';
import { ANY_CATALOGUE, anyNodes, anyPlainPod, anyPools } from '../support/any-plan.ts';
import { offerings } from '../support/offerings.ts';
import { planning, wholeSolver } from '../support/planning.ts';
import { podSpec } from '../support/world.ts';

/** Pods by claim, and the types that each claim could be. */
function claimsOf({ solver, catalogue }: Planner) {
  return solver.claims.map((claim) => ({
    pods: claim.pods,
    types: rowsOf(claim.types).map((type) => catalogue.types[type].name),
  }));
}

const ladder = offerings([
  { name: 's', cpu: 2000, gib: 4, price: 100 },
  { name: 'm', cpu: 4000, gib: 8, price: 190 },
  { name: 'l', cpu: 8000, gib: 16, price: 400 },
]);

describe('a plan', () => {
  it('gives a small pod every type that holds it', () => {
    const { planner } = planning(ladder, {}, [], [podSpec(3000, 2)]);
    planner.provision();
    expect(claimsOf(planner)).toEqual([{ pods: [0], types: ['m', 'l'] }]);
  });

  it('lets a claim grow towards large types before it opens another', () => {
    const { planner } = planning(
      ladder,
      {},
      [],
      Array.from({ length: 9 }, () => podSpec(1000, 1)),
    );
    planner.provision();
    expect(claimsOf(planner)).toEqual([
      { pods: [0, 1, 2, 3, 4, 5, 6, 7], types: ['l'] },
      { pods: [8], types: ['s', 'm', 'l'] },
    ]);
  });

  it('packs 40 pods of 1.8 GB onto 20 nodes of 4 GiB, and small ones beside them', () => {
    const four = offerings([{ name: 'default', cpu: 4000, gib: 4, price: 1 }]);
    const large = podSpec(10, 1.8e9 / 2 ** 30);
    const small = podSpec(10, 0.4e9 / 2 ** 30);
    const bytes = (spec: PodSpec): PodSpec => ({
      ...spec,
      containers: [{ requests: { cpu: 10, memory: Math.round(spec.containers[0].requests.memory) } }],
    });
    const { planner } = planning(four, {}, [], [...Array(40).fill(bytes(large)), ...Array(20).fill(bytes(small))]);
    planner.provision();
    expect(planner.solver.claims).toHaveLength(20);
    expect(planner.solver.claims.map((claim) => claim.pods.length)).toEqual(Array(20).fill(3));
  });

  it('spreads over claims by number of pods, fewest first; equal ones keep the order that they had', () => {
    const big = offerings([{ name: 'x', cpu: 10_000, gib: 64, price: 1 }]);
    const { planner } = planning(
      big,
      {},
      [],
      [podSpec(8000, 1), podSpec(7000, 1), podSpec(1000, 1), podSpec(1000, 1), podSpec(500, 1)],
    );
    planner.provision();
    expect(claimsOf(planner).map(({ pods }) => pods)).toEqual([
      [0, 2],
      [1, 3, 4],
    ]);
  });

  it('fills initialized nodes before those that are still starting', () => {
    const { planner, cluster } = planning(ladder, {}, [{ offering: 2, ready: false }, { offering: 2 }], [podSpec(1000, 1)]);
    planner.provision();
    expect(planner.destinations().map((index) => cluster.nodeNames[planner.existing.rows[index]])).toEqual(['default-001']);
  });

  it('plans on a machine that runs before its node is there', () => {
    const { planner } = planning(ladder, {}, [{ offering: 2, ready: false }], [podSpec(3000, 1), podSpec(2000, 1)]);
    planner.provision();
    expect([...planner.solver.placements.subarray(0, 2)]).toEqual([0, -2]);
  });

  it('does not open a claim beyond a limit, and counts the largest type that it could become', () => {
    const options = { nodePools: [{ metadata: { name: 'p' }, spec: { limits: { cpu: '9' } } }] };
    const { planner } = planning(ladder, options, [], [podSpec(8000, 1), podSpec(2000, 1)]);
    planner.provision();
    expect(claimsOf(planner)).toEqual([{ pods: [0], types: ['l'] }]);
    expect(planner.solver.placements[1]).toBe(-1);
  });

  it('tries the heavier pool first, and of equal weights the name that comes last', () => {
    const pool = (name: string, weight: number) => ({ metadata: { name }, spec: { weight } });
    const opened = (pools: unknown[]): string => {
      const { planner } = planning(ladder, { nodePools: pools }, [], [podSpec(1000, 1)]);
      planner.provision();
      return planner.solver.claims[0].template.nodePool.name;
    };
    expect(opened([pool('a', 5), pool('b', 1)])).toBe('a');
    expect(opened([pool('a', 1), pool('b', 1)])).toBe('b');
  });

  it('upholds a preference while it can be met, and drops it when not', () => {
    const prefer = (zone: string): PodSpec =>
      podSpec(1000, 1, {
        nodeAffinity: {
          preferred: [{ weight: 1, preference: { matchExpressions: [{ key: LABEL.zone, operator: 'In', values: [zone] }] } }],
        },
      });
    const zones = (spec: PodSpec): number => {
      const { planner } = planning(ladder, {}, [], [spec]);
      planner.provision();
      return planner.solver.claims[0].requirements.markets.toString(2).replaceAll('0', '').length;
    };
    expect(zones(prefer('a'))).toBe(1);
    expect(zones(prefer('elsewhere'))).toBe(2);
  });

  it('serves a user label only where a NodePool defines it', () => {
    const wants = podSpec(1000, 1, { nodeSelector: { team: 'red' } });
    const pool = (labels: unknown) => ({
      nodePools: [{ metadata: { name: 'p' }, spec: { template: { metadata: { labels } } } }],
    });
    for (const [labels, claims] of [
      [{ team: 'red' }, 1],
      [{ team: 'blue' }, 0],
      [{}, 0],
    ] as const) {
      const { planner } = planning(ladder, pool(labels), [], [wants]);
      planner.provision();
      expect(planner.solver.claims).toHaveLength(claims);
    }
  });

  it('lets a pod join a claim to which another brought its label, as the real program does', () => {
    const wants = podSpec(1000, 1, { nodeSelector: { team: 'red' } });
    const brings = podSpec(500, 1, {
      nodeAffinity: { required: [{ matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['blue'] }] }] },
    });
    const { planner } = planning(ladder, {}, [], [wants, brings]);
    planner.provision();
    expect(claimsOf(planner).map(({ pods }) => pods)).toEqual([[1, 0]]);
  });
});

describe('the fast solver', () => {
  it('keeps more than twelve claims in the order of the real sort', () => {
    const one = offerings([{ name: 'x', cpu: 4000, gib: 64, price: 1, pods: 9 }]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(100, 700, 1300, 2100, 3000), { minLength: 60, maxLength: 160 }), (cpus) => {
        const { planner } = planning(
          one,
          {},
          [],
          cpus.map((cpu) => podSpec(cpu, 1)),
        );
        planner.provision();
        const whole = wholeSolver(planner);
        const { pods, origins } = planner.waiting;
        whole.plan({ pods, origins, count: pods.length });
        expect(planner.solver.claims.map((claim) => claim.pods)).toEqual(whole.claims.map((claim) => claim.pods));
      }),
      { numRuns: 40 },
    );
  });

  it('judges every node of a cluster as the whole model does, however often it has planned before', () => {
    fc.assert(
      fc.property(anyPools, anyNodes, fc.array(anyPlainPod, { maxLength: 10 }), (options, nodes, pods) => {
        const { planner } = planning(ANY_CATALOGUE, options, nodes, pods);
        const whole = wholeSolver(planner);
        for (const candidate of candidates(planner, 0).list) {
          const { pods: queue, origins } = planner.intake.merge(planner.waiting, {
            pods: candidate.pods,
            origins: candidate.pods.map(() => ORIGIN.moved),
          });
          const excluded = new Uint8Array(planner.existing.count);
          excluded[candidate.index] = 1;
          whole.plan({ pods: queue, origins, count: queue.length, excluded, claimsMax: 1 });
          const possible = !whole.abandoned;
          const { claims } = whole;
          const verdict = consolidate(planner, [candidate]);
          if (!possible) expect(verdict).toBeUndefined();
          else if (claims.length === 0) expect(verdict?.replacement).toBeUndefined();
          if (possible && claims.length === 0) expect(verdict).toBeDefined();
          if (verdict?.replacement !== undefined) {
            const cheapest = Math.min(
              ...ANY_CATALOGUE.offerings.filter((o) => verdict.replacement!.types.includes(o.type)).map((o) => o.price),
            );
            expect(cheapest / 1e9).toBeLessThan(candidate.price);
            for (const type of verdict.replacement.types) expect(rowsOf(claims[0].types)).toContain(type);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
