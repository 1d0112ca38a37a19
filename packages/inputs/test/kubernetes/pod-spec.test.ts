import { effectiveRequests } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { podSpecFrom } from '../../src/kubernetes/pod-spec.ts';
import { PriorityClasses } from '../../src/kubernetes/priority-classes.ts';

const MIB = 2 ** 20;

/** A pod with one container and whatever else its spec has. */
const pod = (spec: object, metadata: object = {}): object => ({ metadata, spec: { containers: [{ name: 'main' }], ...spec } });

describe('podSpecFrom', () => {
  it('keeps what decisions depend on, and leaves out what is absent', () => {
    expect(podSpecFrom({ metadata: { name: 'a' }, spec: { containers: [{ name: 'main', image: 'nginx' }] } })).toEqual({
      namespace: 'default',
      labels: {},
      annotations: {},
      controller: 'none',
      containers: [{ name: 'main', image: 'nginx', requests: {} }],
    });
  });

  it('turns limits into missing requests, container by container', () => {
    const { containers, initContainers } = podSpecFrom({
      spec: {
        containers: [
          { name: 'a', resources: { limits: { cpu: '2', memory: '1Gi', 'nvidia.com/gpu': 1 }, requests: { cpu: '500m' } } },
          { name: 'b', resources: { requests: { memory: '0' } } },
        ],
        initContainers: [{ name: 'i', resources: { limits: { cpu: 1.5 } } }],
      },
    });
    expect(containers.map((c) => c.requests)).toEqual([{ cpu: 500, memory: 1024 * MIB, 'nvidia.com/gpu': 1 }, { memory: 0 }]);
    expect(initContainers).toEqual([{ name: 'i', requests: { cpu: 1500 } }]);
  });

  it('rounds amounts finer than a unit up', () => {
    const requests = { cpu: '100.5m', memory: '128974848500m', 'ephemeral-storage': '1e3' };
    const { containers } = podSpecFrom({ spec: { containers: [{ name: 'a', resources: { requests } }] } });
    expect(containers[0].requests).toEqual({ cpu: 101, memory: 128_974_849, 'ephemeral-storage': 1000 });
  });

  it('knows a sidecar by its restart policy', () => {
    const { initContainers } = podSpecFrom(
      pod({ initContainers: [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'setup' }] }),
    );
    expect(initContainers).toEqual([
      { name: 'proxy', requests: {}, restartPolicy: 'Always' },
      { name: 'setup', requests: {} },
    ]);
  });

  it('makes every port one of the host under hostNetwork, and only those with a hostPort otherwise', () => {
    const ports = [
      { containerPort: 80, hostPort: 8080, protocol: 'UDP', hostIP: '0.0.0.0' },
      { containerPort: 90 },
      { containerPort: 91, hostPort: 0, hostIP: '10.0.0.1' },
    ];
    const containers = [{ name: 'a', ports }];
    expect(podSpecFrom({ spec: { containers } }).containers[0].ports).toEqual([{ port: 8080, protocol: 'UDP', ip: '' }]);
    expect(podSpecFrom({ spec: { containers, hostNetwork: true } }).containers[0].ports).toEqual([
      { port: 8080, protocol: 'UDP', ip: '' },
      { port: 90, protocol: 'TCP', ip: '' },
      { port: 91, protocol: 'TCP', ip: '10.0.0.1' },
    ]);
  });

  it('completes pod-level requests from the containers, then from the limits, only where there are limits', () => {
    const containers = [
      { name: 'a', resources: { requests: { cpu: '1' } } },
      { name: 'b', resources: { requests: { cpu: '500m' } } },
    ];
    const limited = podSpecFrom({ spec: { containers, resources: { limits: { cpu: '4', memory: '1Gi' } } } });
    expect(limited.podRequests).toEqual({ cpu: 1500, memory: 1024 * MIB });
    const requested = podSpecFrom({ spec: { containers, resources: { requests: { memory: '2Gi' } } } });
    expect(requested.podRequests).toEqual({ memory: 2048 * MIB });
    expect(effectiveRequests(requested)).toEqual({ cpu: 1500, memory: 2048 * MIB });
    expect(podSpecFrom({ spec: { containers, resources: {} } }).podRequests).toBeUndefined();
    const huge = [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { 'hugepages-2Mi': '4Mi' } } }];
    expect(podSpecFrom({ spec: { containers: huge, resources: { requests: { memory: '1Gi' } } } }).podRequests).toEqual({
      memory: 1024 * MIB,
      cpu: 1000,
      'hugepages-2Mi': 4 * MIB,
    });
  });

  it('reads node affinity and node selector', () => {
    const spec = podSpecFrom(
      pod({
        nodeSelector: { disk: 'ssd' },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] },
                { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
                {},
              ],
            },
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 7, preference: { matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] } },
            ],
          },
        },
      }),
    );
    expect(spec.nodeSelector).toEqual({ disk: 'ssd' });
    expect(spec.nodeAffinity).toEqual({
      required: [
        { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] },
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
        {},
      ],
      preferred: [{ weight: 7, preference: { matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] } }],
    });
  });

  it('tells an empty selector, which matches all, from an absent one, which matches nothing', () => {
    const { podAffinity, podAntiAffinity } = podSpecFrom(
      pod({
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: {}, namespaceSelector: {} }],
          },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: { topologyKey: 'host', namespaces: ['a'] } },
            ],
          },
        },
      }),
    );
    expect(podAffinity).toEqual({ required: [{ topologyKey: 'zone', labelSelector: {}, namespaceSelector: {} }] });
    expect(podAntiAffinity).toEqual({ preferred: [{ weight: 1, term: { topologyKey: 'host', namespaces: ['a'] } }] });
  });

  it("writes label keys into selectors from the pod's own labels", () => {
    const labelSelector = { matchLabels: { app: 'web' } };
    const { podAntiAffinity, topologySpread } = podSpecFrom(
      pod(
        {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'zone', labelSelector, matchLabelKeys: ['rev', 'gone'], mismatchLabelKeys: ['tenant'] },
              ],
            },
          },
          topologySpreadConstraints: [
            { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector, matchLabelKeys: ['rev'] },
          ],
        },
        { labels: { app: 'web', rev: '7', tenant: 'x' } },
      ),
    );
    const rev = { key: 'rev', operator: 'In', values: ['7'] };
    const tenant = { key: 'tenant', operator: 'NotIn', values: ['x'] };
    expect(podAntiAffinity?.required?.[0].labelSelector).toEqual({ ...labelSelector, matchExpressions: [rev, tenant] });
    expect(topologySpread).toEqual([
      {
        topologyKey: 'zone',
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { ...labelSelector, matchExpressions: [rev] },
      },
    ]);
  });

  it('reads tolerations, gates, volumes, grace, overhead, node name and scheduler', () => {
    const spec = podSpecFrom(
      pod({
        tolerations: [
          { operator: 'Exists' },
          { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 30 },
          { key: 'c', effect: '' },
        ],
        schedulingGates: [{ name: 'hold' }],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: 'c1' } },
          { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } },
          { name: 'tmp', emptyDir: {} },
          { name: 'shm', emptyDir: { medium: 'Memory' } },
          { name: 'host', hostPath: { path: '/x' } },
          { name: 'conf', configMap: { name: 'c' } },
          { name: 'bare' },
        ],
        terminationGracePeriodSeconds: 0,
        overhead: { cpu: '250m' },
        nodeName: 'n1',
        schedulerName: 'mine',
      }),
    );
    expect(spec.tolerations).toEqual([
      { operator: 'Exists' },
      { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 30 },
      { key: 'c' },
    ]);
    expect(spec.schedulingGates).toEqual(['hold']);
    expect(spec.volumes?.map((v) => v.kind)).toEqual([
      'persistentVolumeClaim',
      'ephemeral',
      'emptyDir',
      'emptyDirMemory',
      'hostPath',
      'other',
      'emptyDir',
    ]);
    expect(spec.volumes?.[0].claim).toBe('c1');
    expect([spec.gracePeriodSeconds, spec.overhead, spec.nodeName, spec.schedulerName]).toEqual([0, { cpu: 250 }, 'n1', 'mine']);
  });

  it('takes the kind of the owner that controls the pod', () => {
    const ownerReferences = [
      { kind: 'Tenant', name: 't' },
      { kind: 'ReplicaSet', name: 'r', controller: true },
    ];
    expect(podSpecFrom(pod({}, { ownerReferences })).controller).toBe('ReplicaSet');
    const uncontrolled = pod({}, { ownerReferences: [{ kind: 'DaemonSet', name: 'd' }] });
    expect(podSpecFrom(uncontrolled).controller).toBe('none');
    expect(podSpecFrom(uncontrolled, { anyOwner: true }).controller).toBe('DaemonSet');
    expect(podSpecFrom(uncontrolled, { controller: 'Job' }).controller).toBe('Job');
  });

  it('takes priority from the spec, or else from its class', () => {
    const priorityClasses = new PriorityClasses();
    expect(podSpecFrom(pod({ priority: -5, priorityClassName: 'system-node-critical' }), { priorityClasses }).priority).toBe(-5);
    expect(podSpecFrom(pod({ priorityClassName: 'system-node-critical' }), { priorityClasses }).priority).toBe(2_000_001_000);
    expect(podSpecFrom(pod({ priorityClassName: 'any' })).priority).toBeUndefined();
    expect(() => podSpecFrom(pod({ priorityClassName: 'any' }), { priorityClasses })).toThrow(
      'pod: spec.priorityClassName: there is no priority class "any"; add the PriorityClass to the input',
    );
  });

  it('tells all mistakes of a value at once, with their paths', () => {
    const broken = pod({
      tolerations: [{ key: 'a', operator: 'exists' }, { value: 'x' }],
      nodeselector: {},
      priority: '7',
      topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 0 }],
    });
    expect(() => podSpecFrom(broken)).toThrow(
      [
        'pod: spec.nodeselector: unknown field "nodeselector"; did you mean "nodeSelector"?',
        'pod: spec.tolerations[0].operator: "exists" is not one of Exists, Equal; did you mean "Exists"?',
        'pod: spec.tolerations[1]: a toleration without a key must have the operator Exists',
        'pod: spec.topologySpreadConstraints[0]: "whenUnsatisfiable" is missing',
        'pod: spec.topologySpreadConstraints[0].maxSkew: spec.topologySpreadConstraints[0].maxSkew must be ≥ 1, got 0',
        'pod: spec.priority: spec.priority must be a whole number, got "7"',
      ].join('\n'),
    );
    expect(() => podSpecFrom({})).toThrow('pod: "spec" is missing');
    expect(() => podSpecFrom([])).toThrow();
  });

  it('takes operators that another program accepted, when told so', () => {
    const nodeSelectorTerms = [{ matchExpressions: [{ key: 'a', operator: 'Gte', values: ['1'] }] }];
    const value = pod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
    expect(() => podSpecFrom(value)).toThrow('did you mean "Gt"?');
    expect(podSpecFrom(value, { unchecked: true }).nodeAffinity?.required).toEqual(nodeSelectorTerms);
  });
});
