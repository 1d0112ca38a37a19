import type { SchedulerConfig } from '../config.ts';
import type { FilterPlugin, ScorePlugin } from '../plugin.ts';
import { interPodAffinityFilter, interPodAffinityScore } from './inter-pod-affinity.ts';
import { nodeAffinityFilter, nodeAffinityScore } from './node-affinity.ts';
import { balancedAllocation, nodeResourcesFit, nodeResourcesFitScore } from './node-resources.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podTopologySpreadFilter, podTopologySpreadScore } from './pod-topology-spread.ts';
import { nodeName, nodePorts, nodeUnschedulable, taintTolerationFilter } from './simple-filters.ts';
import { dynamicResourcesScore, imageLocality, taintTolerationScore } from './simple-scores.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const FILTERS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintTolerationFilter,
  nodeAffinityFilter,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  podTopologySpreadFilter,
  interPodAffinityFilter,
];

const SCORES: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  podTopologySpreadScore,
  interPodAffinityScore,
  dynamicResourcesScore,
  nodeResourcesFitScore,
  balancedAllocation,
  imageLocality,
];

/** The filter of a name; undefined for one that is not modelled, such as those about claims for devices. */
export function filterNamed(name: string, { plugins = [] }: SchedulerConfig): FilterPlugin | undefined {
  const own = plugins.find((plugin) => plugin.name === name)?.filter;
  return own === undefined ? FILTERS.find((plugin) => plugin.name === name) : { name, prepare: own };
}

/** The score of a name; undefined for one that is not modelled: VolumeBinding scores only with a feature that is off. */
export function scoreNamed(name: string, { plugins = [] }: SchedulerConfig): ScorePlugin | undefined {
  const own = plugins.find((plugin) => plugin.name === name)?.score;
  return own === undefined ? SCORES.find((plugin) => plugin.name === name) : { name, prepare: own };
}
