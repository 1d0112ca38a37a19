import { firstUntolerated, type Labels, type Taint } from '@plimsoll/core';
import { portsConflict } from '../filters/node-ports.ts';
import { matchesTerm, toleratesCordon } from '../filters/static.ts';
import type { SchedulerConfig } from './config.ts';
import { NodeInfo } from './node-info.ts';
import { type ClaimObject, type ClusterObjects, type NodeObject, namespaceLabels } from './objects.ts';
import type { FilterState } from './plugin.ts';
import { matchesRequired } from './plugins/node-affinity.ts';
import { nodeResourcesFit } from './plugins/node-resources.ts';
import { constraintsOf, hasKeys } from './plugins/spread-constraints.ts';
import { type AffinityTerm, type PodInfo, termMatches } from './pod-info.ts';

/** A change of the cluster that may help pods that were rejected before. Pods in it are bound to nodes, but for `ownUpdate`. */
export type ClusterEvent =
  | { readonly is: 'nodeAdded'; readonly node: NodeObject }
  | { readonly is: 'nodeUpdated'; readonly before: NodeObject; readonly after: NodeObject }
  | { readonly is: 'nodeDeleted'; readonly node: NodeObject }
  | { readonly is: 'podAdded'; readonly pod: PodInfo }
  | { readonly is: 'podUpdated'; readonly before: PodInfo; readonly after: PodInfo }
  | { readonly is: 'podDeleted'; readonly pod: PodInfo }
  /** A claim was bound to a volume. */
  | { readonly is: 'claimBound'; readonly claim: ClaimObject }
  /** The waiting pod itself changed. */
  | { readonly is: 'ownUpdate'; readonly before: PodInfo; readonly after: PodInfo };

/** What hints look things up in. */
export interface HintContext {
  readonly objects: ClusterObjects;
  readonly config: SchedulerConfig;
}

type Hint = (event: ClusterEvent, pod: PodInfo, context: HintContext) => boolean;

/**
 * Whether an event may help a pod that a plug-in rejected.
 *
 * Source: kube-scheduler v1.36.2, EventsToRegister and the hints of each plug-in, and `pkg/scheduler/framework/events.go`.
 */
export function mayHelp(event: ClusterEvent, pod: PodInfo, plugin: string, context: HintContext): boolean {
  // These plug-ins listen for new nodes but not for taints; for them a change of taints counts unasked.
  if (event.is === 'nodeUpdated' && DEAF_TO_TAINTS.has(plugin) && changes(event.before, event.after).taints) return true;
  return HINTS[plugin]?.(event, pod, context) ?? false;
}

const DEAF_TO_TAINTS: ReadonlySet<string> = new Set([
  'NodeResourcesFit',
  'NodeAffinity',
  'NodePorts',
  'NodeName',
  'InterPodAffinity',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeRestrictions',
  'VolumeZone',
]);

/** What of a node changed, as far as plug-ins listen. Becoming schedulable counts as a change of taints, the reverse as nothing. */
export function changes(before: NodeObject, after: NodeObject) {
  return {
    taints: !sameTaints(before.taints, after.taints) || (before.unschedulable && !after.unschedulable),
    labels: !sameRecords(before.labels, after.labels),
    allocatable: !sameRecords(before.allocatable, after.allocatable),
  };
}

const HINTS: Readonly<Record<string, Hint>> = {
  NodeResourcesFit: (event, pod, context) => {
    switch (event.is) {
      case 'podDeleted':
        return true;
      case 'ownUpdate':
        return shrank(event.before, event.after).length > 0;
      case 'podUpdated':
        return shrank(event.before, event.after).some((name) => (pod.requests[name] ?? 0) > 0);
      case 'nodeAdded':
        return fitsEmpty(pod, event.node, context);
      case 'nodeUpdated':
        return (
          changes(event.before, event.after).allocatable &&
          fitsEmpty(pod, event.after, context) &&
          hasMore(pod, event.before, event.after)
        );
      default:
        return false;
    }
  },
  TaintToleration: (event, pod) => {
    const tolerated = (node: NodeObject): boolean => firstUntolerated(node.taints, pod.pod.spec.tolerations ?? []) === undefined;
    if (event.is === 'nodeAdded') return tolerated(event.node);
    if (event.is === 'ownUpdate') return tolerationsChanged(event.before, event.after);
    return (
      event.is === 'nodeUpdated' &&
      changes(event.before, event.after).taints &&
      !tolerated(event.before) &&
      tolerated(event.after)
    );
  },
  NodeAffinity: (event, pod, { config }) => {
    const added = config.nodeAffinity.addedRequired;
    const matches = (node: NodeObject): boolean =>
      (added === undefined || added.some((term) => matchesTerm(term, (key) => node.labels[key], node.name))) &&
      matchesRequired(pod.pod.spec, node);
    if (event.is === 'nodeAdded') return matches(event.node);
    return (
      event.is === 'nodeUpdated' &&
      changes(event.before, event.after).labels &&
      matches(event.after) &&
      !matchesRequired(pod.pod.spec, event.before)
    );
  },
  NodeUnschedulable: (event) => {
    if (event.is === 'nodeAdded') return !event.node.unschedulable;
    if (event.is === 'ownUpdate') {
      return tolerationsChanged(event.before, event.after) && toleratesCordon(event.after.pod.spec, true);
    }
    return (
      event.is === 'nodeUpdated' &&
      changes(event.before, event.after).taints &&
      !event.after.unschedulable &&
      event.before.unschedulable
    );
  },
  NodeName: (event) => event.is === 'nodeAdded',
  VolumeBinding: (event) =>
    event.is === 'nodeAdded' ||
    event.is === 'claimBound' ||
    (event.is === 'nodeUpdated' && changes(event.before, event.after).labels),
  VolumeZone: (event, pod) =>
    event.is === 'nodeAdded' ||
    (event.is === 'claimBound' && event.claim.namespace === pod.pod.namespace && pod.claims.includes(event.claim.name)) ||
    (event.is === 'nodeUpdated' && changes(event.before, event.after).labels),
  // What a node can attach comes with the node.
  NodeVolumeLimits: (event) => event.is === 'nodeAdded' || (event.is === 'podDeleted' && event.pod.claims.length > 0),
  VolumeRestrictions: (event, pod) =>
    event.is === 'nodeAdded' ||
    (event.is === 'podDeleted' &&
      event.pod.pod.namespace === pod.pod.namespace &&
      event.pod.claims.some((name) => pod.claims.includes(name))),
  NodePorts: (event, pod) => event.is === 'nodeAdded' || (event.is === 'podDeleted' && portsConflict(pod.ports, event.pod.ports)),
  PodTopologySpread: (event, pod, { objects, config }) => {
    const constraints = constraintsOf(pod, config, objects, 'DoNotSchedule');
    const isMeant = ({ labels }: PodInfo): boolean => constraints.some(({ matches }) => matches(labels));
    const here = (other: PodInfo): boolean => other.pod.nodeName !== undefined && other.pod.namespace === pod.pod.namespace;
    switch (event.is) {
      case 'podAdded':
      case 'podDeleted':
        return here(event.pod) && isMeant(event.pod);
      case 'podUpdated':
      case 'ownUpdate': {
        const { before, after } = event;
        if (event.is === 'podUpdated' && !here(after)) return false;
        if (event.is === 'ownUpdate' && tolerationsChanged(before, after) && constraints.some((c) => c.honourTaints)) return true;
        return constraints.some(({ matches }) => matches(before.labels) !== matches(after.labels));
      }
      case 'nodeAdded':
      case 'nodeDeleted':
        return hasKeys(event.node, constraints);
      case 'nodeUpdated': {
        const { before, after } = event;
        const { labels, taints } = changes(before, after);
        if (!labels && !taints) return false;
        if (hasKeys(before, constraints) !== hasKeys(after, constraints)) return true;
        if (!hasKeys(after, constraints)) return false;
        if (!sameTaints(before.taints, after.taints)) return true;
        return constraints.some(({ topologyKey }) => before.labels[topologyKey] !== after.labels[topologyKey]);
      }
      default:
        return false;
    }
  },
  InterPodAffinity: (event, pod, { objects }) => {
    const { affinity, antiAffinity } = pod;
    const keyChanged = ({ topologyKey }: AffinityTerm, before: Labels, after: Labels): boolean =>
      before[topologyKey] !== after[topologyKey];
    switch (event.is) {
      case 'podAdded':
        return matchesAll(affinity, event.pod);
      case 'podDeleted':
        return (
          event.pod.pod.nodeName !== undefined &&
          (matchesAll(antiAffinity, event.pod) ||
            matchesAll(event.pod.antiAffinity, pod, namespaceLabels(objects, pod.pod.namespace)))
        );
      case 'podUpdated': {
        const { before, after } = event;
        if (!matchesAll(affinity, before) && matchesAll(affinity, after)) return true;
        return matchesAll(antiAffinity, before) && !matchesAll(antiAffinity, after);
      }
      case 'ownUpdate':
        return !sameRecords(event.before.labels, event.after.labels);
      case 'nodeAdded':
        return antiAffinity.length > 0 || affinity.some(({ topologyKey }) => event.node.labels[topologyKey] !== undefined);
      case 'nodeUpdated': {
        const [before, after] = [event.before.labels, event.after.labels];
        if (affinity.some((term) => after[term.topologyKey] !== undefined && keyChanged(term, before, after))) return true;
        return antiAffinity.some((term) => before[term.topologyKey] !== undefined && keyChanged(term, before, after));
      }
      default:
        return false;
    }
  },
};

const NO_LABELS: Labels = {};

function matchesAll(terms: readonly AffinityTerm[], pod: PodInfo, labels: Labels = NO_LABELS): boolean {
  return terms.length > 0 && terms.every((term) => termMatches(term, pod, labels));
}

function fitsEmpty(pod: PodInfo, node: NodeObject, { objects, config }: HintContext): boolean {
  const prepared = nodeResourcesFit.prepare({ pod, objects, config, snapshot: { nodes: [], nominated: new Map() } });
  return (prepared as { state: FilterState }).state.filter(new NodeInfo(node)) === undefined;
}

/** Whether a node has more places for pods than before, or more of something that the pod asks for. */
function hasMore(pod: PodInfo, before: NodeObject, after: NodeObject): boolean {
  const more = (name: string): boolean => (after.allocatable[name] ?? 0) > (before.allocatable[name] ?? 0);
  return more('pods') || Object.keys(pod.requests).some((name) => pod.requests[name] > 0 && more(name));
}

/** Resources of which a pod asks for less than before. */
function shrank(before: PodInfo, after: PodInfo): string[] {
  return Object.keys(before.onNode).filter((name) => (after.onNode[name] ?? 0) < before.onNode[name] || !(name in after.onNode));
}

function tolerationsChanged(before: PodInfo, after: PodInfo): boolean {
  return (before.pod.spec.tolerations ?? []).length !== (after.pod.spec.tolerations ?? []).length;
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ key, value, effect }, i) => key === b[i].key && (value ?? '') === (b[i].value ?? '') && effect === b[i].effect)
  );
}

function sameRecords<T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
