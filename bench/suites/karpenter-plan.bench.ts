import { schedule } from '@plimsoll/provider-fleet';
import { diversePods } from '../karpenter/diverse-pods.ts';
import type { Suite } from '../suite.ts';

/**
 * How long Karpenter 1.14.1 itself took for its own pods of the same mix, CPU seconds of one worker on a 2-core virtual machine
 * (`karpenter/bench-{1000,5000,10000}` of the recorded decisions). As here, topology and templates were ready beforehand there.
 */
const REAL_CPU_SECONDS: Readonly<Record<number, number>> = { 1000: 1.41, 5000: 9.44, 10000: 23.8 };

const planOf = (count: number): Suite => ({
  name: `karpenter-plan-${count}`,
  question: `one plan for ${count} diverse pods over 400 instance types (operations are pods); Karpenter itself took ${REAL_CPU_SECONDS[count]} s`,
  ratios: [],
  time: 2000,
  prepare() {
    const { fleet, pods } = diversePods(count);
    const plan = () => schedule(fleet, { pods, nodes: [], reserved: 'strict' });
    const { claims, failures } = plan();
    if (failures.size > 0) throw new Error(`${failures.size} pods have no place`);
    return {
      operations: count,
      facts: { claims: claims.length, realCpuSeconds: REAL_CPU_SECONDS[count] },
      tasks: { plan: () => void plan() },
    };
  },
});

export const karpenterPlans: readonly Suite[] = [planOf(1000), planOf(5000), planOf(10_000)];
