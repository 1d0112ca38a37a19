import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadInput } from '../src/node/load-input.ts';
import { Folder, firstProblem, marked, replayIn } from './support/command.ts';
import { SCENARIO, TRACE } from './support/scenario-file.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/your-own-files/scenario.yaml', import.meta.url));

/** The scenario with the configuration of its first autoscaler in files. */
const FILED = SCENARIO.replace(
  / {4}config:\n {6}flags:[\s\S]*? {2}karpenter:\n/,
  '    config: [values.txt, groups.yaml]\n  karpenter:\n',
);
const GROUPS =
  'kind: ClusterConfig\nmanagedNodeGroups:\n  - { name: general, instanceType: m6i.large, minSize: 0, maxSize: 5 }\n';

let folder: Folder;
beforeEach(() => {
  folder = new Folder({
    'trace.csv': TRACE,
    'scenario.yaml': FILED,
    'values.txt': '--scan-interval=20s\n',
    'groups.yaml': GROUPS,
  });
});
afterEach(() => folder.dispose());

/** Writes a text with a mark, and expects the first problem there. */
async function pointsAt(file: string, text: string, told: string, help?: string): Promise<void> {
  const { text: plain, position } = marked(text);
  folder.write(file, plain);
  const { status, stderr } = await replayIn(folder.path, 'scenario.yaml', { out: 'X' });
  const problem = firstProblem(stderr);
  expect(problem.told).toBe(told.replace('@', `${file}:${position}`));
  if (help !== undefined) expect(problem.help).toBe(help);
  expect(status).toBe(3);
}

describe('files that configure an autoscaler', () => {
  it('are taken up as they lie in a repository', async () => {
    const { scenario, notes, inputs } = await loadInput(EXAMPLE);
    expect(scenario.autoscalers.today.config).toMatchObject({
      flags: expect.arrayContaining(['--scan-interval=20s', '--scale-down-unneeded-time=5m']),
      nodeGroups: [{ name: 'general', min: 1, max: 20 }],
    });
    expect(scenario.autoscalers.proposed.config).toMatchObject({
      nodePools: [{ metadata: { name: 'general' } }],
      settings: { batchMaxDuration: '15s' },
      featureGates: { SpotToSpotConsolidation: true },
    });
    expect(notes.join('\n')).toContain('clusterName');
    expect(Object.keys(inputs)).toContain('infra/karpenter.yaml');
  });

  it('run', async () => {
    const { status, stdout } = await replayIn(folder.path, EXAMPLE, { out: 'X', json: true });
    expect(status).toBe(0);
    expect(stdout).toContain('"proposed"');
  });

  it('are told of by their own lines where the autoscaler refuses them', async () => {
    await pointsAt(
      'values.txt',
      '# flags\n--scan-interval=10s ▸--scan-intervall=20s\n',
      'E0131 @ Cluster Autoscaler has no flag scan-intervall',
      'did you mean "scan-interval"?',
    );
    folder.write('values.txt', '--scan-interval=20s\n');
    await pointsAt(
      'groups.yaml',
      GROUPS.replace('m6i.large', '▸m6i.lorge'),
      'E0131 @ the catalogue has no instance type "m6i.lorge"',
      'did you mean "m6i.large"?',
    );
  });

  it('are told of where the scenario names one that is not there', async () => {
    await pointsAt(
      'scenario.yaml',
      FILED.replace('groups.yaml', '▸group.yaml'),
      'E0006 @ there is no file "group.yaml"',
      'did you mean "groups.yaml"?',
    );
  });

  it('leave a command line a command line', async () => {
    folder.write('scenario.yaml', FILED.replace('[values.txt, groups.yaml]', '["--scan-interval=20s", "--nodes=0:3:x"]'));
    const { stderr } = await replayIn(folder.path, 'scenario.yaml', { out: 'X' });
    expect(stderr).not.toContain('E0133');
  });
});
