import type { Answerer } from '../parity/answerer.ts';
import { comparing } from '../parity/difference.ts';
import { answerEstimate } from './estimate.ts';
import { answerExpand } from './expand.ts';
import type { EstimateInput, ExpandInput, LoopInput } from './input.ts';
import { answerLoops } from './loops.ts';

/** Cluster Autoscaler, as `pnpm parity` asks it: whole loops, the estimator alone, the expanders alone. */
export const clusterAutoscalerAnswerer: Answerer = {
  oracle: 'cluster-autoscaler',
  answer: ({ input }) => answerClusterAutoscaler(input as LoopInput | EstimateInput | ExpandInput),
  compare: comparing({ 'loops[].remain': 'set', 'loops[].backedOff': 'set', 'loops[].unhealthyGroups': 'set', set: 'set' }),
};

function answerClusterAutoscaler(input: LoopInput | EstimateInput | ExpandInput): unknown {
  switch (input.kind) {
    case 'loop':
      return answerLoops(input);
    case 'estimate':
      return answerEstimate(input);
    case 'expand':
      return answerExpand(input);
  }
}
