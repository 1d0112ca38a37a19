import type { ProviderPlugin } from '@plimsoll/core';
import { ClusterAutoscaler } from './loop/cluster-autoscaler.ts';
import { groupSpecs } from './options/node-groups.ts';
import { type ClusterAutoscalerOptions, parseOptions } from './options/options.ts';

/** Cluster Autoscaler on node groups, as a provider. */
export const clusterAutoscaler: ProviderPlugin<ClusterAutoscalerOptions> = {
  id: 'cluster-autoscaler',
  contract: 1,
  parseOptions,
  notes: ({ ignored }) => (ignored.length === 0 ? [] : [`Cluster Autoscaler's ${ignored.join(', ')} change nothing here`]),
  groups: (options, offerings) => groupSpecs(options.nodeGroups, offerings),
  create: (options, context) => new ClusterAutoscaler(options, context),
};
