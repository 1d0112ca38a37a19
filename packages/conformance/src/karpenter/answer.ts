import type { Answerer } from '../parity/answerer.ts';
import { answerProvision, compareProvision } from './provision.ts';

/** Karpenter's scheduler, as `pnpm parity` asks it. */
export const karpenterAnswerer: Answerer = {
  oracle: 'karpenter',
  kinds: ['provision'],
  answer: ({ definitions, input }) => answerProvision(input, definitions),
  compare: compareProvision,
};
