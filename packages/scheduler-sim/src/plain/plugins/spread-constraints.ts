import { firstUntolerated, type LabelSelector, type Labels, matchesSelector, type PodSpec } from '@plimsoll/core';
import type { DefaultConstraint, SchedulerConfig } from '../config.ts';
import type { NodeInfo } from '../node-info.ts';
import type { ClusterObjects, NodeObject, SelectingObject } from '../objects.ts';
import type { PodInfo } from '../pod-info.ts';
import { matchesRequired } from './node-affinity.ts';

/** A spread constraint with everything that the API leaves to defaults. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Whether a pod counts. */
  readonly matches: (labels: Labels) => boolean;
  /** A selector that selects everything counts nothing. */
  readonly countsNothing: boolean;
  readonly honourAffinity: boolean;
  readonly honourTaints: boolean;
}

type Action = 'DoNotSchedule' | 'ScheduleAnyway';

/** The defaults that a scheduler has unless it is told others. */
const SYSTEM = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
] as const;

/**
 * The constraints of one kind that hold for a pod: its own, or, where it has none at all, the configured defaults over the pods that its
 * services and its controller select.
 *
 * Source: kube-scheduler v1.36.2, `plugins/podtopologyspread/common.go` and `plugin.go` (buildDefaultConstraints).
 */
export function constraintsOf(
  pod: PodInfo,
  config: SchedulerConfig,
  objects: ClusterObjects,
  action: Action,
): SpreadConstraint[] {
  const own = pod.pod.spec.topologySpread ?? [];
  if (own.length > 0) {
    return own
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
      .map(({ topologyKey, maxSkew, labelSelector, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy }) => ({
        topologyKey,
        maxSkew,
        minDomains,
        matches: (labels) => matchesSelector(labels, labelSelector),
        countsNothing: labelSelector !== undefined && isEmpty(labelSelector),
        honourAffinity: nodeAffinityPolicy !== 'Ignore',
        honourTaints: nodeTaintsPolicy === 'Honor',
      }));
  }
  const defaults: readonly DefaultConstraint[] = config.spread.defaults === 'System' ? SYSTEM : config.spread.defaults;
  const wanted = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  const selectors = wanted.length === 0 ? [] : defaultSelectors(pod, objects);
  if (selectors.every(isEmpty)) return [];
  const matches = (labels: Labels): boolean => selectors.every((selector) => matchesSelector(labels, selector));
  return wanted.map(({ topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy }) => ({
    topologyKey,
    maxSkew,
    minDomains,
    matches,
    countsNothing: false,
    honourAffinity: nodeAffinityPolicy !== 'Ignore',
    honourTaints: nodeTaintsPolicy === 'Honor',
  }));
}

/**
 * What the pods of a pod's services and controller have in common: services and a replication controller merge their labels, so that
 * of two values for one key the last counts; the selector of a replica set or stateful set must hold besides.
 *
 * Source: kube-scheduler v1.36.2, `plugins/helper/spread.go` (DefaultSelector).
 */
function defaultSelectors({ pod, labels }: PodInfo, objects: ClusterObjects): LabelSelector[] {
  const here = (object: SelectingObject): boolean => object.namespace === pod.namespace;
  const merged: Record<string, string> = {};
  for (const service of objects.services.filter(here)) {
    if (service.selector !== undefined && matchesSelector(labels, service.selector)) {
      Object.assign(merged, service.selector.matchLabels);
    }
  }
  const owned = (among: readonly SelectingObject[]): LabelSelector | undefined =>
    among.find((object) => here(object) && object.name === pod.owner?.name)?.selector;
  switch (pod.owner?.kind) {
    case 'ReplicationController':
      return [{ matchLabels: { ...merged, ...owned(objects.replicationControllers)?.matchLabels } }];
    case 'ReplicaSet':
      return [{ matchLabels: merged }, owned(objects.replicaSets) ?? {}];
    case 'StatefulSet':
      return [{ matchLabels: merged }, owned(objects.statefulSets) ?? {}];
    default:
      return [{ matchLabels: merged }];
  }
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

/** Whether a node has the keys of all constraints. */
export function hasKeys({ labels }: NodeObject, constraints: readonly SpreadConstraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** Whether the pods of a node count for a constraint, by the policies for the pod's own affinity and tolerations. */
export function isCounted(constraint: SpreadConstraint, spec: PodSpec, node: NodeObject): boolean {
  if (constraint.honourAffinity && !matchesRequired(spec, node)) return false;
  return !constraint.honourTaints || firstUntolerated(node.taints, spec.tolerations ?? []) === undefined;
}

/** How many pods of a node count: of the namespace, selected, and not on their way out. */
export function countOn(node: NodeInfo, { matches, countsNothing }: SpreadConstraint, namespace: string): number {
  if (countsNothing) return 0;
  let count = 0;
  for (const { pod, labels } of node.pods) if (pod.namespace === namespace && pod.deleting !== true && matches(labels)) count++;
  return count;
}
