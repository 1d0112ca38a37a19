import { type PodSpec, Workload } from '@plimsoll/core';
import { simulate } from 'plimsoll';
import { expect, it } from 'vitest';
import { podSpec } from './support/pods.ts';
import { smallScenario } from './support/scenarios.ts';

const plain = podSpec(1000, 1024, 'Job');
const training: PodSpec = { ...plain, containers: [{ requests: { cpu: 2000, memory: 2 ** 32, 'nvidia.com/gpu': 1 } }] };

const scenario = smallScenario({
  cloud: { catalog: 'aws', zones: ['us-east-1a'], instanceTypes: ['g5.2xlarge'] },
  time: { settle: '30m' },
  autoscalers: {
    'node-groups': {
      use: 'cluster-autoscaler',
      config: { nodeGroups: [{ name: 'gpu', min: 0, max: 3, instanceTypes: ['g5.2xlarge'] }] },
    },
    karpenter: {
      use: 'karpenter',
      config: {
        nodePools: [
          {
            metadata: { name: 'gpu' },
            spec: {
              template: {
                spec: { requirements: [{ key: 'karpenter.k8s.aws/instance-category', operator: 'In', values: ['g'] }] },
              },
            },
          },
        ],
      },
    },
  },
});

it.each(['node-groups', 'karpenter'])(
  '%s buys a GPU node for a pod that asks for one, and gives it back once it is empty',
  (autoscaler) => {
    const workload = Workload.of([training], [{ name: 'training', template: 0, time: 0, duration: 600_000, count: 1 }]).share();
    const { decisions, tables } = simulate({ scenario, workload, autoscaler, seed: 1 });
    expect(tables.nodeNames).toHaveLength(1);
    expect(decisions.filter(({ kind }) => kind === 'terminate')).toHaveLength(1);
  },
);
