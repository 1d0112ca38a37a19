import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readManifests } from '../../src/kubernetes/manifests.ts';
import { nodeShapeFrom } from '../../src/kubernetes/node-shape.ts';
import { podSpecFrom } from '../../src/kubernetes/pod-spec.ts';
import { InputError } from '../../src/problems/problem.ts';
import { readScenario } from '../../src/scenario/scenario-file.ts';

const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['a'] }] };
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

/** A pod that has every part. */
const POD = {
  metadata: {
    name: 'p',
    labels: { app: 'web', tier: 'a' },
    annotations: { 'plimsoll.dev/duration': '5m' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'r', controller: true }],
  },
  spec: {
    hostNetwork: true,
    containers: [
      { name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { cpu: 2 } }, ports: [{ containerPort: 80 }] },
    ],
    initContainers: [{ name: 'i', restartPolicy: 'Always' }],
    resources: { limits: { memory: '1Gi' } },
    overhead: { cpu: '10m' },
    priority: 5,
    nodeSelector: { a: 'b' },
    affinity: {
      nodeAffinity: {
        [required]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'Gt', values: ['1'] }] }] },
        [preferred]: [{ weight: 1, preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] } }],
      },
      podAffinity: { [required]: [{ topologyKey: 'z', labelSelector: selector, matchLabelKeys: ['tier'] }] },
      podAntiAffinity: { [preferred]: [{ weight: 1, podAffinityTerm: { topologyKey: 'z', namespaces: ['n'] } }] },
    },
    tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }],
    topologySpreadConstraints: [{ topologyKey: 'z', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector }],
    schedulingGates: [{ name: 'g' }],
    volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }],
    terminationGracePeriodSeconds: 1,
  },
};

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'n' },
  spec: { replicas: 2, selector, template: POD },
};
const JOB = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'job' },
  spec: { completions: 5, parallelism: 2, template: POD },
};
const NODE = {
  metadata: { name: 'n', labels: { z: 'a' } },
  spec: { taints: [{ key: 'k', effect: 'NoSchedule' }], unschedulable: true },
  status: { capacity: { cpu: '4' }, allocatable: { cpu: '3' } },
};
const SCENARIO = {
  apiVersion: 'plimsoll/v1',
  kind: 'Scenario',
  metadata: { name: 's' },
  time: { duration: '1d' },
  workload: { trace: { file: 'a.csv' }, manifests: ['b.yaml'] },
  cloud: { catalog: 'aws', launch: { orderToRunning: { uniform: ['1s', '2s'] } }, shortages: [{ every: '1h', lasts: '5m' }] },
  autoscalers: { a: { use: 'karpenter', config: {} } },
  variants: { b: { of: 'a', set: { x: 1 } } },
};

function paths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, Array.isArray(value) ? Number(key) : key])),
  ];
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  if (path.length === 0) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[path[0]] = replaced(copy[path[0]], path.slice(1), by);
  return copy;
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -1, 1.5, true, [], {}, [null], [[]], [{}], { '': null }, 'Exists', '1e99', '5m', '-3Gi'),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A value with one part of it replaced by something else. */
const mutated = (value: unknown): fc.Arbitrary<unknown> =>
  fc.tuple(fc.constantFrom(...paths(value)), junk).map(([path, by]) => replaced(value, path, by));

/** Runs a reader; a refusal must be an InputError that says something. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem.message).not.toContain('undefined');
  }
}

describe('readers of Kubernetes objects and scenarios', () => {
  it('accept the examples as they are', () => {
    expect(podSpecFrom(POD).podAffinity?.required?.[0].labelSelector?.matchExpressions).toHaveLength(2);
    expect(nodeShapeFrom(NODE).allocatable).toEqual({ cpu: 3000 });
    expect(readManifests({ file: 'a', text: [DEPLOYMENT, JOB].map((o) => stringify(o)).join('---\n') }).workload.pods).toBe(7);
    expect(readScenario(stringify(SCENARIO), 's').scenario.metadata.name).toBe('s');
  });

  it('either read a value or say what is wrong with it', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(POD), fc.jsonValue()), (pod) => survives(() => podSpecFrom(pod))),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.oneof(mutated(NODE), fc.jsonValue()), (node) => survives(() => nodeShapeFrom(node))),
      { numRuns: 200 },
    );
  });

  it('either read a text or point at a line of it', () => {
    const manifest = fc.oneof(mutated(DEPLOYMENT), mutated(JOB), fc.jsonValue());
    const lines = (read: (text: string) => unknown) => (value: unknown) => {
      const text = stringify(value);
      const length = text.split('\n').length;
      survives(() => {
        try {
          return read(text);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          for (const { line, column } of error.problems) {
            expect(line).toBeGreaterThan(0);
            expect(line).toBeLessThanOrEqual(length);
            expect(column).toBeGreaterThan(0);
          }
          throw error;
        }
      });
    };
    fc.assert(
      fc.property(
        manifest,
        lines((text) => readManifests({ file: 'a', text })),
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(
        fc.oneof(mutated(SCENARIO), fc.jsonValue()),
        lines((text) => readScenario(text, 's')),
      ),
      { numRuns: 300 },
    );
  });
});
