import { type ClusterAutoscalerOptions, clusterAutoscaler } from '@plimsoll/provider-nodegroup';
import type { OptionsInput } from './input.ts';

/**
 * Options of a golden case. The real program accepts labels to ignore beside those that alone decide, and makes nothing of them. The price expander, which the options of the AWS provider refuse, is allowed here: the world has prices. Calls take no
 * time, and the groups are read at every loop.
 */
export function optionsFor(flags: OptionsInput | undefined, intervalMs = 10_000): ClusterAutoscalerOptions {
  const { expander, ...given } = flags ?? {};
  const { 'balancing-ignore-label': _, ...others } = given;
  const parsed = clusterAutoscaler.parseOptions({
    flags: {
      ...('balancing-label' in given ? others : given),
      'scan-interval': `${intervalMs}ms`,
      'frequent-loops-enabled': false,
    },
    model: {
      refreshInterval: 0,
      loopBase: 0,
      loopPerNode: 0,
      loopPerPod: 0,
      kubeProxyCpu: 0,
      conflictRetry: 0,
      keepInstanceLists: true,
    },
  });
  if (expander === undefined) return parsed;
  return { ...parsed, flags: { ...parsed.flags, expander: String(expander).split(',') } };
}
