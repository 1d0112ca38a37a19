/**
 * The filter plug-ins of the default profile, in the order in which the real program asks them. The index in this list is the
 * plug-in's code: in score caches, in sets of rejectors, and in the bits of a mask.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/default_plugins.go`.
 */
export const FILTER_PLUGINS = [
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
] as const;

export type FilterPlugin = (typeof FILTER_PLUGINS)[number];

/** The code of each filter plug-in. */
export const FILTER = {
  NodeUnschedulable: 0,
  NodeName: 1,
  TaintToleration: 2,
  NodeAffinity: 3,
  NodePorts: 4,
  NodeResourcesFit: 5,
  VolumeRestrictions: 6,
  NodeVolumeLimits: 7,
  VolumeBinding: 8,
  VolumeZone: 9,
  PodTopologySpread: 10,
  InterPodAffinity: 11,
} as const satisfies Record<FilterPlugin, number>;

/** The code of every filter that is not in the list: those of the user's own. */
const OTHER_FILTER = 30;

/** The code of a filter by its name. */
export function filterCode(name: string): number {
  const code = (FILTER_PLUGINS as readonly string[]).indexOf(name);
  return code < 0 ? OTHER_FILTER : code;
}

/** In a mask of codes: filters that say nothing of the events that may help, so that any may. */
export const OTHER_FILTERS = 1 << OTHER_FILTER;

/** What each filter that has one fixed answer says. Resources and spread constraints name theirs themselves. */
export const REASON = {
  NodeUnschedulable: 'node(s) were unschedulable',
  NodeName: "node(s) didn't match the requested node name",
  TaintToleration: 'node(s) had untolerated taint(s)',
  NodeAffinity: "node(s) didn't match Pod's node affinity/selector",
  addedAffinity: "node(s) didn't match scheduler-enforced node affinity",
  NodePorts: "node(s) didn't have free ports for the requested pod ports",
  tooManyPods: 'Too many pods',
} as const;
