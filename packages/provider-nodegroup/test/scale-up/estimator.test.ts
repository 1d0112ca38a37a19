import { LABEL, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeOf, type PodsOfOwner, SnapshotBench } from '../snapshot-bench.ts';
import { MIB, podSpec } from '../world.ts';
import { plainEstimate } from './plain-estimator.ts';

/** The estimator's cases of the reference, section 5.10: node memory in MiB, pod memory in bytes; one old node in another zone. */
function estimate(
  [cpu, memory, slots]: readonly [number, number, number],
  owners: readonly PodsOfOwner[],
  maxNodes?: number,
): [nodes: number, pods: number] {
  const bench = new SnapshotBench();
  bench.node('old', nodeOf(100, 100 * MIB, 10, 'jupiter'));
  const { nodes, pods } = bench.estimate(nodeOf(cpu, memory * MIB, slots, 'mars'), bench.pending(owners), maxNodes);
  return [nodes, pods];
}

const spread = (topologyKey: string, maxSkew: number, minDomains?: number): Partial<PodSpec> => ({
  labels: { app: 'estimatee' },
  topologySpread: [
    {
      topologyKey,
      maxSkew,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'estimatee' } },
      ...(minDomains && { minDomains }),
    },
  ],
});

describe('the estimator', () => {
  it('packs by CPU and memory', () => {
    // Memory in one unit: two pods of 350m and 1,000 fill a node of 1,000m and 2,000.
    expect(estimate([1000, 2000, 10], [{ spec: podSpec(350, 1000 * MIB), count: 10 }])).toEqual([5, 10]);
  });

  it('packs by the number of pods', () => {
    expect(estimate([10_000, 20_000, 10], [{ spec: podSpec(10, 100), count: 20 }])).toEqual([2, 20]);
  });

  it('gives each pod with the same host port its own node', () => {
    const containers = [{ requests: { cpu: 200, memory: 1000 }, ports: [{ port: 5555, protocol: 'TCP' as const, ip: '' }] }];
    expect(estimate([1000, 5000, 10], [{ spec: podSpec(0, 0, { containers }), count: 8 }])).toEqual([8, 8]);
  });

  it('stops at the limit of nodes', () => {
    expect(estimate([1000, 5000, 10], [{ spec: podSpec(500, 1000), count: 20 }], 5)).toEqual([5, 10]);
  });

  it('places the largest pods first, and no others once the limit is reached and nothing is left', () => {
    const bench = new SnapshotBench();
    const pods = bench.pending([
      { spec: podSpec(50, 1000 * MIB), count: 10 },
      { spec: podSpec(500, 1000 * MIB), count: 10 },
    ]);
    const result = bench.estimate(nodeOf(1000, 5000 * MIB, 10, 'mars'), pods, 5);
    expect([result.nodes, result.pods, [...result.packed]]).toEqual([5, 10, [0, 10]]);
  });

  it('spreads over host names, going back to earlier nodes', () => {
    expect(estimate([1000, 5000, 10], [{ spec: podSpec(200, 200, spread(LABEL.hostname, 2)), count: 8 }])).toEqual([4, 8]);
  });

  it('spreads over zones only as far as the skew to the old zone allows', () => {
    expect(estimate([1000, 5000, 10], [{ spec: podSpec(20, 100, spread(LABEL.zone, 2)), count: 8 }])).toEqual([1, 2]);
  });

  it('opens as many nodes as domains are asked for', () => {
    expect(estimate([1000, 5000, 10], [{ spec: podSpec(20, 100, spread(LABEL.hostname, 1, 3)), count: 12 }])).toEqual([3, 12]);
  });

  it('estimates 51,000 pods of two kinds', () => {
    const owners = [
      { spec: podSpec(50, 100 * MIB), count: 50_000 },
      { spec: podSpec(95, 190 * MIB), count: 1000 },
    ];
    expect(estimate([1000, 5000, 100], owners, 3000)).toEqual([2595, 51_000]);
  });

  it('leaves the snapshot as it was', () => {
    const bench = new SnapshotBench();
    bench.node('old', nodeOf(100, 100 * MIB, 10, 'jupiter'));
    const pods = bench.pending([{ spec: podSpec(350, 1000), count: 10 }]);
    const first = bench.estimate(nodeOf(1000, 2000 * MIB, 10, 'mars'), pods);
    bench.snapshot.cursor = 0;
    expect(bench.estimate(nodeOf(1000, 2000 * MIB, 10, 'mars'), pods)).toEqual(first);
    expect(bench.view.nodeCount).toBe(1);
  });

  it('decides as the plain form does, step by step', () => {
    const owner = fc.record({
      cpu: fc.integer({ min: 0, max: 12 }),
      memory: fc.integer({ min: 0, max: 12 }),
      count: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.array(owner, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 4, max: 20 }),
        fc.integer({ min: 4, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 5 }),
        (owners, cpu, memory, slots, maxNodes, cursor) => {
          const bench = new SnapshotBench();
          bench.node('full', nodeOf(0, 0, 1, 'jupiter'));
          bench.node('also-full', nodeOf(0, 0, 1, 'jupiter'));
          const pods = bench.pending(owners.map((o) => ({ spec: podSpec(o.cpu, o.memory), count: o.count })));
          bench.snapshot.cursor = cursor;
          const fast = bench.estimate(nodeOf(cpu, memory, slots, 'mars'), pods, maxNodes);
          const plain = plainEstimate({ owners, node: { cpu, memory, slots }, maxNodes, realNodes: 2, cursor });
          expect([fast.nodes, fast.pods, [...fast.packed], bench.snapshot.cursor]).toEqual([
            plain.nodes,
            plain.pods,
            plain.packed,
            plain.cursor,
          ]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
