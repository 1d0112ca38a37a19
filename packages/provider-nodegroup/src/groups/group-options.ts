import type { ClusterAutoscalerOptions } from '../options/options.ts';

/** The settings that a group may have for itself, with the flags as defaults. Durations in milliseconds. */
export interface GroupOptions {
  readonly utilizationThreshold: number;
  readonly gpuUtilizationThreshold: number;
  readonly unneededTime: number;
  readonly unreadyTime: number;
  readonly ignoreDaemonSetsUtilization: boolean;
  readonly provisionTime: number;
  readonly startupTime: number;
}

/** The settings of each group of the cloud, found by name. */
export function groupOptions(options: ClusterAutoscalerOptions, names: readonly string[]): GroupOptions[] {
  return names.map((name) => {
    const own = options.nodeGroups.find((group) => group.name === name)?.overrides ?? {};
    const flags = { ...options.flags, ...own };
    return {
      utilizationThreshold: flags['scale-down-utilization-threshold'],
      gpuUtilizationThreshold: flags['scale-down-gpu-utilization-threshold'],
      unneededTime: flags['scale-down-unneeded-time'],
      unreadyTime: flags['scale-down-unready-time'],
      ignoreDaemonSetsUtilization: flags['ignore-daemonsets-utilization'],
      provisionTime: flags['max-node-provision-time'],
      startupTime: flags['max-node-startup-time'],
    };
  });
}
