import { describe, expect, it } from 'vitest';
import { readManifests } from '../../src/kubernetes/manifests.ts';
import { formatProblems } from '../../src/problems/format.ts';
import { InputError, type Problem } from '../../src/problems/problem.ts';

const read = (text: string) => readManifests({ file: 'app.yaml', text });

function problemsOf(text: string): readonly Problem[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('expected the manifest to be refused');
}

const brief = (problems: readonly Problem[]): string[] =>
  problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.message}${p.help ? ` (${p.help})` : ''}`);

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        - name: web
          resources: { requests: { cpu: 500m, memory: 1Gi } }
`;

const JOB = `apiVersion: batch/v1
kind: Job
metadata: { name: nightly, namespace: batch }
spec:
  completions: 5
  parallelism: 2
  template:
    metadata:
      annotations: { plimsoll.dev/duration: 90s, plimsoll.dev/at: 10m, team: data }
    spec:
      restartPolicy: Never
      containers: [{ name: main }]
`;

describe('readManifests', () => {
  it('makes a row of each object that brings pods', () => {
    const { workload, problems } = read(DEPLOYMENT);
    expect(problems).toEqual([]);
    expect([workload.length, workload.name(0), workload.count[0], workload.time[0], workload.duration[0]]).toEqual([
      1,
      'web',
      3,
      0,
      Infinity,
    ]);
    expect(workload.templates[0]).toEqual({
      namespace: 'default',
      labels: { app: 'web' },
      annotations: {},
      controller: 'ReplicaSet',
      containers: [{ name: 'web', requests: { cpu: 500, memory: 2 ** 30 } }],
    });
  });

  it('finds the object that a row came from', () => {
    const { workload, placeOf } = read(`${DEPLOYMENT}---\n${JOB}`);
    const places = Array.from({ length: workload.length }, (_, row) => [
      workload.name(row),
      placeOf(row).line,
      placeOf(row).column,
    ]);
    expect(places).toEqual([
      ['web', 3, 19],
      ['batch/nightly', 17, 19],
      ['batch/nightly-wave-2', 17, 19],
      ['batch/nightly-wave-3', 17, 19],
    ]);
  });

  it('starts a Job at its time, in waves of as many pods as run in parallel', () => {
    const { workload, receipt } = read(JOB);
    const rows = Array.from({ length: workload.length }, (_, i) => [
      workload.name(i),
      workload.time[i],
      workload.duration[i],
      workload.count[i],
      workload.template[i],
    ]);
    expect(rows).toEqual([
      ['batch/nightly', 600_000, 90_000, 2, 0],
      ['batch/nightly-wave-2', 690_000, 90_000, 2, 0],
      ['batch/nightly-wave-3', 780_000, 90_000, 1, 0],
    ]);
    expect(workload.templates[0]).toMatchObject({ controller: 'Job', namespace: 'batch', annotations: { team: 'data' } });
    expect(receipt.entries.find((e) => e.code === 'F0322')).toMatchObject({
      treatment: 'approximated',
      subject: 'spec.parallelism',
      line: 6,
      why: '5 completions come in 3 waves of 2',
    });
  });

  it('reads several documents, lists, JSON, anchors and merge keys', () => {
    const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c' }] } });
    expect(read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod('a'), pod('b')] })).workload.length).toBe(2);
    expect(read(`${DEPLOYMENT}---\n# nothing\n---\n${JOB}`).workload.length).toBe(4);
    const { workload } = read(`apiVersion: v1
kind: Pod
metadata: { name: a, labels: &labels { app: x } }
spec:
  containers:
    - &base { name: c, resources: { requests: { cpu: 1 } } }
    - { <<: *base, name: d }
  nodeSelector: *labels
`);
    expect(workload.templates[0].containers.map((c) => [c.name, c.requests])).toEqual([
      ['c', { cpu: 1000 }],
      ['d', { cpu: 1000 }],
    ]);
    expect(workload.templates[0].nodeSelector).toEqual({ app: 'x' });
  });

  it('looks up priority classes in all files, and knows those that every cluster has', () => {
    const { workload } = readManifests([
      { file: 'a.yaml', text: `${DEPLOYMENT}      priorityClassName: high\n` },
      {
        file: 'b.yaml',
        text: 'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: high }\nvalue: 1000\npreemptionPolicy: Never\n',
      },
    ]);
    expect(workload.templates[0]).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' });
    expect(brief(problemsOf(`${DEPLOYMENT}      priorityClassName: high\n`))).toEqual([
      'E0121 14:26 there is no priority class "high" (add the PriorityClass to the input)',
    ]);
  });

  it('lists kinds and fields that it leaves out, with lines', () => {
    const { receipt, workload } = read(`${DEPLOYMENT}      runtimeClassName: kata
      dnsPolicy: Default
---
apiVersion: v1
kind: Service
metadata: { name: web }
---
apiVersion: batch.volcano.sh/v1alpha1
kind: Job
metadata: { name: other }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
`);
    expect(workload.length).toBe(1);
    expect(receipt.total).toBe(4);
    expect(receipt.entries.filter((e) => e.treatment === 'ignored').map((e) => [e.subject, e.line, e.code])).toEqual([
      ['spec.runtimeClassName', 14, 'F0321'],
      ['spec.dnsPolicy', 15, 'F0323'],
      ['Service', 17, 'F0320'],
      ['batch.volcano.sh/Job', 21, 'F0320'],
      ['DaemonSet', 25, 'F0320'],
    ]);
  });

  it('keeps names of rows apart across kinds and namespaces', () => {
    const pod = (name: string, namespace: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { containers: [{ name: c }] }\n---\n`;
    const { workload } = read(`${DEPLOYMENT}---\n${pod('web', 'default')}${pod('web', 'other')}`);
    expect([0, 1, 2].map((row) => workload.name(row))).toEqual(['web', 'web-pod', 'other/web']);
    expect(brief(problemsOf(`${pod('a', 'x')}${pod('a', 'x')}`))).toEqual([
      'E0108 8:19 there are two of Pod "a" in namespace "x" (the first is in app.yaml, line 3)',
    ]);
  });

  it('starts nothing for zero replicas, or a suspended Job', () => {
    expect(read(DEPLOYMENT.replace('replicas: 3', 'replicas: 0')).workload.length).toBe(0);
    expect(read(JOB.replace('parallelism: 2', 'suspend: true')).workload.length).toBe(0);
  });
});

describe('a manifest that is refused', () => {
  it('suggests the field that was meant', () => {
    const problems = problemsOf(DEPLOYMENT.replace('resources:', 'resource: '));
    expect(brief(problems)).toEqual(['E0102 13:11 unknown field "resource" (did you mean "resources"?)']);
    expect(formatProblems(problems)).toBe(
      [
        'error[E0102] unknown field "resource"                           app.yaml:13:11',
        '   13 |           resource:  { requests: { cpu: 500m, memory: 1Gi } }',
        '      |           ^^^^^^^^ help: did you mean "resources"?   (spec.template.spec.containers[0].resource)',
      ].join('\n'),
    );
  });

  it('asks how long a Job runs', () => {
    expect(brief(problemsOf(JOB.replace('plimsoll.dev/duration: 90s, ', '')))).toEqual([
      'E0120 7:3 the Job "nightly" does not say how long its pods run (add the annotation plimsoll.dev/duration: "10m" to the metadata of its template)',
    ]);
    expect(brief(problemsOf(JOB.replace('90s', 'soon')))).toEqual([
      'E0106 9:45 expected a duration such as "30s", "10m" or "1h30m", got "soon"',
    ]);
    expect(brief(problemsOf(JOB.replace('dev/at', 'dev/att')))[0]).toBe(
      'E0102 9:50 unknown annotation "plimsoll.dev/att" (did you mean "plimsoll.dev/at"?)',
    );
  });

  it('points at quantities, types, numbers and words', () => {
    const text = DEPLOYMENT.replace('500m', '500mm')
      .replace('replicas: 3', 'replicas: three')
      .replace('app: web }\n    spec', 'app: 1.0 }\n    spec');
    expect(brief(problemsOf(text))).toEqual([
      'E0103 5:13 spec.replicas must be a whole number, got "three"',
      `E0122 6:13 the selector does not match the template's labels (the API server refuses such an object)`,
      'E0103 9:22 spec.template.metadata.labels.app must be a text, got 1 (write it in quotes: "1.0")',
      'E0105 13:41 expected a Kubernetes quantity such as "500m", "2" or "1.5Gi", got "500mm"',
    ]);
  });

  it('points at a request above its limit', () => {
    const text = DEPLOYMENT.replace('memory: 1Gi }', 'memory: 1Gi }, limits: { memory: 1Mi }');
    expect(brief(problemsOf(text))).toEqual([
      'E0122 13:55 the request for memory is above its limit (the API server refuses such a pod)',
    ]);
  });

  it('suggests the kind that was meant, and the group that a kind is in', () => {
    expect(brief(problemsOf(DEPLOYMENT.replace('Deployment', 'Deploymnet')))).toEqual([
      'E0107 2:7 unknown kind "Deploymnet" (did you mean "Deployment"?)',
    ]);
    expect(brief(problemsOf(DEPLOYMENT.replace('apps/v1', 'v1')))).toEqual([
      'E0107 1:13 there is no Deployment in "v1" (Deployment is of apps/v1)',
    ]);
    expect(brief(problemsOf('metadata: { name: a }\n'))).toEqual([
      'E0101 1:1 "kind" is missing',
      'E0101 1:1 "apiVersion" is missing',
    ]);
  });

  it('points at YAML that is none, and keys given twice', () => {
    const [problem] = problemsOf('kind: Pod\nmetadata: { name: a\nspec: {}\n');
    expect([problem.code, problem.line, problem.column]).toEqual(['E0005', 3, 1]);
    expect(brief(problemsOf(`${DEPLOYMENT}kind: Pod\n`))).toEqual(['E0108 14:1 key "kind" is given twice']);
    expect(brief(problemsOf('# nothing\n'))).toEqual([
      'E0001 1:1 the file holds no Kubernetes object (an object starts with its apiVersion and kind)',
    ]);
    expect(brief(problemsOf('- 1\n'))[0]).toBe('E0103 1:1 the document must be an object, got a list');
  });

  it('does not blow up on documents that are nested too deeply', () => {
    const deep = 'the document is nested too deeply';
    expect(brief(problemsOf('['.repeat(50_000)))).toEqual([`E0005 1:400 ${deep}`]);
    expect(brief(problemsOf(`a: 1\nb: ${'{a: '.repeat(50_000)}`))).toEqual([`E0005 2:1600 ${deep}`]);
    expect(brief(problemsOf('- '.repeat(50_000)))).toEqual([`E0005 1:1 ${deep}`]);
    expect(brief(problemsOf(`a: |\n  ${'-'.repeat(900)}\n`))[0]).toContain('"kind" is missing');
    const staircase = Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(brief(problemsOf(staircase))).toEqual([`E0005 251:1 ${deep}`]);
  });

  it('does not blow up on aliases of aliases', () => {
    const bomb = Array.from(
      { length: 12 },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? 'x' : `*a${i - 1}`)
          .join(', ')}]`,
    ).join('\n');
    expect(problemsOf(bomb)[0].code).toBe('E0005');
  });
});
