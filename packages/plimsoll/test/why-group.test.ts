import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportFailure } from '../src/cli/failures.ts';
import { type WhyOptions, why } from '../src/cli/why.ts';
import { loadInput } from '../src/node/load-input.ts';
import { explainGroup } from '../src/why/group-history.ts';
import { Folder, heard, type Outcome } from './support/command.ts';

/** Ten pods of three cores: two fit the first type of the group, none the second, which is cheaper. */
const JOB = `apiVersion: batch/v1
kind: Job
metadata: { name: fit }
spec:
  parallelism: 10
  template:
    metadata: { annotations: { plimsoll.dev/duration: 30m } }
    spec:
      restartPolicy: Never
      containers: [{ name: main, resources: { requests: { cpu: "3", memory: 1Gi } } }]
`;

const SCENARIO = `apiVersion: plimsoll/v1
kind: Scenario
metadata: { name: mixed }
workload: { manifests: [job.yaml] }
time: { duration: 1h }
cloud:
  zones: [us-east-1a]
  groups: { mixed: { onDemandStrategy: lowest-price } }
  limits: [{ instanceType: m5.large, max: 4 }]
autoscalers:
  ca:
    use: cluster-autoscaler
    config: { nodeGroups: [{ name: mixed, min: 0, max: 9, instanceTypes: [m5.2xlarge, m5.large] }] }
  karpenter: { use: karpenter, config: {} }
`;

let folder: Folder;
beforeEach(() => {
  folder = new Folder({ 'scenario.yaml': SCENARIO, 'job.yaml': JOB });
});
afterEach(() => folder.dispose());

const ask = (subject: string, options: Partial<WhyOptions> = {}): Promise<Outcome> =>
  heard(() => why(subject, 'scenario.yaml', { color: false, ...options }, { cwd: folder.path }).then(() => 0, reportFailure));

describe('plimsoll why group/NAME', () => {
  it('tells its sizes and why, what was refused, what came, and what was believed', async () => {
    const { status, stdout } = await ask('group/mixed', { all: true });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^group\/mixed {3}0 to 9 · /);
    expect(stdout).toMatch(/is sized 5\n +.*no place/);
    expect(stdout).toContain('is refused on-demand m5.large in us-east-1a: InsufficientInstanceCapacity');
    expect(stdout).toMatch(/machines that ran\n +\d+ {2}on-demand m5/);
    expect(stdout).toMatch(
      /what was believed of a new node, and what came\n .*machines: group mixed: the template promised m5\.2xlarge \(cpu 8, memory 32Gi\), and m5\.large \(cpu 1930m, memory 7137Mi\) came/,
    );
  });

  it('prints everything as JSON, up to a time', async () => {
    const { stdout } = await ask('group/mixed', { json: true, at: '10s', quiet: true });
    const found = JSON.parse(stdout) as { schemaVersion: number; until: number; bought: object; steps: { at: number }[] };
    expect(found).toMatchObject({ schemaVersion: 1, group: 'mixed', until: 10_000 });
    expect(found.steps.every(({ at }) => at <= 10_000)).toBe(true);
  });

  it.each<[string, string, Partial<WhyOptions>, RegExp]>([
    ['an unknown group', 'group/mixd', {}, /there is no group mixd; there are mixed .*did you mean mixed\?/],
    ['an autoscaler without groups', 'group/mixed', { autoscaler: 'karpenter' }, /this autoscaler has none/],
  ])('refuses %s with exit status 2', async (_, subject, options, message) => {
    const { status, stderr } = await ask(subject, options);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('follows the very run: its machines are those that were ordered', async () => {
    const { scenario, workload } = await loadInput('scenario.yaml', { cwd: folder.path });
    const history = explainGroup({ scenario, workload: workload.share(), autoscaler: 'ca', seed: scenario.seed }, 'mixed');
    const ran = Object.values(history.bought).reduce((sum, count) => sum + count, 0);
    expect(ran).toBeGreaterThanOrEqual(5);
    expect(history.bought['on-demand m5.large us-east-1a']).toBeGreaterThanOrEqual(4);
  });
});
