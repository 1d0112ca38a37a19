import { RECORD } from '@plimsoll/core';
import { afterEach, describe, expect, it } from 'vitest';
import { loadInput } from '../src/node/load-input.ts';
import { simulate } from '../src/simulate.ts';
import { Folder, firstProblem, marked, replayIn } from './support/command.ts';
import { deployment, SCENARIO, TRACE } from './support/scenario-file.ts';

let folder: Folder;
afterEach(() => folder.dispose());

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

const PACKING = `${HEAD}parallelism: 32
profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args: { scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 1 }] } }
`;

const named = SCENARIO.replace('autoscalers:', 'scheduler: { config: scheduler.yaml }\nautoscalers:');

async function digestOf(name: string): Promise<string> {
  const { scenario, workload } = await loadInput(name, { cwd: folder.path });
  return simulate({ scenario, workload: workload.share(), autoscaler: 'karpenter', seed: 1 }).digest;
}

describe('a scenario with a configuration for the scheduler', () => {
  it('reads it from a file, keeps the file’s hash, and says what changes nothing', async () => {
    folder = new Folder({ 'scenario.yaml': named, 'scheduler.yaml': PACKING, 'trace.csv': TRACE });
    const { scenario, inputs, notes } = await loadInput('scenario.yaml', { cwd: folder.path });
    expect(scenario.scheduler.config).toMatchObject({ kind: 'KubeSchedulerConfiguration', parallelism: 32 });
    expect(Object.keys(inputs)).toContain('scheduler.yaml');
    expect(notes.find((note) => note.includes('parallelism'))).toMatch(/one after the other.*\[F0323\]/);
  });

  it('decides alike whether it stands in a file or in the scenario, and unlike the default', async () => {
    const indented = PACKING.replaceAll(/^/gm, '    ');
    folder = new Folder({
      'named.yaml': named,
      'inline.yaml': SCENARIO.replace('autoscalers:', `scheduler:\n  config:\n${indented}\nautoscalers:`),
      'none.yaml': SCENARIO,
      'scheduler.yaml': PACKING,
      // Small pods at once, so that where each goes is a choice.
      'trace.csv': `id,arrive_s,duration_s,cpu_m,mem_mib\n${Array.from({ length: 40 }, (_, i) => `p${i},${i * 20},400,${300 + (i % 7) * 200},256`).join('\n')}\n`,
    });
    const [file, inline, none] = await Promise.all(['named.yaml', 'inline.yaml', 'none.yaml'].map(digestOf));
    expect(file).toBe(inline);
    expect(file).not.toBe(none);
  });

  it('is told of a mistake in the file that has it, with exit status 3', async () => {
    folder = new Folder({
      'scenario.yaml': named,
      'scheduler.yaml': `${HEAD}profiles:\n- plugins:\n    score:\n      enabled: [{ name: ImageLocalty, weight: 2 }]\n`,
      'trace.csv': TRACE,
    });
    const { status, stderr } = await replayIn(folder.path, 'scenario.yaml');
    expect(status).toBe(3);
    expect(firstProblem(stderr)).toEqual({
      told: 'E0107 scheduler.yaml:6:25 there is no plug-in "ImageLocalty"',
      help: 'did you mean "ImageLocality"?',
    });
  });

  it('is told of a mistake in the scenario itself', async () => {
    const config = '{ apiVersion: kubescheduler.config.k8s.io/v1, kind: ▸KubeScheduler }';
    const { text, position } = marked(named.replace('scheduler.yaml', config));
    folder = new Folder({ 'scenario.yaml': text, 'trace.csv': TRACE });
    const { status, stderr } = await replayIn(folder.path, 'scenario.yaml');
    expect(status).toBe(3);
    expect(firstProblem(stderr).told).toBe(
      `E0107 scenario.yaml:${position} "KubeScheduler" is not one of KubeSchedulerConfiguration`,
    );
  });

  it('must be the object itself in a notebook: only files are read by their names', async () => {
    folder = new Folder({ 'scenario.yaml': SCENARIO, 'trace.csv': TRACE });
    const { scenario, workload } = await loadInput('scenario.yaml', { cwd: folder.path });
    const spec = { workload: workload.share(), autoscaler: 'karpenter', seed: 1 };
    const byName = { ...scenario, scheduler: { ...scenario.scheduler, config: 'scheduler.yaml' } };
    expect(() => simulate({ ...spec, scenario: byName })).toThrow(
      'scheduler.config: expected the configuration itself, got the name "scheduler.yaml"',
    );
    const wrong = { ...scenario, scheduler: { ...scenario.scheduler, config: { kind: 'KubeSchedulerConfiguration' } } };
    expect(() => simulate({ ...spec, scenario: wrong })).toThrow('"apiVersion" is missing');
  });

  it('is told that the file is not there', async () => {
    folder = new Folder({ 'scenario.yaml': named, 'trace.csv': TRACE });
    const { status, stderr } = await replayIn(folder.path, 'scenario.yaml');
    expect(status).toBe(3);
    expect(firstProblem(stderr).told).toBe('E0006 scenario.yaml:9:22 there is no file "scheduler.yaml"');
  });

  it('leaves pods alone that name a scheduler that is not there, and places those of a profile', async () => {
    const pods = (scheduler: string): string =>
      deployment(scheduler, '100m').replace('containers:', `schedulerName: ${scheduler}\n      containers:`);
    const base = SCENARIO.replace('  trace: trace.csv', '  manifests: [pods.yaml]');
    folder = new Folder({
      'scenario.yaml': base.replace('autoscalers:', 'scheduler: { config: scheduler.yaml }\nautoscalers:'),
      'scheduler.yaml': `${HEAD}profiles: [{ schedulerName: default-scheduler }, { schedulerName: packer }]\n`,
      'pods.yaml': `${pods('packer')}---\n${pods('elsewhere')}`,
    });
    const { scenario, workload, notes } = await loadInput('scenario.yaml', { cwd: folder.path });
    expect(notes.filter((note) => note.includes('schedulerName'))).toEqual([
      '- schedulerName elsewhere (3 pods): no profile has this name, so nobody places them and no autoscaler helps them [F0325]',
    ]);
    const { log } = simulate({ scenario, workload: workload.share(), autoscaler: 'karpenter', seed: 1 });
    const podsWith = (kind: number): number => new Set(log.a.filter((_, i) => log.kind[i] === kind)).size;
    expect([podsWith(RECORD.podCreated), podsWith(RECORD.podBound), podsWith(RECORD.podUnschedulable)]).toEqual([6, 3, 3]);
  });
});

it('the limit of the scheduler’s client counts where there is an API server', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `p${i},3600,600,10,16`).join('\n');
  const slow = `${HEAD}clientConnection: { qps: 2, burst: 1 }\n`;
  folder = new Folder({
    'slow.yaml': named.replace('autoscalers:', 'api: {}\nautoscalers:').replace('scheduler.yaml', 'slow-scheduler.yaml'),
    'fast.yaml': SCENARIO.replace('autoscalers:', 'api: {}\nautoscalers:'),
    'free.yaml': named.replace('scheduler.yaml', 'slow-scheduler.yaml'),
    'slow-scheduler.yaml': slow,
    'trace.csv': `id,arrive_s,duration_s,cpu_m,mem_mib\nfirst,0,7200,100,128\n${rows}\n`,
  });
  const lastBound = async (name: string): Promise<number> => {
    const { scenario, workload } = await loadInput(name, { cwd: folder.path });
    const { log } = simulate({ scenario, workload: workload.share(), autoscaler: 'karpenter', seed: 1 });
    return Math.max(...[...log.kind].flatMap((kind, i) => (kind === RECORD.podBound ? [log.time[i]] : [])));
  };
  const [slowly, fast, freely] = [await lastBound('slow.yaml'), await lastBound('fast.yaml'), await lastBound('free.yaml')];
  // Sixty bindings at two a second.
  expect(slowly - 3_600_000).toBeGreaterThan(25_000);
  expect(fast).toBeLessThan(slowly - 20_000);
  expect(freely).toBeLessThan(slowly - 20_000);
});
