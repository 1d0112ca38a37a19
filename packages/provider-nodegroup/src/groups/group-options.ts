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
  /** The group grows to its maximum or not at all, and goes whole or not at all. */
  readonly zeroOrMax: boolean;
  /** With it, nodes of such a group stay when others of it failed to come. */
  readonly allowNonAtomicScaleUpToMax: boolean;
}

/** The settings of each group of the cloud, found by name. */
export function groupOptions(options: ClusterAutoscalerOptions, names: readonly string[]): GroupOptions[] {
  return names.map((name) => {
    const own = options.nodeGroups.find((group) => group.name === name);
    const flags = { ...options.flags, ...own?.overrides };
    return {
      utilizationThreshold: flags['scale-down-utilization-threshold'],
      gpuUtilizationThreshold: flags['scale-down-gpu-utilization-threshold'],
      unneededTime: flags['scale-down-unneeded-time'],
      unreadyTime: flags['scale-down-unready-time'],
      ignoreDaemonSetsUtilization: flags['ignore-daemonsets-utilization'],
      provisionTime: flags['max-node-provision-time'],
      startupTime: flags['max-node-startup-time'],
      zeroOrMax: own?.zeroOrMaxNodeScaling === true,
      allowNonAtomicScaleUpToMax: own?.allowNonAtomicScaleUpToMax === true,
    };
  });
}
