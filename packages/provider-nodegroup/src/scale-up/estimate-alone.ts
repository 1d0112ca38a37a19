import type { ProviderContext } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';
import { defaultFlags } from '../options/options.ts';
import { PodFacts } from '../pods/pod-facts.ts';
import { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import { EquivalenceGroups } from './equivalence-groups.ts';
import { Estimator } from './estimator.ts';
import { nodeLimit } from './limits.ts';

/** What {@link estimateAlone} is asked. */
export interface EstimateQuestion {
  /** Flags in place of the defaults. */
  readonly flags?: Partial<Flags>;
  /** What a new node is: its class, and what the pods of every new node use, by resource. */
  readonly nodeClass: number;
  readonly used: readonly number[];
  /** Nodes that the group, and those similar to it, may still get. */
  readonly groupRoom: number;
  /** Rows of the pending pods, in the order in which they are listed. */
  readonly pods: Int32Array;
}

/** What the estimator alone came to. */
export interface EstimateAnswer {
  /** Nodes that would receive a pod. */
  readonly nodes: number;
  /** Rows of the pods that would find a place. */
  readonly packed: readonly number[];
  /** How many kinds of pods were told apart. */
  readonly groups: number;
}

/** Asks the estimator alone how many nodes pods need, on the cluster as it is. Whether a pod fits on a new node at all is not asked before. */
export function estimateAlone(
  { view, scheduling }: Pick<ProviderContext, 'view' | 'scheduling'>,
  question: EstimateQuestion,
): EstimateAnswer {
  const flags = { ...defaultFlags(), ...question.flags };
  const facts = new PodFacts(view.classes, flags);
  facts.update();
  const snapshot = new ClusterSnapshot(view, scheduling, facts);
  const pods = new EquivalenceGroups(view, facts);
  pods.build(question.pods, question.pods.length);
  return view.speculate((whatIf) => {
    snapshot.begin(facts.anyConstrained ? whatIf : undefined);
    for (let node = view.firstNode; node >= 0; node = view.nodes.next[node]) snapshot.addReal(node);
    const { nodes, packed } = new Estimator(view, facts, snapshot).estimate({
      template: { nodeClass: question.nodeClass, used: question.used, real: false },
      group: 0,
      pods,
      schedulable: Array.from({ length: pods.count }, (_, p) => p),
      maxNodes: nodeLimit({
        maxPerScaleUp: flags['max-nodes-per-scaleup'],
        groupRoom: question.groupRoom,
        maxNodesTotal: flags['max-nodes-total'],
        currentNodes: snapshot.count,
      }),
      fastPath: flags['fastpath-binpacking-enabled'],
    });
    const found: number[] = [];
    packed.forEach((count, p) => {
      for (let i = 0; i < count; i++) found.push(pods.pods[pods.start[p] + i]);
    });
    return { nodes, packed: found, groups: pods.count };
  });
}
