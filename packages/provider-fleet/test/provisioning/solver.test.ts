import { LABEL, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/catalogue/bits.ts';
import { candidates } from '../../src/disruption/candidates.ts';
import { consolidate } from '../../src/disruption/consolidation.ts';
import type { Planner } from '../../src/planner.ts';
import { ORIGIN } from '../../src/provisioning/solver.ts';
import { plainPlan } from '../reference/plain-solver.ts';
import { offerings } from '../support/offerings.ts';
import { type PlannedNode, planning } from '../support/planning.ts';
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

// ---- the fast plan is the plain plan ---------------------------------------------------------------------------------------

const catalogue = offerings(
  [
    { name: 'c1', cpu: 2000, gib: 2, price: 80, spot: { a: 30, b: 60 } },
    { name: 'c2', cpu: 4000, gib: 4, price: 160, spot: { a: 90 } },
    { name: 'm1', cpu: 2000, gib: 8, price: 100, labels: { size: 'one' } },
    { name: 'm2', cpu: 4000, gib: 16, price: 200, spot: { b: 50 } },
    { name: 'm4', cpu: 8000, gib: 32, price: 390, pods: 6 },
    { name: 'r8', cpu: 8000, gib: 64, price: 500, labels: { size: 'eight' } },
    { name: 'arm', cpu: 8000, gib: 32, price: 300, labels: { [LABEL.arch]: 'arm64' } },
  ],
  ['a', 'b'],
);

const anyPod: fc.Arbitrary<PodSpec> = fc
  .record({
    cpu: fc.constantFrom(100, 500, 900, 1500, 2500, 4000, 9000),
    gib: fc.constantFrom(1, 2, 3, 7, 20),
    selector: fc.constantFrom<Record<string, string>>(
      {},
      {},
      {},
      { [LABEL.zone]: 'a' },
      { [LABEL.arch]: 'arm64' },
      { team: 'red' },
      { [LABEL.capacityType]: 'spot' },
    ),
    excludes: fc.constantFrom<string | undefined>(undefined, undefined, 'blue'),
    prefers: fc.constantFrom<string | undefined>(undefined, undefined, 'b', 'nowhere'),
    tolerates: fc.boolean(),
  })
  .map(({ cpu, gib, selector, excludes, prefers, tolerates }) =>
    podSpec(cpu, gib, {
      nodeSelector: selector,
      ...(tolerates && { tolerations: [{ key: 'own', operator: 'Exists' as const }] }),
      nodeAffinity: {
        ...(excludes && { required: [{ matchExpressions: [{ key: 'team', operator: 'NotIn' as const, values: [excludes] }] }] }),
        ...(prefers && {
          preferred: [
            { weight: 3, preference: { matchExpressions: [{ key: LABEL.zone, operator: 'In' as const, values: [prefers] }] } },
          ],
        }),
      },
    }),
  );

const anyPools = fc.constantFrom(
  {},
  {
    nodePools: [
      { metadata: { name: 'any' }, spec: { template: { spec: { requirements: [{ key: 'team', operator: 'Exists' }] } } } },
    ],
  },
  {
    nodePools: [
      {
        metadata: { name: 'own' },
        spec: { weight: 9, limits: { cpu: '20' }, template: { spec: { taints: [{ key: 'own', effect: 'NoSchedule' }] } } },
      },
      { metadata: { name: 'soft' }, spec: { template: { spec: { taints: [{ key: 'soft', effect: 'PreferNoSchedule' }] } } } },
    ],
  },
);

const anyNodes = fc.array(
  fc.record({ offering: fc.nat(catalogue.offerings.length - 1), ready: fc.boolean(), pods: fc.array(anyPod, { maxLength: 5 }) }),
  { maxLength: 8 },
) as fc.Arbitrary<PlannedNode[]>;

describe('the fast solver', () => {
  it('plans exactly what the plain one plans', () => {
    fc.assert(
      fc.property(anyPools, anyNodes, fc.array(anyPod, { maxLength: 60 }), (options, nodes, pods) => {
        const { planner } = planning(catalogue, options, nodes, pods);
        planner.provision();
        const plain = plainPlan(planner, planner.waiting.pods);
        expect(claimsOf(planner)).toEqual(
          plain.claims.map((claim) => ({ pods: claim.pods, types: claim.types.map((type) => catalogue.types[type].name) })),
        );
        const failed = planner.waiting.pods.filter((_, i) => planner.solver.placements[i] === -1).sort((a, b) => a - b);
        expect(failed).toEqual(plain.failed);
        const existing = new Map<number, number[]>();
        planner.waiting.pods.forEach((pod, i) => {
          const index = planner.solver.placements[i];
          if (index < 0) return;
          const node = planner.existing.rows[index];
          existing.set(node, [...(existing.get(node) ?? []), pod]);
        });
        const sorted = (map: ReadonlyMap<number, number[]>) =>
          [...map].map(([node, list]) => [node, [...list].sort((a, b) => a - b)]).sort();
        expect(sorted(existing)).toEqual(sorted(plain.existing));
      }),
      { numRuns: 300 },
    );
  });

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
        const plain = plainPlan(planner, planner.waiting.pods);
        expect(planner.solver.claims.map((claim) => claim.pods)).toEqual(plain.claims.map((claim) => claim.pods));
      }),
      { numRuns: 40 },
    );
  });

  it('judges every node of a cluster as the plain one does, however often it has planned before', () => {
    fc.assert(
      fc.property(anyPools, anyNodes, fc.array(anyPod, { maxLength: 10 }), (options, nodes, pods) => {
        const { planner } = planning(catalogue, options, nodes, pods);
        for (const candidate of candidates(planner, 0).list) {
          const { pods: queue, origins } = planner.intake.merge(planner.waiting, {
            pods: candidate.pods,
            origins: candidate.pods.map(() => ORIGIN.moved),
          });
          const plain = plainPlan(planner, queue, [candidate.node]);
          const moved = new Set(queue.filter((_, i) => origins[i] === ORIGIN.moved));
          const starting = [...plain.existing].some(
            ([node, list]) => planner.view.nodes.state[node] !== 4 && list.some((pod) => moved.has(pod)),
          );
          const possible = plain.claims.length <= 1 && !starting && plain.failed.every((pod) => !moved.has(pod));
          const verdict = consolidate(planner, [candidate]);
          if (!possible) expect(verdict).toBeUndefined();
          else if (plain.claims.length === 0) expect(verdict?.replacement).toBeUndefined();
          if (possible && plain.claims.length === 0) expect(verdict).toBeDefined();
          if (verdict?.replacement !== undefined) {
            const cheapest = Math.min(
              ...catalogue.offerings.filter((o) => verdict.replacement!.types.includes(o.type)).map((o) => o.price),
            );
            expect(cheapest / 1e9).toBeLessThan(candidate.price);
            for (const type of verdict.replacement.types) expect(plain.claims[0].types).toContain(type);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
