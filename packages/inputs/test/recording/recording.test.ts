import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/problems/problem.ts';
import { readApiCalls } from '../../src/recording/api-calls.ts';
import { readRecordedCluster } from '../../src/recording/cluster.ts';
import { readWatch } from '../../src/recording/watch.ts';

const bytes = (...lines: readonly (object | string)[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));

async function refused(reading: Promise<unknown>): Promise<InputError> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    strategy: { rollingUpdate: { maxSurge: '10%', maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { priorityClassName: 'low', containers: [{ name: 'main', resources: { requests: { cpu: '500m' } } }] },
    },
  },
};
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const low = { metadata: { name: 'low' }, value: -5 };

describe('recorded calls', () => {
  it('are applied to the objects that stand, with merge patches and priorities', async () => {
    const { workload, receipt } = await readApiCalls(
      bytes(
        { t: 0, verb: 'POST', path: '/apis/scheduling.k8s.io/v1/priorityclasses', body: low, status: 201 },
        { t: 5, verb: 'POST', path: deployments, body: web, status: 201 },
        { t: 9, verb: 'PATCH', path: `${deployments}/web`, body: { spec: { replicas: 7, strategy: null } }, status: 200 },
        { t: 10, verb: 'PATCH', path: `${deployments}/web`, body: { spec: { replicas: 99 } }, status: 409 },
        { t: 20, verb: 'DELETE', path: `${deployments}/web`, status: 200 },
      ),
      'calls.jsonl',
    );
    expect(workload.calls.map(({ time, verb }) => [time, verb])).toEqual([
      [5, 'apply'],
      [9, 'apply'],
      [20, 'delete'],
    ]);
    const [first, second] = workload.calls;
    expect(first).toMatchObject({
      object: {
        kind: 'Deployment',
        namespace: 'default',
        replicas: 3,
        maxSurge: '10%',
        maxUnavailable: 0,
        template: { priority: -5 },
      },
    });
    expect(second).toMatchObject({ object: { replicas: 7, template: { controller: 'ReplicaSet' } } });
    expect(second).not.toHaveProperty('object.maxSurge');
    expect(receipt.entries.filter(({ treatment }) => treatment === 'ignored').map(({ why }) => why)).toEqual([
      'the API refused it with 409',
    ]);
  });

  it('give pods the tolerations that the API server gives them', async () => {
    const body = { metadata: { name: 'one' }, spec: { containers: [{ name: 'main' }] } };
    const { workload } = await readApiCalls(
      bytes({ t: 0, verb: 'POST', path: '/api/v1/namespaces/default/pods', body }),
      'calls.jsonl',
    );
    expect(workload.calls[0]).toMatchObject({
      object: {
        duration: Number.POSITIVE_INFINITY,
        template: {
          priority: 0,
          tolerations: [
            { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', tolerationSeconds: 300 },
            { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', tolerationSeconds: 300 },
          ],
        },
      },
    });
  });

  it('tell every mistake with its line and column', async () => {
    const bad = structuredClone(web) as { spec: { replicas: unknown; template: { spec: object } } };
    bad.spec.replicas = 'three';
    const { problems } = await refused(
      readApiCalls(
        bytes({ t: 5, verb: 'POST', path: deployments, body: bad }, '{"t": 6, "verb": ', {
          t: 7,
          verb: 'PATCH',
          path: `${deployments}/other`,
          body: {},
        }),
        'calls.jsonl',
      ),
    );
    expect(problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [1, JSON.stringify({ t: 5, verb: 'POST', path: deployments, body: bad }).indexOf('"three"') + 1, 'E0103'],
      [1, expect.any(Number), 'E0121'],
      [2, '{"t": 6, "verb": '.length + 1, 'E0005'],
      [3, '{"t":7,"verb":"PATCH","path":'.length + 1, 'E0107'],
    ]);
  });
});

const pod = (name: string, more: { created: string; owner?: string; status?: object; metadata?: object }): object => ({
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: name,
    creationTimestamp: more.created,
    ...(more.owner && { ownerReferences: [{ kind: 'ReplicaSet', name: more.owner, controller: true }] }),
    ...more.metadata,
  },
  spec: { nodeName: 'n', priority: 0, containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
  status: { phase: 'Pending', ...more.status },
});
const at = (second: number): string => `2026-01-31T12:00:${String(second).padStart(2, '0')}Z`;
const ready = (second: number, status = 'True') => ({ type: 'Ready', status, lastTransitionTime: at(second) });

describe('a recorded watch', () => {
  it('turns a pod and what replaced it into one row, and knows how long a finished pod ran', async () => {
    const lost = pod('web-1', {
      created: at(0),
      owner: 'web',
      metadata: { deletionTimestamp: at(40), deletionGracePeriodSeconds: 30 },
      status: { phase: 'Running', conditions: [ready(2), { type: 'DisruptionTarget', status: 'True' }] },
    });
    const done = pod('job', { created: at(3), status: { phase: 'Succeeded', conditions: [ready(29, 'False')] } });
    const { workload, receipt } = await readWatch(
      bytes(
        { type: 'ADDED', object: pod('web-1', { created: at(0), owner: 'web' }) },
        { type: 'ADDED', object: pod('job', { created: at(3) }) },
        { type: 'MODIFIED', object: pod('job', { created: at(3), status: { phase: 'Running', conditions: [ready(4)] } }) },
        { type: 'MODIFIED', object: lost },
        { type: 'ADDED', object: pod('web-2', { created: at(10), owner: 'web' }) },
        { type: 'MODIFIED', object: done },
        { type: 'ADDED', object: { kind: 'Node', metadata: { name: 'n' } } },
      ),
      'watch.jsonl',
    );
    const rows = Array.from({ length: workload.length }, (_, row) => [
      workload.name(row),
      workload.time[row],
      workload.duration[row],
    ]);
    expect(rows).toEqual([
      ['web-1', 0, Number.POSITIVE_INFINITY],
      ['job', 3000, 25_000],
    ]);
    expect(workload.templates.map(({ nodeName, controller }) => [nodeName, controller])).toEqual([
      [undefined, 'ReplicaSet'],
      [undefined, 'none'],
    ]);
    expect(receipt.entries.filter(({ code }) => code === 'F0341').map(({ subject, count }) => [subject, count])).toEqual([
      ['replacements', 1],
    ]);
  });

  it('infers a DaemonSet from its pods', async () => {
    const agent = pod('agent-1', {
      created: at(5),
      metadata: { ownerReferences: [{ kind: 'DaemonSet', name: 'agent', controller: true }] },
    });
    const { workload } = await readWatch(bytes({ type: 'ADDED', object: agent }), 'watch.jsonl');
    expect(workload.length).toBe(0);
    expect(workload.calls).toMatchObject([{ time: 0, verb: 'apply', object: { kind: 'DaemonSet', name: 'agent' } }]);
  });

  it('says where an event is wrong', async () => {
    const wrong = { type: 'ADDED', object: pod('a', { created: 'yesterday' }) };
    const { problems } = await refused(
      readWatch(bytes({ type: 'ADDED', object: pod('b', { created: at(1) }) }, wrong), 'w.jsonl'),
    );
    expect(problems.map(({ file, line, column }) => [file, line, column])).toEqual([
      ['w.jsonl', 2, JSON.stringify(wrong).indexOf('"yesterday"') + 1],
    ]);
  });
});

describe('a recorded cluster', () => {
  it('becomes the scenario that rebuilds it', () => {
    const { scenario, autoscaler, durationMs } = readRecordedCluster(
      JSON.stringify({
        run: 'Run_1',
        autoscaler: 'cluster-autoscaler',
        durationMs: 60000,
        clusterAutoscaler: {
          flags: ['--expander=random'],
          nodeGroups: [{ name: 'small', instanceType: 'm', zone: 'a', capacityType: 'spot', min: 0, max: 4, price: 0.5 }],
          templates: [],
        },
        delaysMs: {
          nodeReadyAfterNodeObject: { creationStampPlusMs: [41000, 41000] },
          podRunningAfterBinding: [1000, 3000],
          podStopAfterDeletionAsked: [500],
        },
      }),
      'cluster.json',
    );
    expect([autoscaler, durationMs, scenario.metadata.name]).toEqual(['cluster-autoscaler', 60000, 'run-1']);
    expect(scenario.cloud?.launch?.registeredToReady).toEqual({ uniform: ['40000ms', '41000ms'] });
    expect(scenario.kubelet?.podStop).toEqual({ uniform: ['500ms', '500ms'] });
    expect(scenario.autoscalers['cluster-autoscaler'].config).toMatchObject({ flags: ['--expander=random'] });
  });

  it('is refused at the line of what is wrong', () => {
    expect(() => readRecordedCluster('{\n "autoscaler": "carpenter"\n}', 'cluster.json')).toThrow(
      /cluster\.json:2:16: .*karpenter/,
    );
  });
});
