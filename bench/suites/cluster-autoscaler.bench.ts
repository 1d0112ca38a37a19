import type { ClusterAutoscaler } from '@plimsoll/provider-nodegroup';
import { estimateAlone } from '@plimsoll/provider-nodegroup';
import { NOW, standing } from '../cluster-autoscaler/moment.ts';
import { crowdedMoment, diverseMoment, scaleUpMoment } from '../cluster-autoscaler/moments.ts';
import type { Suite } from '../suite.ts';

/**
 * How long Cluster Autoscaler 1.37 itself took for moments of the same sizes, CPU seconds on a 2-core virtual machine (`cluster-autoscaler/bench-*` of
 * the recorded decisions). As here, nothing is called over a network.
 */
const REAL_CPU_SECONDS = {
  'scale up 50,000': 5.6,
  'scale up 5,000': 0.32,
  estimate: 1.66,
  'scale down': 0.2,
  'scale down, all': 1.7,
};

const SCAN = 10_000;

const suite = (name: string, question: string, realCpuSeconds: number, prepare: () => Made): Suite => ({
  name: `cluster-autoscaler-${name}`,
  question: `${question}; Cluster Autoscaler itself took ${realCpuSeconds} s`,
  ratios: [],
  time: 2000,
  prepare() {
    const { run, result } = prepare();
    return { operations: 1, facts: { result, realCpuSeconds }, tasks: { 'one decision': () => void run() } };
  },
});

/** A decision to repeat, and what it came to. */
interface Made {
  readonly run: () => unknown;
  readonly result: number;
}

/** The first loop of an autoscaler that has just started, over and over. */
function firstLoop(
  moment: Parameters<typeof standing>[0],
  flags: Readonly<Record<string, unknown>>,
  read: (autoscaler: ClusterAutoscaler) => number,
): Made {
  const { begin } = standing(moment);
  const run = () => {
    const autoscaler = begin(flags);
    autoscaler.runLoop(NOW);
    return autoscaler;
  };
  return { run, result: read(run()) };
}

const grown = ({ status }: ClusterAutoscaler): number => [...status.increases.values()].reduce((sum, n) => sum + n, 0);
const unneeded = ({ unneededSince }: ClusterAutoscaler): number => unneededSince.size;

/** A loop over nodes that are all in use, nothing having changed since the last one. */
const idle: Suite = {
  name: 'cluster-autoscaler-idle',
  question: 'one loop over 1,000 nodes of which none changed',
  ratios: [],
  time: 2000,
  prepare() {
    const { begin } = standing(crowdedMoment(450));
    const autoscaler = begin();
    let now = NOW;
    const run = () => autoscaler.runLoop((now += SCAN));
    for (let i = 0; i < 3; i++) if (run().length > 0) throw new Error('something was decided');
    return { operations: 1, facts: { nodes: 1000 }, tasks: { 'one loop': run } };
  },
};

export const clusterAutoscalerLoops: readonly Suite[] = [
  suite('scale-up-5000', 'one loop with 5,000 pods that wait', REAL_CPU_SECONDS['scale up 5,000'], () =>
    firstLoop(scaleUpMoment(5000), {}, grown),
  ),
  suite('scale-up-50000', 'one loop with 50,000 pods that wait', REAL_CPU_SECONDS['scale up 50,000'], () =>
    firstLoop(scaleUpMoment(50_000), {}, grown),
  ),
  suite('estimate', 'how many nodes 5,000 diverse pods need', REAL_CPU_SECONDS.estimate, () => {
    const { context, template } = standing(diverseMoment(5000));
    const { view } = context;
    const pods = Int32Array.from({ length: view.pendingCount }, (_, i) => i);
    const nodeClass = view.classes.node(template).id;
    const flags = { 'max-nodes-per-scaleup': pods.length };
    const run = () => estimateAlone(context, { flags, nodeClass, used: [], groupRoom: pods.length, pods });
    return { run, result: run().nodes };
  }),
  suite('scale-down', 'one loop over 1,000 nodes little used', REAL_CPU_SECONDS['scale down'], () =>
    firstLoop(crowdedMoment(100), {}, unneeded),
  ),
  suite('scale-down-all', 'the same, no limit on how many may go at once', REAL_CPU_SECONDS['scale down, all'], () =>
    firstLoop(crowdedMoment(100), { 'max-scale-down-parallelism': 1000 }, unneeded),
  ),
  idle,
];
