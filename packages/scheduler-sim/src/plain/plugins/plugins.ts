import type { FilterPlugin, ScorePlugin } from '../plugin.ts';
import { interPodAffinityFilter, interPodAffinityScore } from './inter-pod-affinity.ts';
import { nodeAffinityFilter, nodeAffinityScore } from './node-affinity.ts';
import { balancedAllocation, nodeResourcesFit, nodeResourcesFitScore } from './node-resources.ts';
import { podTopologySpreadFilter, podTopologySpreadScore } from './pod-topology-spread.ts';
import { nodeName, nodePorts, nodeUnschedulable, taintTolerationFilter } from './simple-filters.ts';
import { dynamicResourcesScore, imageLocality, taintTolerationScore } from './simple-scores.ts';

/** Filters in the order in which they are asked. */
export const FILTERS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintTolerationFilter,
  nodeAffinityFilter,
  nodePorts,
  nodeResourcesFit,
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
