import type { Answerer } from '../parity/answerer.ts';
import { comparing } from '../parity/difference.ts';
import { answerAutoscaling, sameEvents, sameQuantity } from './autoscaling.ts';
import { answerBudgets } from './budgets.ts';
import { answerReplicaSet } from './replicaset.ts';

/** The controllers of Kubernetes, as `pnpm parity` asks them. */
export const controllersAnswerer: Answerer = {
  oracle: 'kube-controller-manager',
  answer: ({ input, kind }) => answerControllers(input, kind as string),
  compare: comparing({
    deleted: 'set',
    'synced.*.disruptedPods': 'set',
    'after.*.disruptedPods': 'set',
    'evictions[].synced.*.disruptedPods': 'set',
    'steps[].status.conditions.*.message': 'ignored',
    'steps[].status.currentMetrics[].resource.current.averageValue': sameQuantity,
    'steps[].status.currentMetrics[].containerResource.current.averageValue': sameQuantity,
    'steps[].events': sameEvents,
    // The text is informative, that there is one is not.
    'steps[].error': (expected, got) => typeof expected === typeof got,
  }),
};

function answerControllers(input: unknown, kind: string): unknown {
  switch (kind) {
    case 'hpa':
      return answerAutoscaling(input);
    case 'replicaset':
      return answerReplicaSet(input);
    case 'pdb':
      return answerBudgets(input);
    default:
      throw new Error(`cases of kind ${kind} are not modelled`);
  }
}
