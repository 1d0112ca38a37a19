import { describe, expect, it } from 'vitest';
import { UtilizationOf, type UtilizationRules } from '../../src/scale-down/utilization.ts';
import { nodeOf, SnapshotBench } from '../snapshot-bench.ts';
import { GIB, podSpec } from '../world.ts';

const COUNT_ALL: UtilizationRules = { ignoreDaemonSets: false, ignoreMirror: false, now: 0 };

/** A node of 4,000m, 16 GiB and so many GPUs, with one pod of 3,000m, 4 GiB and so many GPUs. */
function use(nodeGpus: number, podGpus: number, rules = COUNT_ALL): { value: number; gpu: boolean } {
  const bench = new SnapshotBench();
  const amounts = { cpu: 4000, memory: 16 * GIB, pods: 10, ...(nodeGpus > 0 && { 'nvidia.com/gpu': nodeGpus }) };
  const node = bench.node('n', nodeOf(4000, 16 * GIB, 10, 'z1', { capacity: amounts, allocatable: amounts }));
  const requests = { cpu: 3000, memory: 4 * GIB, ...(podGpus > 0 && { 'nvidia.com/gpu': podGpus }) };
  const [pod] = bench.pending([{ spec: podSpec(0, 0, { containers: [{ requests }] }), count: 1 }]);
  bench.cluster.bind(pod, node);
  const utilization = new UtilizationOf(bench.view, bench.facts, bench.snapshot, bench.rules);
  return bench.inLoop(() => {
    const { value, gpu } = utilization.of(bench.snapshot.slotOf(node), rules);
    return { value, gpu };
  });
}

describe('how much of a node is asked for', () => {
  it('is the larger share of CPU and memory on a node without GPUs', () => {
    expect(use(0, 0)).toEqual({ value: 0.75, gpu: false });
  });

  it('is the share of the GPUs alone on a node with GPUs, whatever of its CPU is taken', () => {
    expect(use(4, 1)).toEqual({ value: 0.25, gpu: true });
    expect(use(4, 0)).toEqual({ value: 0, gpu: true });
  });

  it('is the same where no pod is of the kind that is left out', () => {
    expect(use(4, 1, { ignoreDaemonSets: true, ignoreMirror: true, now: 0 })).toEqual({ value: 0.25, gpu: true });
  });
});
