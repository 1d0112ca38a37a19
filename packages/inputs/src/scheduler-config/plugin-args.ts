import type { DefaultConstraint, SchedulerConfig, ScoringStrategy, WeightedResource } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { readNodeAffinity } from '../kubernetes/affinity.ts';
import { knownFields } from './known-fields.ts';
import { isGoDuration, refuseOddName } from './values.ts';

/** What the arguments of all plug-ins of a profile come to. */
export type PluginSettings = Pick<
  SchedulerConfig,
  'fit' | 'balancedResources' | 'nodeAffinity' | 'spread' | 'podAffinity' | 'preemption'
>;

const CPU_AND_MEMORY: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/**
 * The arguments of plug-ins that are not given.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/defaults.go`.
 */
const DEFAULTS: PluginSettings = {
  fit: { strategy: { type: 'LeastAllocated', resources: CPU_AND_MEMORY }, ignoredResources: [], ignoredResourceGroups: [] },
  balancedResources: CPU_AND_MEMORY,
  nodeAffinity: {},
  spread: { defaults: 'System' },
  podAffinity: { hardWeight: 1, ignorePreferredOfExisting: false },
  preemption: { minCandidatePercentage: 10, minCandidateAbsolute: 100 },
};

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const INT64 = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

/** Reads one plug-in's arguments into its part of the settings. */
type ArgsReader = (args: Field) => Partial<PluginSettings>;

const READERS: Readonly<Record<string, ArgsReader>> = {
  DefaultPreemption: (args) => {
    fields(args, ['minCandidateNodesPercentage', 'minCandidateNodesAbsolute']);
    const percentage = args.at('minCandidateNodesPercentage');
    const minCandidatePercentage = percentage.whole({ min: 0, max: 100 }) ?? DEFAULTS.preemption.minCandidatePercentage;
    const minCandidateAbsolute =
      args.at('minCandidateNodesAbsolute').whole({ min: 0, max: INT32.max }) ?? DEFAULTS.preemption.minCandidateAbsolute;
    if (minCandidatePercentage + minCandidateAbsolute === 0) {
      percentage.problem('E0110', 'minCandidateNodesPercentage and minCandidateNodesAbsolute are both 0', { seen: '0' });
    }
    return { preemption: { minCandidatePercentage, minCandidateAbsolute } };
  },
  InterPodAffinity: (args) => {
    fields(args, ['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods']);
    return {
      podAffinity: {
        hardWeight: args.at('hardPodAffinityWeight').whole({ min: 0, max: 100 }) ?? DEFAULTS.podAffinity.hardWeight,
        ignorePreferredOfExisting: args.at('ignorePreferredTermsOfExistingPods').flag(),
      },
    };
  },
  NodeAffinity: (args) => {
    fields(args, ['addedAffinity']);
    const added = readNodeAffinity(args.at('addedAffinity'));
    checkTerms(args.at('addedAffinity'));
    return {
      nodeAffinity: {
        ...(added?.required && { addedRequired: added.required }),
        ...(added?.preferred && { addedPreferred: added.preferred }),
      },
    };
  },
  NodeResourcesBalancedAllocation: (args) => {
    fields(args, ['resources']);
    const list = args.at('resources');
    const resources = readResources(list, { min: 1, max: 1 });
    list.items().forEach((item, i) => {
      const { name } = resources[i];
      if (resources.findIndex((resource) => resource.name === name) === i) return;
      item.at('name').problem('E0108', `resource ${JSON.stringify(name)} is given twice`, { seen: name });
    });
    return resources.length > 0 ? { balancedResources: resources } : {};
  },
  NodeResourcesFit: (args) => {
    fields(args, ['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy']);
    for (const name of args.at('ignoredResources').items()) refuseOddName(name);
    for (const group of args.at('ignoredResourceGroups').items()) {
      if (String(group.value).includes('/')) {
        group.problem('E0122', `a group of resources has no "/", got ${JSON.stringify(group.value)}`, {
          seen: String(group.value),
          help: 'a group is what stands before the "/" of its resources; ignoredResources takes whole names',
        });
      } else refuseOddName(group);
    }
    return {
      fit: {
        strategy: readStrategy(args.at('scoringStrategy')),
        ignoredResources: args.at('ignoredResources').texts(),
        ignoredResourceGroups: args.at('ignoredResourceGroups').texts(),
      },
    };
  },
  PodTopologySpread: (args) => {
    fields(args, ['defaultConstraints', 'defaultingType']);
    const type = args.at('defaultingType').oneOf(['System', 'List']) ?? 'System';
    const list = args.at('defaultConstraints');
    const defaults = readConstraints(list);
    if (type === 'List') return { spread: { defaults } };
    if (defaults.length > 0) {
      list.problem('E0122', 'defaultConstraints count only with defaultingType: List', {
        part: 'key',
        help: args.at('defaultingType').present ? 'write defaultingType: List' : 'add defaultingType: List',
      });
    }
    return {};
  },
  VolumeBinding: (args) => {
    fields(args, ['bindTimeoutSeconds', 'shape']);
    args.at('bindTimeoutSeconds').whole({ min: 0, max: INT64.max });
    const help = 'it needs the feature gate StorageCapacityScoring, which is off';
    if (args.at('shape').present) args.at('shape').problem('E0122', 'shape must not be given', { part: 'key', help });
    return {};
  },
  DynamicResources: (args) => {
    fields(args, ['filterTimeout', 'bindingTimeout']);
    for (const name of ['filterTimeout', 'bindingTimeout']) isGoDuration(args.at(name));
    return {};
  },
};

/** Whether a plug-in has arguments at all. */
export function takesArguments(plugin: string): boolean {
  return Object.hasOwn(READERS, plugin);
}

/**
 * The settings of a profile from `args` by plug-in, with every default filled in.
 *
 * Source of the rules: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/validation/validation_pluginargs.go`.
 */
export function readArguments(args: ReadonlyMap<string, Field>): PluginSettings {
  let settings = DEFAULTS;
  for (const [plugin, field] of args) {
    if (!field.present || !takesArguments(plugin)) continue;
    const kind = field.at('kind');
    if (kind.present && kind.text() !== `${plugin}Args`) {
      kind.problem('E0122', `the arguments of ${plugin} are of kind ${plugin}Args`, { seen: String(kind.value) });
    }
    settings = { ...settings, ...READERS[plugin](field) };
  }
  return settings;
}

function fields(args: Field, names: readonly string[]): void {
  knownFields(args, ['apiVersion', 'kind', ...names]);
}

/**
 * What a scheduler refuses to start with, and a pod is let in with: a comparison with what is no number, and fields of several values.
 *
 * Source: `component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go` (NewNodeSelector, NewPreferredSchedulingTerms).
 */
function checkTerms(affinity: Field): void {
  const list = (field: Field): Field[] => (Array.isArray(field.value) ? field.items() : []);
  const required = affinity.at('requiredDuringSchedulingIgnoredDuringExecution').at('nodeSelectorTerms');
  const preferred = list(affinity.at('preferredDuringSchedulingIgnoredDuringExecution')).map((item) => item.at('preference'));
  for (const term of [...list(required), ...preferred]) {
    for (const expression of list(term.at('matchExpressions'))) {
      const operator = expression.at('operator').value;
      const [value] = list(expression.at('values'));
      if ((operator !== 'Gt' && operator !== 'Lt') || value === undefined || /^[+-]?\d+$/.test(String(value.value))) continue;
      value.problem('E0122', `${operator} compares whole numbers, got ${JSON.stringify(value.value)}`, {
        seen: String(value.value),
      });
    }
    for (const field of list(term.at('matchFields'))) {
      const values = field.at('values');
      if (!['In', 'NotIn'].includes(String(field.at('operator').value))) {
        field.at('operator').problem('E0122', 'a field is compared by In or NotIn', { seen: String(field.at('operator').value) });
      } else if (list(values).length !== 1)
        values.problem('E0122', 'a field is compared with exactly one value', { part: 'key' });
    }
  }
}

function readResources(list: Field, weights: { readonly min: number; readonly max: number }): WeightedResource[] {
  return list.items().map((item) => {
    knownFields(item, ['name', 'weight']);
    const name = item.at('name').requiredText();
    // A weight of 0 is taken for one that is not written.
    const weight = item.at('weight').value === 0 ? 1 : (item.at('weight').whole(weights) ?? 1);
    return { name, weight };
  });
}

function readStrategy(field: Field): ScoringStrategy {
  if (!field.present) return DEFAULTS.fit.strategy;
  knownFields(field, ['type', 'resources', 'requestedToCapacityRatio']);
  if (!field.at('type').present) field.at('type').missing('LeastAllocated is the default only without a scoringStrategy');
  const type = field.at('type').oneOf(['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']) ?? 'LeastAllocated';
  const listed = readResources(field.at('resources'), { min: 1, max: 100 });
  const resources = listed.length > 0 ? listed : CPU_AND_MEMORY;
  const ratio = field.at('requestedToCapacityRatio');
  if (type !== 'RequestedToCapacityRatio') {
    if (ratio.present) {
      const help = 'leave it out, or write type: RequestedToCapacityRatio';
      ratio.problem('E0122', `requestedToCapacityRatio means nothing to ${type}`, { part: 'key', help });
    }
    return { type, resources };
  }
  if (!ratio.present) ratio.missing('type RequestedToCapacityRatio needs its shape');
  knownFields(ratio, ['shape']);
  return { type, resources, shape: readShape(ratio.at('shape')) };
}

function readShape(list: Field): NonNullable<ScoringStrategy['shape']> {
  const points = list.items().map((item) => {
    knownFields(item, ['utilization', 'score']);
    const utilization = item.at('utilization').whole({ min: 0, max: 100 }) ?? 0;
    return { utilization, score: item.at('score').whole({ min: 0, max: 10 }) ?? 0 };
  });
  if (points.length === 0 && list.present) list.problem('E0101', 'the shape has no point', { help: 'give at least one' });
  else if (points.length === 0) list.missing('give at least one point');
  const fall = points.findIndex(({ utilization }, i) => i > 0 && utilization <= points[i - 1].utilization);
  if (fall > 0) {
    const at = list.items()[fall].at('utilization');
    at.problem('E0122', 'the points of a shape must rise in utilization', { seen: String(points[fall].utilization) });
  }
  return points;
}

const CONSTRAINT = [
  ...['topologyKey', 'maxSkew', 'whenUnsatisfiable', 'labelSelector', 'minDomains', 'nodeAffinityPolicy'],
  ...['nodeTaintsPolicy', 'matchLabelKeys'],
];

function readConstraints(list: Field): DefaultConstraint[] {
  const constraints: DefaultConstraint[] = [];
  for (const item of list.items()) {
    knownFields(item, CONSTRAINT);
    for (const name of ['topologyKey', 'maxSkew', 'whenUnsatisfiable']) if (!item.at(name).present) item.at(name).missing();
    refuseOddName(item.at('topologyKey'));
    if (item.at('labelSelector').present) {
      const help = 'the pods that count are those of a pod’s own services and controller';
      item.at('labelSelector').problem('E0122', 'a default constraint has no selector', { part: 'key', help });
    }
    const topologyKey = item.at('topologyKey').text() ?? '';
    const whenUnsatisfiable = item.at('whenUnsatisfiable').oneOf(['DoNotSchedule', 'ScheduleAnyway']) ?? 'ScheduleAnyway';
    if (constraints.some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)) {
      item.problem('E0108', `two constraints are about ${topologyKey} and ${whenUnsatisfiable}`);
    }
    const minDomains = item.at('minDomains').whole({ min: 1, max: INT32.max });
    const nodeAffinityPolicy = item.at('nodeAffinityPolicy').oneOf(['Honor', 'Ignore']);
    const nodeTaintsPolicy = item.at('nodeTaintsPolicy').oneOf(['Honor', 'Ignore']);
    constraints.push({
      topologyKey,
      maxSkew: item.at('maxSkew').whole({ min: 1, max: INT32.max }) ?? 1,
      whenUnsatisfiable,
      ...(minDomains !== undefined && { minDomains }),
      ...(nodeAffinityPolicy !== undefined && { nodeAffinityPolicy }),
      ...(nodeTaintsPolicy !== undefined && { nodeTaintsPolicy }),
    });
  }
  return constraints;
}
