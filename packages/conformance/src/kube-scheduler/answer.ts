import type { Answerer } from '../parity/answerer.ts';
import { answerCycle } from './cycle.ts';
import { answerNodeOrder } from './node-order.ts';
import { answerSequence } from './sequence.ts';

/** kube-scheduler's plain cycle and queue, as `pnpm parity` asks them. */
export const kubeSchedulerAnswerer: Answerer = {
  oracle: 'kube-scheduler',
  kinds: ['cycle', 'sequence', 'sampling', 'nodeorder'],
  answer: ({ input, kind }) => answerKubeScheduler(input, kind as string),
};

/** Answers a golden case of kube-scheduler by its kind. */
export function answerKubeScheduler(input: unknown, kind: string): unknown {
  switch (kind) {
    case 'cycle':
      return answerCycle(input);
    case 'sequence':
    case 'sampling':
      return answerSequence(input, kind);
    case 'nodeorder':
      return answerNodeOrder(input);
    default:
      throw new Error(`cases of kind ${kind} are not modelled`);
  }
}
