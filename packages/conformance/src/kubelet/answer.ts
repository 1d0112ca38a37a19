import { Json } from '../kube-scheduler/json.ts';
import type { Answerer } from '../parity/answerer.ts';
import { comparing } from '../parity/difference.ts';
import { answerAdmission } from './admission.ts';
import { answerNodePressure } from './node-pressure.ts';

/** The kubelet, as `pnpm parity` asks it. */
export const kubeletAnswerer: Answerer = {
  oracle: 'kubelet',
  answer: ({ input, kind }) => (kind === 'admission' ? answerAdmission(new Json(input)) : answerNodePressure(new Json(input))),
  compare: comparing({ preempted: 'set', 'steps[].conditions': 'set' }),
};
