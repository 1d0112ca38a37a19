import fc from 'fast-check';
import { FILTER_PLUGINS } from '../../src/filters/plugins.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from '../../src/plain/config.ts';

const weight = fc.integer({ min: 1, max: 12 });
const ssd = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
const notC = { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'NotIn' as const, values: ['c'] }] };
const early = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn' as const, values: ['n3', 'n5'] }] };

const resources = fc.uniqueArray(fc.record({ name: fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu'), weight }), {
  selector: ({ name }) => name,
  minLength: 1,
});

const strategy: fc.Arbitrary<SchedulerConfig['fit']['strategy']> = fc.oneof(
  fc.record({ type: fc.constantFrom('LeastAllocated' as const, 'MostAllocated' as const), resources }),
  fc.record({
    type: fc.constant('RequestedToCapacityRatio' as const),
    resources,
    shape: fc.constant([
      { utilization: 0, score: 2 },
      { utilization: 60, score: 10 },
      { utilization: 100, score: 0 },
    ]),
  }),
);

const constraint = fc.record(
  {
    topologyKey: fc.constantFrom('topology.kubernetes.io/zone', 'kubernetes.io/hostname', 'disk'),
    maxSkew: fc.integer({ min: 1, max: 3 }),
    whenUnsatisfiable: fc.constantFrom('DoNotSchedule' as const, 'ScheduleAnyway' as const),
    minDomains: fc.integer({ min: 1, max: 4 }),
    nodeAffinityPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
    nodeTaintsPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
  },
  { requiredKeys: ['topologyKey', 'maxSkew', 'whenUnsatisfiable'] },
);

/** Filters of the default profile, some left out, now and then in another order. Nodes are never filled beyond what they have. */
const filters = fc.tuple(fc.subarray([...FILTER_PLUGINS]), fc.nat(9)).map(([left, turn]): string[] => {
  const names = FILTER_PLUGINS.filter((name) => name === 'NodeResourcesFit' || left.length > 9 || !left.includes(name));
  return turn === 0 ? [...names].reverse() : [...names];
});

/** Any part of a configuration, and any parts of it together. */
export const anyConfig: fc.Arbitrary<Partial<SchedulerConfig>> = fc
  .record(
    {
      filters,
      scoreWeights: fc
        .tuple(fc.subarray(Object.keys(DEFAULT_CONFIG.scoreWeights)), fc.array(weight, { minLength: 9, maxLength: 9 }))
        .map(([names, weights]) => Object.fromEntries(names.map((name, i) => [name, weights[i]]))),
      fit: fc.record({
        strategy,
        ignoredResources: fc.constant([]),
        ignoredResourceGroups: fc.constantFrom<string[][]>([], ['nvidia.com']),
      }),
      balancedResources: resources.map((list) => list.map(({ name }) => ({ name, weight: 1 }))),
      nodeAffinity: fc.record(
        {
          addedRequired: fc.constantFrom([notC], [ssd, notC], [early]),
          addedPreferred: fc.constantFrom([{ weight: 7, preference: ssd }], [{ weight: 30, preference: early }]),
        },
        { requiredKeys: [] },
      ),
      spread: fc.record({
        defaults: fc.oneof(fc.constant('System' as const), fc.array(constraint, { minLength: 1, maxLength: 2 })),
      }),
      podAffinity: fc.record({ hardWeight: fc.nat(5), ignorePreferredOfExisting: fc.boolean() }),
      postFilters: fc.constantFrom(['DynamicResources', 'DefaultPreemption'], ['DynamicResources'], []),
      initialBackoffMs: fc.constantFrom(1000, 3000),
    },
    { requiredKeys: [] },
  )
  .map(({ filters: names, ...rest }) => ({
    ...rest,
    ...(names && { filters: names, preFilters: DEFAULT_CONFIG.preFilters.filter((name) => names.includes(name)) }),
  }));
