import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputError } from '../../src/problems/problem.ts';
import { readSchedulerConfig, readSchedulerConfigText } from '../../src/scheduler-config/configuration.ts';

/** A configuration that uses every field once. */
const WHOLE = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  parallelism: 16,
  leaderElection: { leaderElect: true, leaseDuration: '15s', resourceLock: 'leases' },
  clientConnection: { kubeconfig: '/etc/kubernetes/scheduler.conf', qps: 50, burst: 100 },
  percentageOfNodesToScore: 50,
  podInitialBackoffSeconds: 1,
  podMaxBackoffSeconds: 10,
  profiles: [
    {
      schedulerName: 'default-scheduler',
      plugins: {
        multiPoint: { enabled: [{ name: 'ImageLocality', weight: 3 }], disabled: [{ name: 'VolumeZone' }] },
        score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit', weight: 2 }] },
      },
      pluginConfig: [
        {
          name: 'NodeResourcesFit',
          args: {
            ignoredResources: ['example.com/a'],
            scoringStrategy: {
              type: 'RequestedToCapacityRatio',
              resources: [{ name: 'cpu', weight: 1 }],
              requestedToCapacityRatio: { shape: [{ utilization: 0, score: 0 }] },
            },
          },
        },
        {
          name: 'PodTopologySpread',
          args: {
            defaultingType: 'List',
            defaultConstraints: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }],
          },
        },
        {
          name: 'NodeAffinity',
          args: {
            addedAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
              ],
            },
          },
        },
        { name: 'InterPodAffinity', args: { hardPodAffinityWeight: 1 } },
        { name: 'DefaultPreemption', args: { minCandidateNodesPercentage: 10 } },
      ],
    },
  ],
};

/** Ways from the root to every value. */
function placesIn(value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [
    way,
    ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...way, Array.isArray(value) ? Number(key) : key])),
  ];
}

function changed(way: readonly (string | number)[], junk: unknown): unknown {
  if (way.length === 0) return junk;
  const copy = structuredClone(WHOLE) as unknown;
  let at = copy as Record<string | number, unknown>;
  for (const step of way.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[way[way.length - 1]] = junk;
  return copy;
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    Number.NaN,
    '',
    '*',
    'NodeName',
    '__proto__',
    [],
    {},
    [null],
    [[]],
    [{}],
    { name: 1 },
    [{ name: '*' }],
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

it('accepts the whole', () => {
  expect(readSchedulerConfig(WHOLE).profiles[0].scoreWeights).toEqual({ NodeResourcesFit: 2 });
});

it('reads whatever stands in the place of a value, or says what is wrong with it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...placesIn(WHOLE)), junk, (way, value) => {
      try {
        const { profiles } = readSchedulerConfig(changed(way, value), { forRun: true });
        for (const profile of profiles) {
          expect(profile.filters).toContain('NodeResourcesFit');
          for (const weight of Object.values(profile.scoreWeights)) expect(Number.isInteger(weight)).toBe(true);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 1500, seed: 20_260_108 },
  );
});

it('points at a line for every mistake in a text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...placesIn(WHOLE)), junk, (way, value) => {
      const text = JSON.stringify(changed(way, value), null, 2) ?? 'null';
      try {
        readSchedulerConfigText(text, 'scheduler.json', { forRun: true });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        const lines = text.split('\n').length;
        for (const { line, column } of (error as InputError).problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 500, seed: 20_260_109 },
  );
});
