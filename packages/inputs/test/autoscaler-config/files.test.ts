import { describe, expect, it } from 'vitest';
import { assembleConfig } from '../../src/autoscaler-config/assemble.ts';
import { type ConfiguredProgram, readAutoscalerFiles } from '../../src/autoscaler-config/autoscaler-config.ts';
import { InputError, ProblemList } from '../../src/problems/problem.ts';

const here = { context: { file: 'scenario.yaml', problems: new ProblemList() }, path: ['autoscalers', 'a', 'config'] };

function config(program: ConfiguredProgram, ...texts: string[]): unknown {
  const parts = readAutoscalerFiles(
    texts.map((text, index) => ({ file: `${index}.yaml`, text })),
    program,
  );
  return assembleConfig(parts, {}, here).config;
}

function problemOf(program: ConfiguredProgram, text: string): string {
  try {
    config(program, text);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'no problem';
}

const DEPLOYMENT = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: cluster-autoscaler }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cluster-autoscaler }
spec:
  template:
    spec:
      containers:
        - name: proxy
          image: example/proxy
          args: [--listen=80]
        - name: main
          image: example/cluster-autoscaler:v1.37.0
          command: [./cluster-autoscaler, --v=4, --scan-interval=20s]
          args: ["--nodes=1:10:workers", --expander, least-waste]
`;

describe('files of Cluster Autoscaler', () => {
  it('are a Deployment: the words behind the name of the program', () => {
    expect(config('cluster-autoscaler', DEPLOYMENT)).toEqual({
      flags: ['--v=4', '--scan-interval=20s', '--nodes=1:10:workers', '--expander', 'least-waste'],
    });
  });

  it('are Helm values: the flags that the chart makes of them', () => {
    const values = `
cluster-autoscaler:
  autoscalingGroups:
    - { name: workers, minSize: 1, maxSize: 10 }
  extraArgs:
    scan-interval: 20s
    skip-nodes-with-local-storage: false
    balancing-ignore-label_1: a
    balancing-ignore-label_2: b
    logtostderr:
  expanderPriorities: |-
    10:
      - ".*spot.*"
    1: [".*"]
`;
    expect(config('cluster-autoscaler', values)).toEqual({
      flags: [
        '--nodes=1:10:workers',
        '--scan-interval=20s',
        '--skip-nodes-with-local-storage=false',
        '--balancing-ignore-label=a',
        '--balancing-ignore-label=b',
        '--logtostderr',
      ],
      priorities: { 1: ['.*'], 10: ['.*spot.*'] },
    });
  });

  it('are plain text: a command line as it is pasted', () => {
    const text = `# what runs in production
./cluster-autoscaler --scan-interval=20s \\
  --expander=random   # for now
  "--nodes=1:10:my workers"
`;
    expect(config('cluster-autoscaler', text)).toEqual({
      flags: ['--scan-interval=20s', '--expander=random', '--nodes=1:10:my workers'],
    });
  });

  it('are an eksctl ClusterConfig: node groups, with the defaults of eksctl', () => {
    const text = `
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: { name: shop, region: eu-west-1 }
availabilityZones: [eu-west-1a, eu-west-1b]
managedNodeGroups:
  - name: general
    instanceTypes: [m6i.xlarge, m6a.xlarge]
    minSize: 1
    maxSize: 10
    spot: true
    labels: { role: general }
    taints: [{ key: team, value: shop, effect: NoSchedule }]
  - { name: plain, availabilityZones: [eu-west-1a] }
nodeGroups:
  - name: old
    desiredCapacity: 3
    taints: { old: "true:NoExecute" }
`;
    const zones = ['eu-west-1a', 'eu-west-1b'];
    expect(config('cluster-autoscaler', text)).toEqual({
      nodeGroups: [
        {
          name: 'general',
          min: 1,
          max: 10,
          instanceTypes: ['m6i.xlarge', 'm6a.xlarge'],
          zones,
          capacityType: 'spot',
          labels: { role: 'general' },
          taints: [{ key: 'team', value: 'shop', effect: 'NoSchedule' }],
        },
        {
          name: 'plain',
          min: 2,
          max: 2,
          instanceTypes: ['m5.large'],
          zones: ['eu-west-1a'],
          capacityType: 'on-demand',
          labels: {},
          taints: [],
        },
        {
          name: 'old',
          min: 3,
          max: 3,
          desired: 3,
          instanceTypes: ['m5.large'],
          zones,
          capacityType: 'on-demand',
          labels: {},
          taints: [{ key: 'old', value: 'true', effect: 'NoExecute' }],
        },
      ],
    });
  });

  it('are refused with a place and what would be understood', () => {
    expect(problemOf('cluster-autoscaler', 'kind: Service\napiVersion: v1\n')).toMatch(
      /^0\.yaml:1:1: the file says nothing about cluster-autoscaler; understood are a Deployment/,
    );
    expect(problemOf('cluster-autoscaler', 'extraArgs:\n  expander: "{{ .Values.e }}"\n')).toBe(
      '0.yaml:2:13: a template is not rendered here; run helm template and name its output',
    );
    expect(problemOf('cluster-autoscaler', 'extraArgs:\n  v: { toString: }\n')).toMatch(
      /^0\.yaml:2:6: extraArgs\.v must be a text/,
    );
    expect(problemOf('cluster-autoscaler', 'expanderPriorities:\n  high: [a]\n')).toBe(
      '0.yaml:2:3: "high" is no priority: it is a whole number',
    );
  });
});

const POOL = 'apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: { name: a }\nspec: { weight: 5 }\n';
const CLASS = 'apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: { name: c }\n';

describe('files of Karpenter', () => {
  it('are manifests: pools and classes as they are', () => {
    const pool = { apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'a' }, spec: { weight: 5 } };
    const nodeClass = { apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass', metadata: { name: 'c' } };
    expect(config('karpenter', `${POOL}---\n${CLASS}`)).toEqual({ nodePools: [pool], nodeClasses: [nodeClass] });
    expect(config('karpenter', POOL, CLASS)).toEqual({ nodePools: [pool], nodeClasses: [nodeClass] });
  });

  it('are settings of the controller, by Helm values, by variables and by flags', () => {
    const helm = `
settings:
  batchMaxDuration: 20s
  interruptionQueue: ""
  featureGates: { spotToSpotConsolidation: true }
`;
    const deployment = `
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: controller
          env:
            - { name: BATCH_MAX_DURATION, value: 20s }
            - { name: KUBE_CLIENT_QPS, value: "50" }
            - { name: FEATURE_GATES, value: "SpotToSpotConsolidation=true,NodeRepair=false" }
            - { name: SYSTEM_NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
          args: [--batch-idle-duration=2s, --vm-memory-overhead-percent, "0.1", --reserved-enis=1]
`;
    expect(config('karpenter', helm)).toEqual({
      settings: { batchMaxDuration: '20s' },
      featureGates: { SpotToSpotConsolidation: true },
    });
    expect(config('karpenter', deployment)).toEqual({
      settings: {
        batchMaxDuration: '20s',
        kubeClientQPS: 50,
        batchIdleDuration: '2s',
        vmMemoryOverheadPercent: 0.1,
        reservedENIs: 1,
      },
      featureGates: { SpotToSpotConsolidation: true, NodeRepair: false },
    });
  });

  it('are refused where a setting is misspelt', () => {
    expect(problemOf('karpenter', 'settings:\n  batchMaxDuraton: 20s\n')).toBe(
      '0.yaml:2:3: Karpenter has no setting "batchMaxDuraton"; did you mean "batchMaxDuration"?',
    );
  });
});

describe('what the scenario adds to its files', () => {
  const text = 'extraArgs:\n  scan-interval: 20s\n  expander: random\n';
  const parts = readAutoscalerFiles([{ file: 'values.yaml', text }], 'cluster-autoscaler');

  it('wins: flags by their name, fields of a node group by the name of the group', () => {
    const inline = { flags: { expander: 'least-waste' }, nodeGroups: [{ name: 'a', min: 0, max: 5 }] };
    const { config, placeOf } = assembleConfig(parts, inline, here);
    expect(config).toEqual({ flags: ['--scan-interval=20s', '--expander=least-waste'], nodeGroups: inline.nodeGroups });
    expect(placeOf(['flags', 0])).toMatchObject({
      origin: { context: { file: 'values.yaml' } },
      path: ['extraArgs', 'scan-interval'],
    });
    expect(placeOf(['flags', 1])?.path).toEqual(['autoscalers', 'a', 'config', 'flags', 'expander']);
    expect(placeOf(['nodeGroups', 0, 'max'])?.path).toEqual(['autoscalers', 'a', 'config', 'nodeGroups', 0, 'max']);
    expect(placeOf(['priorities'])).toBeUndefined();
  });

  it('joins groups of one name and keeps where each field stands', () => {
    const eksctl = 'kind: ClusterConfig\nmanagedNodeGroups:\n  - { name: a, minSize: 1, maxSize: 3 }\n';
    const groups = readAutoscalerFiles([{ file: 'cluster.yaml', text: eksctl }], 'cluster-autoscaler');
    const { config, placeOf } = assembleConfig(
      groups,
      {
        nodeGroups: [
          { name: 'b', max: 1 },
          { name: 'a', max: 9 },
        ],
      },
      here,
    );
    expect(config.nodeGroups).toMatchObject([{ name: 'a', min: 1, max: 9 }, { name: 'b' }]);
    expect(placeOf(['nodeGroups', 0, 'max'])?.path).toEqual(['autoscalers', 'a', 'config', 'nodeGroups', 1, 'max']);
    expect(placeOf(['nodeGroups', 0, 'min'])?.origin.context.file).toBe('cluster.yaml');
    expect(placeOf(['nodeGroups', 1, 'max'])?.path).toEqual(['autoscalers', 'a', 'config', 'nodeGroups', 0, 'max']);
  });
});
