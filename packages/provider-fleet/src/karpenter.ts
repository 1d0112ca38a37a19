import type { ProviderPlugin } from '@plimsoll/core';
import { type KarpenterOptions, parseKarpenterOptions } from './options/karpenter-options.ts';
import { KarpenterProvider } from './provider.ts';

/**
 * Karpenter 1.14.1 on a fleet API: batches of pending pods, a first-fit-decreasing plan over every instance type that the NodePools
 * allow, launches, and the disruption of empty and underused nodes. What is left out stands in the known differences.
 */
export const karpenter: ProviderPlugin<KarpenterOptions> = {
  id: 'karpenter',
  contract: 1,
  parseOptions: parseKarpenterOptions,
  notes: ({ ignored }) => (ignored.length === 0 ? [] : [`Karpenter's ${ignored.join(', ')} change nothing here`]),
  create: (options, context) => new KarpenterProvider(options, context),
};
