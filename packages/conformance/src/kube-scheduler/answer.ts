import type { Answerer } from '../parity/answerer.ts';
import { answerCycle } from './cycle.ts';
import { answerNodeOrder } from './node-order.ts';
import { answerQueue } from './queue.ts';
import { answerSequence } from './sequence.ts';

/** kube-scheduler's plain cycle and queue, as `pnpm parity` asks them. */
export const kubeSchedulerAnswerer: Answerer = {
  oracle: 'kube-scheduler',
  kinds: ['cycle', 'sequence', 'sampling', 'nodeorder', 'queue'],
  answer: ({ input, kind, expect }) => answerKubeScheduler(input, kind as string, expect),
};

/** Answers a golden case of kube-scheduler by its kind. `expect` is needed where the recorded choice among equals is to be followed. */
function answerKubeScheduler(input: unknown, kind: string, expect?: unknown): unknown {
  switch (kind) {
    case 'cycle':
      return answerCycle(input);
    case 'sequence':
    case 'sampling':
      return answerSequence(input, kind);
    case 'nodeorder':
      return answerNodeOrder(input);
    case 'queue':
      return answerQueue(input, expect);
    default:
      throw new Error(`cases of kind ${kind} are not modelled`);
  }
}
