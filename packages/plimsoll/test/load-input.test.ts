import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundledWorkloads, loadInput } from '../src/node/index.ts';
import { Folder, replayIn } from './support/command.ts';
import { deployment, SCENARIO, TRACE } from './support/scenario-file.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder({ 'trace.csv': TRACE, 'scenario.yaml': SCENARIO });
});
afterEach(() => folder.dispose());

const load = (name: string) => loadInput(name, { cwd: folder.path });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A Job of four pods that arrive after five minutes. */
const JOB = `apiVersion: batch/v1
kind: Job
metadata: { name: import }
spec:
  parallelism: 4
  template:
    metadata: { annotations: { plimsoll.dev/duration: 10m, plimsoll.dev/at: 5m } }
    spec:
      restartPolicy: Never
      containers: [{ name: main, resources: { requests: { cpu: "2", memory: 4Gi } } }]
`;

describe('loadInput', () => {
  it('reads a scenario with its trace, its variants as autoscalers', async () => {
    const { scenario, workload, source, inputs, problems } = await load('scenario.yaml');
    expect(Object.keys(scenario.autoscalers)).toEqual(['groups', 'karpenter', 'slow']);
    expect([workload.length, workload.pods, source]).toEqual([2, 2, 'scenario.yaml']);
    expect(inputs).toEqual({ 'scenario.yaml': sha256(SCENARIO), 'trace.csv': sha256(TRACE) });
    expect(problems).toEqual([]);
  });

  it('reads a folder by its scenario, and files beside the scenario wherever the user stands', async () => {
    folder.write('week/scenario.yaml', SCENARIO.replace('trace.csv', '../traces/a.csv'));
    folder.write('traces/a.csv', TRACE);
    const { workload, inputs, source } = await load('week');
    expect([workload.length, source]).toEqual([2, 'week/scenario.yaml']);
    expect(Object.keys(inputs)).toEqual(['scenario.yaml', 'a.csv']);
  });

  it("replays another trace in place of the scenario's own, from where the user stands", async () => {
    folder.write('week/scenario.yaml', SCENARIO);
    folder.write('other.csv', `${TRACE}c,60,60,500,512\n`);
    const { workload, inputs } = await loadInput('week', { cwd: folder.path, trace: 'other.csv' });
    expect([workload.length, Object.keys(inputs)]).toEqual([3, ['scenario.yaml', 'other.csv']]);
    const { status, stderr } = await replayIn(folder.path, 'week', { out: false, trace: 'othr.csv' });
    expect([status, stderr]).toEqual([3, expect.stringContaining('did you mean "other.csv"?')]);
    await expect(loadInput('trace.csv', { cwd: folder.path, trace: 'other.csv' })).rejects.toThrow(/"trace.csv" is no scenario/);
  });

  it('puts a trace and manifests together', async () => {
    folder.write('app.yaml', `${deployment('web', '1')}---\n${JOB}`);
    folder.write('scenario.yaml', SCENARIO.replace('trace: trace.csv', 'trace: trace.csv\n  manifests: [app.yaml]'));
    const { workload, inputs } = await load('scenario.yaml');
    const rows = Array.from({ length: workload.length }, (_, row) => [
      workload.name(row),
      workload.time[row],
      workload.count[row],
    ]);
    expect(rows).toEqual([
      ['a', 0, 1],
      ['web', 0, 3],
      ['b', 30_000, 1],
      ['import', 300_000, 4],
    ]);
    expect(Object.keys(inputs)).toEqual(['scenario.yaml', 'trace.csv', 'app.yaml']);
  });

  it('gives a bare trace, compressed or not, a scenario that suits it', async () => {
    folder.write('jobs.csv.gz', gzipSync(TRACE));
    const { scenario, workload, source, notes } = await load('jobs.csv.gz');
    expect([scenario.metadata.name, source, workload.length]).toEqual(['jobs', 'jobs.csv.gz', 2]);
    expect(Object.keys(scenario.autoscalers)).toEqual(['cluster-autoscaler', 'karpenter']);
    expect(notes.join('\n')).toContain('jobs.csv.gz');
  });

  it('keeps no path of the machine', async () => {
    const { source, inputs, notes } = await load(join(folder.path, 'trace.csv'));
    expect([source, Object.keys(inputs)]).toEqual(['trace.csv', ['trace.csv']]);
    expect(notes.join('\n')).not.toContain(folder.path);
  });

  it('reads every bundled workload, by name from anywhere', async () => {
    expect(bundledWorkloads()).toContain('quickstart');
    for (const name of bundledWorkloads()) expect((await load(name)).source).toBe(`${name}/scenario.yaml`);
    expect((await loadInput()).source).toBe('quickstart/scenario.yaml');
  });

  it('prefers a file of the user to a bundled workload', async () => {
    folder.write('quickstart/scenario.yaml', SCENARIO.replace('trace.csv', '../trace.csv'));
    expect((await load('quickstart')).scenario.metadata.name).toBe('small');
  });

  it('reads a scenario in JSON', async () => {
    const scenario = {
      apiVersion: 'plimsoll/v1',
      kind: 'Scenario',
      metadata: { name: 'json' },
      workload: { trace: 'trace.csv' },
      autoscalers: { karpenter: { use: 'karpenter' } },
    };
    folder.write('a.json', JSON.stringify(scenario));
    expect((await load('a.json')).scenario.metadata.name).toBe('json');
  });
});

describe('a manifest alone', () => {
  it('runs with a scenario that suits it: the pods of a Deployment and of a Job all start', async () => {
    folder.write('app.yaml', `${deployment('web', '500m')}---\n${JOB}`);
    const { status, stdout, stderr } = await replayIn(folder.path, 'app.yaml', { json: true, out: false });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { scenario, workload, runs } = JSON.parse(stdout);
    expect([scenario, workload.pods]).toEqual(['app', 7]);
    for (const { metrics } of runs) expect(metrics).toMatchObject({ podsFinished: 4, neverScheduled: 0 });
  });
});
