import { describe, expect, it } from 'vitest';
import { InputError, type Problem } from '../../src/problems/problem.ts';
import { readSchedulerConfig, readSchedulerConfigText } from '../../src/scheduler-config/configuration.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

const read = (body: string) => readSchedulerConfigText(HEAD + body, 'scheduler.yaml');
const profile = (body: string) => read(`profiles:\n- ${body.replaceAll('\n', '\n  ')}`).profiles[0];

const brief = ({ code, line, column, message, help }: Problem): string =>
  `${code} ${line}:${column} ${message}${help ? ` (${help})` : ''}`;

/** The problems of a configuration; the first line of the body is line 3. */
function problems(body: string, text = HEAD + body): string[] {
  try {
    return readSchedulerConfigText(text, 'scheduler.yaml').problems.map(brief);
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(brief);
    throw error;
  }
}

const DEFAULT_WEIGHTS = {
  TaintToleration: 3,
  NodeAffinity: 2,
  NodeResourcesFit: 1,
  VolumeBinding: 1,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
  DynamicResources: 2,
  NodeResourcesBalancedAllocation: 1,
  ImageLocality: 1,
};

describe('readSchedulerConfig', () => {
  it('gives the default profile for a configuration that says nothing', () => {
    const { profiles, receipt } = read('');
    expect(profiles).toHaveLength(1);
    expect(profiles[0]).toMatchObject({
      schedulerName: 'default-scheduler',
      scoreWeights: DEFAULT_WEIGHTS,
      postFilters: ['DynamicResources', 'DefaultPreemption'],
      queueSort: 'PrioritySort',
      fit: {
        strategy: {
          type: 'LeastAllocated',
          resources: [
            { name: 'cpu', weight: 1 },
            { name: 'memory', weight: 1 },
          ],
        },
      },
      spread: { defaults: 'System' },
      podAffinity: { hardWeight: 1, ignorePreferredOfExisting: false },
      preemption: { minCandidatePercentage: 10, minCandidateAbsolute: 100 },
      initialBackoffMs: 1000,
      maxBackoffMs: 10_000,
    });
    expect(profiles[0].percentageOfNodesToScore).toBeUndefined();
    expect(profiles[0].filters.slice(0, 6)).toEqual([
      'NodeUnschedulable',
      'NodeName',
      'TaintToleration',
      'NodeAffinity',
      'NodePorts',
      'NodeResourcesFit',
    ]);
    expect(receipt.entries).toEqual([]);
  });

  it('reads the arguments of every plug-in that has some', () => {
    const found = profile(`schedulerName: packer
pluginConfig:
- name: NodeResourcesFit
  args:
    apiVersion: kubescheduler.config.k8s.io/v1
    kind: NodeResourcesFitArgs
    ignoredResources: [example.com/dongle]
    ignoredResourceGroups: [example.org]
    scoringStrategy:
      type: RequestedToCapacityRatio
      resources: [{ name: cpu, weight: 3 }, { name: nvidia.com/gpu }]
      requestedToCapacityRatio: { shape: [{ utilization: 0, score: 0 }, { utilization: 100, score: 10 }] }
- name: NodeResourcesBalancedAllocation
  args: { resources: [{ name: cpu }, { name: nvidia.com/gpu, weight: 1 }] }
- name: PodTopologySpread
  args:
    defaultingType: List
    defaultConstraints:
    - { topologyKey: topology.kubernetes.io/zone, maxSkew: 2, whenUnsatisfiable: DoNotSchedule, minDomains: 3, nodeTaintsPolicy: Honor }
- name: InterPodAffinity
  args: { hardPodAffinityWeight: 7, ignorePreferredTermsOfExistingPods: true }
- name: NodeAffinity
  args:
    addedAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms: [{ matchExpressions: [{ key: pool, operator: In, values: [batch] }] }]
- name: DefaultPreemption
  args: { minCandidateNodesPercentage: 20, minCandidateNodesAbsolute: 0 }
- name: VolumeBinding
  args: { bindTimeoutSeconds: 30 }`);
    expect(found.schedulerName).toBe('packer');
    expect(found.fit).toEqual({
      strategy: {
        type: 'RequestedToCapacityRatio',
        resources: [
          { name: 'cpu', weight: 3 },
          { name: 'nvidia.com/gpu', weight: 1 },
        ],
        shape: [
          { utilization: 0, score: 0 },
          { utilization: 100, score: 10 },
        ],
      },
      ignoredResources: ['example.com/dongle'],
      ignoredResourceGroups: ['example.org'],
    });
    expect(found.balancedResources.map(({ name }) => name)).toEqual(['cpu', 'nvidia.com/gpu']);
    expect(found.spread.defaults).toEqual([
      {
        topologyKey: 'topology.kubernetes.io/zone',
        maxSkew: 2,
        whenUnsatisfiable: 'DoNotSchedule',
        minDomains: 3,
        nodeTaintsPolicy: 'Honor',
      },
    ]);
    expect(found.podAffinity).toEqual({ hardWeight: 7, ignorePreferredOfExisting: true });
    expect(found.nodeAffinity.addedRequired).toEqual([
      { matchExpressions: [{ key: 'pool', operator: 'In', values: ['batch'] }] },
    ]);
    expect(found.preemption).toEqual({ minCandidatePercentage: 20, minCandidateAbsolute: 0 });
  });

  it('takes percentage and backoff for every profile, and a profile’s own percentage before that', () => {
    const { profiles } = read(`percentageOfNodesToScore: 30
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 60
profiles:
- schedulerName: a
- { schedulerName: b, percentageOfNodesToScore: 0 }
`);
    expect(profiles.map((p) => p.percentageOfNodesToScore)).toEqual([30, 0]);
    expect(profiles.map((p) => [p.initialBackoffMs, p.maxBackoffMs])).toEqual([
      [2000, 60_000],
      [2000, 60_000],
    ]);
  });

  it('says of what changes nothing that it does', () => {
    const { receipt, client } = read(`parallelism: 16
leaderElection: { leaderElect: false, leaseDuration: 15s }
clientConnection: { qps: 100, burst: 200 }
enableProfiling: false
extenders: [{ urlPrefix: "http://127.0.0.1/" }]
profiles: [{ plugins: { permit: { disabled: [{ name: "*" }] } } }]
`);
    expect(receipt.unit).toBe('profiles');
    expect(receipt.entries.map(({ subject, treatment, line, code }) => [subject, treatment, line, code])).toEqual([
      ['clientConnection', 'approximated', 5, 'F0321'],
      ['parallelism', 'ignored', 3, 'F0323'],
      ['leaderElection', 'ignored', 4, 'F0323'],
      ['enableProfiling', 'ignored', 6, 'F0323'],
      ['extenders', 'ignored', 7, 'F0321'],
      ['plugins.permit', 'ignored', 8, 'F0321'],
    ]);
    expect(client).toEqual({ qps: 100, burst: 200 });
    expect(read('clientConnection: { qps: 0, burst: 7 }').client).toEqual({ qps: 50, burst: 7 });
    expect(read('clientConnection: { contentType: json }').client).toBeUndefined();
  });
});

describe('plug-ins of a profile', () => {
  const weights = (plugins: string) => profile(`plugins:\n  ${plugins}`).scoreWeights;

  it('leaves out what is disabled, at one point or at all', () => {
    const { ImageLocality: _, ...others } = DEFAULT_WEIGHTS;
    expect(weights('score: { disabled: [{ name: ImageLocality }] }')).toEqual(others);
    expect(weights('score: { disabled: [{ name: "*" }] }')).toEqual({});
    const found = profile('plugins:\n  multiPoint: { disabled: [{ name: PodTopologySpread }] }');
    expect(found.filters).not.toContain('PodTopologySpread');
    expect(found.preFilters).not.toContain('PodTopologySpread');
    expect(found.scoreWeights).not.toHaveProperty('PodTopologySpread');
  });

  it('gives a plug-in that is enabled again without a weight the weight 1, as the real program does', () => {
    expect(weights('score: { enabled: [{ name: TaintToleration }] }').TaintToleration).toBe(1);
    expect(weights('score: { enabled: [{ name: TaintToleration, weight: 0 }] }').TaintToleration).toBe(1);
    expect(weights('multiPoint: { enabled: [{ name: TaintToleration, weight: 9 }] }').TaintToleration).toBe(9);
  });

  it('prefers the weight at the point to that of multiPoint', () => {
    const both =
      'multiPoint: { enabled: [{ name: NodeAffinity, weight: 9 }] }\n  score: { enabled: [{ name: NodeAffinity, weight: 4 }] }';
    expect(weights(both).NodeAffinity).toBe(4);
  });

  it('asks first what overrides multiPoint, then the rest of it, then what was disabled and enabled again', () => {
    const overriding = profile('plugins:\n  filter: { enabled: [{ name: NodePorts }, { name: NodeName }] }').filters;
    expect(overriding.slice(0, 3)).toEqual(['NodePorts', 'NodeName', 'NodeUnschedulable']);
    const again = profile('plugins:\n  filter: { disabled: [{ name: NodeName }], enabled: [{ name: NodeName }] }').filters;
    expect(again.at(-1)).toBe('NodeName');
  });

  it('starts from nothing where everything is disabled', () => {
    const found = profile(`plugins:
  multiPoint:
    disabled: [{ name: "*" }]
    enabled: [{ name: PrioritySort }, { name: DefaultBinder }, { name: NodeResourcesFit, weight: 5 }]`);
    expect(found.filters).toEqual(['NodeResourcesFit']);
    expect(found.scoreWeights).toEqual({ NodeResourcesFit: 5 });
    expect(found.postFilters).toEqual([]);
  });

  it('lets plug-ins of the user’s own take part unless they are disabled, and sort the queue in place of PrioritySort', () => {
    const plugins = [
      { name: 'Mine', points: ['filter', 'score'] as const, weight: 4 },
      { name: 'Oldest', points: ['queueSort'] as const },
    ];
    const value = (profiles: unknown) => ({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles,
    });
    const [taking] = readSchedulerConfig(value([]), { plugins }).profiles;
    expect(taking.filters.at(-1)).toBe('Mine');
    expect(taking.scoreWeights.Mine).toBe(4);
    expect(taking.queueSort).toBe('Oldest');
    const without = { multiPoint: { disabled: [{ name: 'Mine' }] } };
    const [plain] = readSchedulerConfig(value([{ plugins: without }]), { plugins }).profiles;
    expect(plain.filters).not.toContain('Mine');
  });
});

/** A mark stands before the spot that a message must point at. */
describe('a configuration that kube-scheduler would not start with', () => {
  it.each<[string, string, string]>([
    [
      'a misspelt field',
      '▸percentageOfNodeToScore: 5',
      'E0102 unknown field "percentageOfNodeToScore" (did you mean "percentageOfNodesToScore"?)',
    ],
    [
      'a misspelt field of arguments',
      'profiles: [{ pluginConfig: [{ name: InterPodAffinity, args: { ▸hardPodAffinityWeigth: 1 } }] }]',
      'E0102 unknown field "hardPodAffinityWeigth" (did you mean "hardPodAffinityWeight"?)',
    ],
    [
      'an unknown plug-in',
      'profiles: [{ plugins: { score: { enabled: [{ name: ▸NodeResourceFit }] } } }]',
      'E0107 there is no plug-in "NodeResourceFit" (did you mean "NodeResourcesFit"?)',
    ],
    [
      'a plug-in of another point',
      'profiles: [{ plugins: { score: { enabled: [{ name: ▸NodePorts }] } } }]',
      'E0132 plug-in "NodePorts" does not take part in score (it takes part in preFilter, filter)',
    ],
    [
      'a plug-in that is gone',
      'profiles: [{ plugins: { filter: { enabled: [{ name: ▸EBSLimits }] } } }]',
      'E0107 there is no plug-in "EBSLimits" (Kubernetes took it out; NodeVolumeLimits does its work)',
    ],
    [
      'a plug-in enabled twice',
      'profiles: [{ plugins: { score: { enabled: [{ name: ImageLocality }, { name: ▸ImageLocality }] } } }]',
      'E0108 plug-in "ImageLocality" is enabled twice here',
    ],
    [
      'a weight that is no whole number',
      'profiles: [{ plugins: { score: { enabled: [{ name: ImageLocality, weight: ▸1.5 }] } } }]',
      'E0103 profiles[0].plugins.score.enabled[0].weight must be a whole number, got 1.5',
    ],
    [
      'half of a plug-in',
      'profiles: [{ plugins: { ▸filter: { disabled: [{ name: NodeAffinity }] } } }]',
      'E0132 NodeAffinity is disabled for filter and not for preFilter (the two belong together: disable it for both, or under multiPoint)',
    ],
    [
      'two that sort the queue',
      'profiles: [{ plugins: { ▸queueSort: { disabled: [{ name: PrioritySort }] } } }]',
      'E0132 exactly one plug-in sorts the queue, and none is enabled',
    ],
    [
      'nothing that binds',
      'profiles: [{ plugins: { ▸bind: { disabled: [{ name: "*" }] } } }]',
      'E0132 no plug-in is left that binds pods (enable DefaultBinder)',
    ],
    ['a percentage above 100', 'percentageOfNodesToScore: ▸101', 'E0110 percentageOfNodesToScore must be ≤ 100, got 101'],
    ['no backoff at all', 'podInitialBackoffSeconds: ▸0', 'E0110 podInitialBackoffSeconds must be ≥ 1, got 0'],
    [
      'a backoff that falls',
      'podInitialBackoffSeconds: ▸20',
      'E0110 podMaxBackoffSeconds (10) must not be below podInitialBackoffSeconds (20)',
    ],
    [
      'a strategy without its type',
      'profiles: [{ pluginConfig: [{ name: NodeResourcesFit, args: { ▸scoringStrategy: { resources: [{ name: cpu }] } } }] }]',
      'E0101 "type" is missing (LeastAllocated is the default only without a scoringStrategy)',
    ],
    [
      'a shape that falls',
      'profiles: [{ pluginConfig: [{ name: NodeResourcesFit, args: { scoringStrategy: { type: RequestedToCapacityRatio, requestedToCapacityRatio: { shape: [{ utilization: 5, score: 1 }, { utilization: ▸5, score: 2 }] } } } }] }]',
      'E0122 the points of a shape must rise in utilization',
    ],
    [
      'a shape for another strategy',
      'profiles: [{ pluginConfig: [{ name: NodeResourcesFit, args: { scoringStrategy: { type: MostAllocated, ▸requestedToCapacityRatio: {} } } }] }]',
      'E0122 requestedToCapacityRatio means nothing to MostAllocated (leave it out, or write type: RequestedToCapacityRatio)',
    ],
    [
      'a weight of balance',
      'profiles: [{ pluginConfig: [{ name: NodeResourcesBalancedAllocation, args: { resources: [{ name: cpu, weight: ▸2 }] } }] }]',
      'E0110 profiles[0].pluginConfig[0].args.resources[0].weight must be ≤ 1, got 2',
    ],
    [
      'constraints beside the system’s',
      'profiles: [{ pluginConfig: [{ name: PodTopologySpread, args: { ▸defaultConstraints: [{ topologyKey: a, maxSkew: 1, whenUnsatisfiable: DoNotSchedule }] } }] }]',
      'E0122 defaultConstraints count only with defaultingType: List (add defaultingType: List)',
    ],
    [
      'a group with a slash',
      'profiles: [{ pluginConfig: [{ name: NodeResourcesFit, args: { ignoredResourceGroups: [▸a.b/c] } }] }]',
      'E0122 a group of resources has no "/", got "a.b/c" (a group is what stands before the "/" of its resources; ignoredResources takes whole names)',
    ],
    [
      'arguments twice',
      'profiles: [{ pluginConfig: [{ name: NodeAffinity }, { name: ▸NodeAffinity }] }]',
      'E0108 plug-in "NodeAffinity" is configured twice',
    ],
    [
      'profiles without names',
      'profiles: [{ schedulerName: a }, ▸{}]',
      'E0101 "schedulerName" is missing (every one of several profiles needs a name of its own)',
    ],
    ['profiles of one name', 'profiles: [{ schedulerName: a }, { schedulerName: ▸a }]', 'E0108 two profiles are named "a"'],
    [
      'no candidates for preemption',
      'profiles: [{ pluginConfig: [{ name: DefaultPreemption, args: { minCandidateNodesPercentage: ▸0, minCandidateNodesAbsolute: 0 } }] }]',
      'E0110 minCandidateNodesPercentage and minCandidateNodesAbsolute are both 0',
    ],
    [
      'a comparison with a word',
      'profiles: [{ pluginConfig: [{ name: NodeAffinity, args: { addedAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key: a, operator: Gt, values: [▸"many"] }] } }] } } }] }]',
      'E0122 Gt compares whole numbers, got "many"',
    ],
    [
      'a field of two values',
      'profiles: [{ pluginConfig: [{ name: NodeAffinity, args: { addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: metadata.name, operator: In, ▸values: [a, b] }] }] } } } }] }]',
      'E0122 a field is compared with exactly one value',
    ],
  ])('%s', (_, body, expected) => {
    const [code, ...rest] = expected.split(' ');
    expect(problems(body.replace('▸', ''))).toEqual([`${code} 3:${body.indexOf('▸') + 1} ${rest.join(' ')}`]);
  });

  it('of another version', () => {
    expect(problems('', 'apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n')).toEqual([
      'E0107 1:13 "kubescheduler.config.k8s.io/v1beta3" is not kubescheduler.config.k8s.io/v1 (Kubernetes 1.36 knows no other; the beta versions differ in the names of some plug-ins)',
    ]);
  });

  it('of several documents, or none', () => {
    expect(problems('---\na: 1\n')[0]).toContain('E0108 4:1 a configuration is one document');
    expect(problems('', '')).toEqual([
      'E0001 1:1 the configuration is empty (it starts with apiVersion: kubescheduler.config.k8s.io/v1)',
    ]);
  });

  it('starts all the same, with a warning, where a plug-in that is not there is disabled or configured', () => {
    const disabled = 'profiles: [{ plugins: { score: { disabled: [{ name: NodePorts }, { name: ImageLocalty }] } } }]';
    const [first, second] = ['NodePorts', 'ImageLocalty'].map((name) => `3:${disabled.indexOf(name) + 1}`);
    expect(problems(disabled)).toEqual([
      `W0203 ${first} there is no plug-in "NodePorts" to disable here (it takes part in preFilter, filter)`,
      `W0203 ${second} there is no plug-in "ImageLocalty" to disable here (did you mean "ImageLocality"?)`,
    ]);
    expect(problems('profiles: [{ pluginConfig: [{ name: Trimaran, args: { a: 1 } }] }]')).toEqual([
      'W0203 3:37 there is no plug-in "Trimaran" to configure (plug-ins that are built into a scheduler of your own are not known here)',
    ]);
  });

  it('needs the filter of room for a run', () => {
    const value = {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [{ plugins: { multiPoint: { disabled: [{ name: 'NodeResourcesFit' }] } } }],
    };
    expect(() => readSchedulerConfig(value, { forRun: true })).toThrow('a run needs the filter NodeResourcesFit');
    expect(readSchedulerConfig(value).profiles[0].filters).not.toContain('NodeResourcesFit');
  });
});
