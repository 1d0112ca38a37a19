import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explain } from '../src/cli/explain.ts';
import { reportFailure } from '../src/cli/failures.ts';
import { type WhyOptions, why } from '../src/cli/why.ts';
import { whyTable } from '../src/cli/why-table.ts';
import { loadInput } from '../src/node/load-input.ts';
import { simulate } from '../src/simulate.ts';
import { explainPod, type PodHistory, UnknownPodError } from '../src/why/pod-history.ts';
import { Folder, heard, type Outcome } from './support/command.ts';

/** A pod of low priority fills the only node; one of high priority comes, and one that no node suits. */
const PODS = `apiVersion: v1
kind: Pod
metadata: { name: low, annotations: { plimsoll.dev/duration: 30m } }
spec:
  priority: -10
  restartPolicy: Never
  containers: [{ name: a, resources: { requests: { cpu: "7", memory: 1Gi } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: high, annotations: { plimsoll.dev/duration: 30m, plimsoll.dev/at: 5m } }
spec:
  priority: 10
  restartPolicy: Never
  containers: [{ name: a, resources: { requests: { cpu: "6", memory: 1Gi } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: picky, annotations: { plimsoll.dev/duration: 30m, plimsoll.dev/at: 6m } }
spec:
  restartPolicy: Never
  nodeSelector: { disk: none }
  containers: [{ name: a, resources: { requests: { cpu: "1", memory: 1Gi } } }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, annotations: { plimsoll.dev/at: 40m } }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web }, annotations: { plimsoll.dev/at: 40m } }
    spec:
      containers: [{ name: a, resources: { requests: { cpu: "1", memory: 1Gi } } }]
`;

const SCENARIO = `apiVersion: plimsoll/v1
kind: Scenario
metadata: { name: small }
workload: { manifests: [pods.yaml] }
cloud: { zones: [us-east-1a], instanceTypes: [m6i.2xlarge] }
autoscalers:
  groups:
    use: cluster-autoscaler
    config: { nodeGroups: [{ name: general, min: 1, max: 1, instanceTypes: [m6i.2xlarge] }] }
  karpenter: { use: karpenter, config: {} }
`;

let folder: Folder;
beforeEach(() => {
  folder = new Folder({ 'scenario.yaml': SCENARIO, 'pods.yaml': PODS });
});
afterEach(() => folder.dispose());

const ask = (subject: string, options: Partial<WhyOptions> = {}): Promise<Outcome> =>
  heard(() => why(subject, 'scenario.yaml', { color: false, ...options }, { cwd: folder.path }).then(() => 0, reportFailure));

async function specOf(autoscaler: string) {
  const { scenario, workload } = await loadInput('scenario.yaml', { cwd: folder.path });
  return { scenario, workload: workload.share(), autoscaler, seed: scenario.seed };
}

describe('plimsoll why pod/NAME', () => {
  it('tells the pod’s way, its attempts, and who rejected what in the last', async () => {
    const { status, stdout, stderr } = await ask('pod/picky');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^pod\/picky {3}default · bare pod · cpu 1 · memory 1Gi · priority 0\ngroups · seed 42\n/);
    expect(stdout).toMatch(/^ +6m00s +created\n +6m00s +unschedulable\n +0\/1 nodes are available/m);
    expect(stdout).toMatch(
      /the autoscaler says\n +groups: NotTriggerScaleUp: pod didn't trigger scale-up: 1 max node group size\s+reached/,
    );
    expect(stdout).toMatch(
      /^\d+ attempts\n 1 to \d+ {2}6m00s to [\dhms.]+ +0\/1 nodes are available: 1 node\(s\) didn't match Pod's/m,
    );
    expect(stdout).toMatch(/^ ✖ NodeAffinity {2}node\(s\) didn't match Pod's node affinity\/selector {2}1 node {3}general-0$/m);
    expect(stderr).toBe('the run of groups; others with --autoscaler: karpenter\n');
  });

  it('tells the scores of the nodes, the one that was taken first', async () => {
    const { stdout } = await ask('pod/low', { autoscaler: 'karpenter' });
    expect(stdout).toMatch(/is asked for\n +karpenter: Provisioned: /);
    expect(stdout).toMatch(/bound to default-\d+/);
    const { stdout: table } = await ask('pod/web-0', { autoscaler: 'groups' });
    expect(table).toMatch(/attempt \d+ at [\dhms.]+: scheduled on general-0/);
  });

  it('tells of room that is made', async () => {
    const { stdout } = await ask('pod/high', { autoscaler: 'groups', at: '5m' });
    expect(stdout).toMatch(/room is made on general-0\n +default\/low must go/);
    expect(stdout).toMatch(/^preemption\n ✔ general-0: default\/low would go$/m);
    const { stdout: later } = await ask('pod/high', { autoscaler: 'groups' });
    expect(later).toMatch(/scheduled on general-0: the node that it waited for/);
  });

  it('asks about another trace', async () => {
    folder.write('other.csv', 'id,arrive_s,duration_s,cpu_m,mem_mib\nmine,60,60,500,512\n');
    folder.write('scenario.yaml', SCENARIO.replace('manifests: [pods.yaml]', 'trace: none.csv'));
    const { status, stdout } = await ask('pod/mine-0', { trace: 'other.csv' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('bound to general-0')]);
  });

  it('prints everything as JSON', async () => {
    const { stdout } = await ask('pod/picky', { json: true, quiet: true });
    const found = JSON.parse(stdout) as PodHistory & { schemaVersion: number };
    expect(found.schemaVersion).toBe(1);
    expect(found.walk.slice(0, 2).map(({ what, at }) => [what, at])).toEqual([
      ['created', 360_000],
      ['unschedulable', 360_000],
    ]);
    expect(found.attempts).toHaveLength(found.attemptCount);
    expect(found.attempts[0].nodes).toEqual([
      {
        name: 'general-0',
        outcome: 'rejected',
        rejection: {
          plugin: 'NodeAffinity',
          reasons: ["node(s) didn't match Pod's node affinity/selector"],
          unresolvable: true,
        },
      },
    ]);
  });

  it.each<[string, string, Partial<WhyOptions>, RegExp]>([
    ['an unknown pod, with names that begin alike', 'pod/web-9', {}, /there is no pod web-9; there are web-0, web-1, web-2/],
    ['a pod that does not exist yet', 'pod/high', { at: '1m' }, /there is no pod high at that time/],
    ['a bare name', 'high', {}, /did you mean pod\/high\?/],
    ['another kind', 'node/general-0', {}, /why answers for pods/],
    ['an unknown autoscaler', 'pod/high', { autoscaler: 'karpentre' }, /did you mean karpenter\?/],
    ['a time without a unit', 'pod/high', { at: '90' }, /--at: expected a duration/],
  ])('refuses %s with exit status 2', async (_, subject, options, message) => {
    const { status, stderr } = await ask(subject, options);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('explainPod', () => {
  it('sees what the run without it does: no decision changes', async () => {
    const spec = await specOf('groups');
    const { log, tables } = simulate(spec);
    const history = explainPod(spec, 'high');
    const bound = history.walk.find(({ what }) => what === 'bound');
    const at = [...log.kind].findIndex((kind, i) => kind === 3 && log.time[i] === bound?.at);
    expect(tables.nodeNames[log.b[at]]).toBe(bound?.node);
    expect(history.attempts.at(-1)).toMatchObject({ outcome: 'scheduled', chosen: 'nominated', node: bound?.node });
  });

  it('keeps the first and the last ten attempts of many', async () => {
    folder.write('pods.yaml', PODS.replace('plimsoll.dev/at: 6m', 'plimsoll.dev/at: 0s'));
    folder.write('scenario.yaml', SCENARIO.replace('workload:', 'time: { duration: 3h }\nworkload:'));
    const history = explainPod(await specOf('groups'), 'picky');
    expect(history.attemptCount).toBeGreaterThan(25);
    expect(history.attempts).toHaveLength(20);
    expect(history.attempts.map(({ attempt }) => attempt).slice(9, 12)).toEqual([
      10,
      history.attemptCount - 9,
      history.attemptCount - 8,
    ]);
    expect(whyTable(history, { color: false, width: 100, all: false })).toContain(`… ${history.attemptCount - 20} more`);
  });

  it('says that there is no such pod', async () => {
    const spec = await specOf('karpenter');
    expect(() => explainPod(spec, 'nobody')).toThrow(UnknownPodError);
    expect(() => explainPod(spec, 'web')).toThrow('there is no pod web; there are web-0, web-1, web-2');
  });
});

describe('the table', () => {
  const node = (name: string, total: number) => ({
    name,
    outcome: 'fits' as const,
    scores: [{ plugin: 'NodeResourcesFit', raw: total, normalised: total, weighted: total }],
    total,
  });
  const history: PodHistory = {
    pod: 'p\u001b[31m',
    namespace: 'default',
    priority: 0,
    requests: { cpu: 500 },
    controller: 'none',
    autoscaler: 'a',
    seed: 1,
    walk: [],
    attemptCount: 1,
    until: 0,
    attempts: [
      {
        time: 8_471_005,
        pod: 0,
        attempt: 1,
        schedulerName: 'default-scheduler',
        outcome: 'scheduled',
        node: 'b',
        chosen: 'best',
        filters: ['NodeName'],
        weights: { NodeResourcesFit: 1 },
        nodes: Array.from({ length: 40 }, (_, i) => node(i === 7 ? 'b' : `node-${i}`, i === 7 ? 99 : i)),
      },
    ],
  };

  it('shows the best nodes in the width of the terminal, and all of them when asked', () => {
    const some = whyTable(history, { color: false, width: 80, all: false });
    expect(some.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect(some).toMatch(/scores, the best \d of 40 that fit \(--all for all\)/);
    expect(some).toMatch(/^ {22,}b +node-39 +node-38/m);
    const all = whyTable(history, { color: false, width: 80, all: true });
    expect(all).toMatch(/scores, 40 nodes that fit/);
    for (let i = 0; i < 40; i++) if (i !== 7) expect(all).toContain(`node-${i} `.trimEnd());
  });

  it('writes times so that --at takes them, and lets no control character through', () => {
    const text = whyTable(history, { color: false, width: 80, all: false });
    expect(text).toContain('attempt 1 at 2h21m11.005s: scheduled on b: the highest total');
    expect(text).not.toContain('\u001b');
    expect(whyTable(history, { color: true, width: 80, all: false })).toContain('\u001b[1m');
  });
});

it('explains the codes that belong to schedulers', async () => {
  for (const code of ['E0132', 'W0203', 'F0325']) {
    const { stdout } = await heard(async () => {
      explain(code);
      return 0;
    });
    expect(stdout.length).toBeGreaterThan(100);
  }
});
