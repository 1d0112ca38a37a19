import { parseScenario, type Scenario, type SharedWorkload, Workload } from '@plimsoll/core';
import { podSpec } from './pods.ts';

/** The small price list that generated scenarios buy from: three shapes, so that choices and misfits are common. */
const TYPES = ['c6i.xlarge', 'm6i.large', 'm6i.2xlarge', 'r6i.xlarge'];

/** A scenario over a few types with both autoscalers. */
export function smallScenario(overrides: Record<string, unknown> = {}): Scenario {
  const parsed = parseScenario({
    apiVersion: 'plimsoll/v1',
    kind: 'Scenario',
    metadata: { name: 'small' },
    time: { settle: '25m' },
    workload: {},
    cloud: { catalog: 'aws', zones: ['us-east-1a', 'us-east-1b'], instanceTypes: TYPES },
    autoscalers: {
      'node-groups': {
        use: 'cluster-autoscaler',
        config: {
          nodeGroups: [
            { name: 'general', min: 1, max: 6, instanceTypes: ['m6i.large'] },
            { name: 'big', min: 0, max: 4, instanceTypes: ['m6i.2xlarge'] },
          ],
        },
      },
      karpenter: { use: 'karpenter', config: {} },
    },
    ...overrides,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.scenario;
}

/** A workload that makes nodes come and go within two hours: a service, bursts of jobs, a bare pod, one pod that is larger than most nodes. */
export function smallWorkload(): SharedWorkload {
  const templates = [
    podSpec(500, 512, 'ReplicaSet'),
    podSpec(1000, 2048, 'Job'),
    podSpec(1500, 1024, 'none'),
    podSpec(6000, 20_480, 'Job'),
  ];
  const minute = 60_000;
  return Workload.of(templates, [
    { name: 'web', template: 0, time: 0, duration: Infinity, count: 3 },
    { name: 'burst', template: 1, time: 2 * minute, duration: 7 * minute, count: 20 },
    { name: 'alone', template: 2, time: 3 * minute, duration: 30 * minute, count: 1 },
    { name: 'whale', template: 3, time: 40 * minute, duration: 20 * minute, count: 1 },
    { name: 'again', template: 1, time: 41 * minute, duration: 90_000, count: 30 },
    { name: 'late', template: 0, time: 70 * minute, duration: 10 * minute, count: 4 },
  ]).share();
}
