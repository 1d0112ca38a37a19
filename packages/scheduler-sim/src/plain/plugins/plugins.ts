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

/** Filters in the order in which they are asked. */
export const FILTERS: readonly FilterPlugin[] = [
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

export const SCORES: readonly ScorePlugin[] = [
  taintTolerationScore,
  nodeAffinityScore,
  podTopologySpreadScore,
  interPodAffinityScore,
  dynamicResourcesScore,
  nodeResourcesFitScore,
  balancedAllocation,
  imageLocality,
];
