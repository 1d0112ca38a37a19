import {
  DEFAULT_CONFIG,
  type DefaultConstraint,
  type SchedulerConfig,
  type ScoringStrategy,
  type WeightedResource,
} from '@plimsoll/scheduler-sim';
import type { Json } from './json.ts';
import { nodeTerms, preferredTerms } from './objects.ts';

/**
 * The configuration of a case: the fragment of KubeSchedulerConfiguration in its input, and the defaults. A case without a percentage
 * has 100, unlike the real default.
 */
export function configFrom(input: Json): SchedulerConfig {
  const [config, profile] = [input.at('config'), input.at('config', 'profiles', 0)];
  const args = (name: string): Json => {
    const found = profile.at('pluginConfig').items.find((entry) => entry.at('name').text === name);
    return (found ?? profile.at('none')).at('args');
  };
  const [fit, affinity, spread, pods] = [
    args('NodeResourcesFit'),
    args('NodeAffinity').at('addedAffinity'),
    args('PodTopologySpread'),
    args('InterPodAffinity'),
  ];
  const preemption = args('DefaultPreemption');
  const required = nodeTerms(affinity.at('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'));
  const preferred = preferredTerms(affinity.at('preferredDuringSchedulingIgnoredDuringExecution'));
  const seconds = (name: string, fallback: number): number => (config.at(name).number ?? fallback / 1000) * 1000;
  return {
    scoreWeights: weightsFrom(profile),
    percentageOfNodesToScore: profile.at('percentageOfNodesToScore').number ?? input.at('percentageOfNodesToScore').number ?? 100,
    fit: {
      strategy: strategyFrom(fit.at('scoringStrategy')),
      ignoredResources: fit.at('ignoredResources').texts,
      ignoredResourceGroups: fit.at('ignoredResourceGroups').texts,
    },
    balancedResources: resourcesFrom(args('NodeResourcesBalancedAllocation').at('resources')) ?? DEFAULT_CONFIG.balancedResources,
    nodeAffinity: { ...(required && { addedRequired: required }), ...(preferred && { addedPreferred: preferred }) },
    spread: {
      defaults:
        spread.at('defaultingType').text === 'List'
          ? ((spread.at('defaultConstraints').value ?? []) as readonly DefaultConstraint[])
          : 'System',
    },
    podAffinity: {
      hardWeight: pods.at('hardPodAffinityWeight').number ?? DEFAULT_CONFIG.podAffinity.hardWeight,
      ignorePreferredOfExisting: pods.at('ignorePreferredTermsOfExistingPods').flag,
    },
    preemption: {
      minCandidatePercentage: preemption.at('minCandidateNodesPercentage').number ?? 10,
      minCandidateAbsolute: preemption.at('minCandidateNodesAbsolute').number ?? 100,
    },
    initialBackoffMs: seconds('podInitialBackoffSeconds', DEFAULT_CONFIG.initialBackoffMs),
    maxBackoffMs: seconds('podMaxBackoffSeconds', DEFAULT_CONFIG.maxBackoffMs),
  };
}

/** Default weights, without those disabled, with those enabled; an enabled one without a weight has 1. */
function weightsFrom(profile: Json): Record<string, number> {
  const disabled = profile.at('plugins', 'score', 'disabled').items.map((plugin) => plugin.at('name').text);
  const weights: Record<string, number> = disabled.includes('*') ? {} : { ...DEFAULT_CONFIG.scoreWeights };
  for (const name of disabled) delete weights[name ?? ''];
  for (const plugin of profile.at('plugins', 'score', 'enabled').items) {
    weights[plugin.at('name').text ?? ''] = plugin.at('weight').number || 1;
  }
  return weights;
}

function strategyFrom(raw: Json): ScoringStrategy {
  const type = (raw.at('type').text ?? 'LeastAllocated') as ScoringStrategy['type'];
  const resources = resourcesFrom(raw.at('resources')) ?? DEFAULT_CONFIG.fit.strategy.resources;
  const shape = raw.at('requestedToCapacityRatio', 'shape');
  return { type, resources, ...(shape.present && { shape: shape.value as NonNullable<ScoringStrategy['shape']> }) };
}

function resourcesFrom(raw: Json): WeightedResource[] | undefined {
  if (!raw.present || raw.items.length === 0) return undefined;
  return raw.items.map((item) => ({ name: item.at('name').text ?? '', weight: item.at('weight').number || 1 }));
}
