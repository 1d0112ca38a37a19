/** Where a plug-in of kube-scheduler may take part, by the names that a configuration has for it. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'placementGenerate',
  'placementScore',
] as const;

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** A plug-in that a configuration may name. */
export interface PluginEntry {
  readonly name: string;
  readonly points: readonly ExtensionPoint[];
  /** Weight of its score in the default profile. Default 1. */
  readonly weight?: number;
  /** Whether the default profile leaves it out. */
  readonly optional?: boolean;
}

const entry = (name: string, points: string, rest: Omit<PluginEntry, 'name' | 'points'> = {}): PluginEntry => ({
  name,
  points: points.split(' ') as ExtensionPoint[],
  ...rest,
});

/**
 * The plug-ins that kube-scheduler brings, in the order of its default profile.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/default_plugins.go`, and what each plug-in below
 * `pkg/scheduler/framework/plugins` says that it extends.
 */
export const SCHEDULER_PLUGINS: readonly PluginEntry[] = [
  entry('SchedulingGates', 'preEnqueue'),
  entry('PrioritySort', 'queueSort'),
  entry('NodeUnschedulable', 'filter'),
  entry('NodeName', 'filter'),
  entry('TaintToleration', 'filter preScore score', { weight: 3 }),
  entry('NodeAffinity', 'preFilter filter preScore score', { weight: 2 }),
  entry('NodePorts', 'preFilter filter'),
  entry('NodeResourcesFit', 'preFilter filter preScore score placementScore', { weight: 1 }),
  entry('VolumeRestrictions', 'preFilter filter'),
  entry('NodeVolumeLimits', 'preFilter filter'),
  entry('VolumeBinding', 'preFilter filter reserve preBind preScore score'),
  entry('VolumeZone', 'preFilter filter'),
  entry('PodTopologySpread', 'preFilter filter preScore score', { weight: 2 }),
  entry('InterPodAffinity', 'preFilter filter preScore score', { weight: 2 }),
  entry('DynamicResources', 'preEnqueue preFilter filter postFilter score reserve preBind', { weight: 2 }),
  entry('DefaultPreemption', 'postFilter preEnqueue'),
  entry('NodeResourcesBalancedAllocation', 'preScore score', { weight: 1 }),
  entry('ImageLocality', 'score', { weight: 1 }),
  entry('DefaultBinder', 'bind'),
  entry('NodeDeclaredFeatures', 'preFilter filter'),
  entry('GangScheduling', 'preEnqueue permit', { optional: true }),
  entry('TopologyPlacementGenerator', 'placementGenerate', { optional: true }),
  entry('PodGroupPodsCount', 'placementScore', { optional: true }),
];
