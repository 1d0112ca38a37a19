import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { runId } from '../../src/bundle/manifest.ts';
import { type RunFolder, runFolder } from '../../src/bundle/run-folder.ts';
import { smallRun } from '../support/small.ts';
import { barrenRun, CAREFUL, comparisonOf, EAGER, syntheticRun } from '../support/synthetic.ts';

const ownerName = (owner: number): string => `owner-${owner}`;

async function rows({ files }: RunFolder, path: string): Promise<Record<string, unknown>[]> {
  const { buffer, byteOffset, byteLength } = files.get(path) as Uint8Array<ArrayBuffer>;
  return parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) });
}

describe('runFolder', () => {
  let small: RunFolder;
  beforeAll(() => {
    small = runFolder(comparisonOf([smallRun('today')]), { ownerName });
  });

  it('holds a manifest, the metrics and four tables for each run', () => {
    const { files } = runFolder(comparisonOf([smallRun('today'), smallRun('proposed')]));
    const tables = (name: string) => ['series', 'decisions', 'nodes', 'pods'].map((table) => `${name}/${table}.parquet`);
    expect([...files.keys()]).toEqual(['manifest.json', 'metrics.json', ...tables('today'), ...tables('proposed')]);
  });

  it('tells the life of each pod', async () => {
    const same = { autoscaler: 'today', owner: 'owner-7' };
    expect(await rows(small, 'today/pods.parquet')).toEqual([
      {
        ...same,
        pod: 0,
        ordinal: 0,
        class: 0,
        cpu_millicores: 500,
        memory_bytes: 2 ** 30,
        node: 'node-a',
        created_ms: 0,
        bound_ms: 30_000,
        started_ms: 32_000,
        ended_ms: 300_000,
        end: 'finished',
      },
      {
        ...same,
        pod: 1,
        ordinal: 1,
        class: 1,
        cpu_millicores: 1000,
        memory_bytes: 2 ** 31,
        node: 'node-a',
        created_ms: 0,
        bound_ms: 60_000,
        started_ms: 61_000,
        ended_ms: 390_000,
        end: 'evicted',
      },
      {
        ...same,
        pod: 2,
        ordinal: 2,
        class: 1,
        cpu_millicores: 1000,
        memory_bytes: 2 ** 31,
        node: null,
        created_ms: 360_000,
        bound_ms: null,
        started_ms: null,
        ended_ms: null,
        end: 'pending',
      },
    ]);
  });

  it('tells the life of each node and what it cost', async () => {
    expect(await rows(small, 'today/nodes.parquet')).toEqual([
      {
        autoscaler: 'today',
        node: 0,
        name: 'node-a',
        type: 'm5.large',
        zone: 'zone-a',
        capacity_type: 'on-demand',
        price_per_hour: 0.6,
        ordered_ms: 0,
        running_ms: 20_000,
        registered_ms: 25_000,
        ready_ms: 30_000,
        terminating_ms: 420_000,
        gone_ms: 480_000,
        billed_ms: 400_000,
        cost: expect.closeTo((0.6 * 400) / 3600, 12),
      },
    ]);
  });

  it('keeps every decision with its details', async () => {
    expect(await rows(small, 'today/decisions.parquet')).toEqual([
      {
        autoscaler: 'today',
        decision: 0,
        t_ms: 0,
        kind: 'launch',
        subject: 0,
        name: 'node-a',
        code: 'TriggeredScaleUp',
        message: 'one pod waits',
        details: { pods: 1, why: ['cpu', null] },
      },
    ]);
  });

  it('gives back the series as they were', async () => {
    const comparison = comparisonOf([syntheticRun(CAREFUL, { hours: 1 })]);
    const read = await rows(runFolder(comparison), 'today/series.parquet');
    const { series } = comparison.runs[0];
    expect(read.map(({ t_ms }) => t_ms)).toEqual(series.time);
    expect(read.map(({ nodes }) => nodes)).toEqual(series.nodes);
    expect(read.map(({ cost_per_hour }) => cost_per_hour)).toEqual(series.costPerHour);
    expect(read.map(({ cpu_requested }) => cpu_requested)).toEqual(series.cpuRequested);
    expect(read.map(({ cpu_allocatable }) => cpu_allocatable)).toEqual(series.cpuAllocatable);
    expect(read.map(({ pending }) => pending)).toEqual(series.pending);
  });

  it('agrees with the metrics: costs of nodes add up, evicted and waiting pods count up', async () => {
    const comparison = comparisonOf([syntheticRun(EAGER)]);
    const folder = runFolder(comparison);
    const { metrics } = comparison.runs[0];
    const nodes = await rows(folder, 'proposed/nodes.parquet');
    const pods = await rows(folder, 'proposed/pods.parquet');
    expect(nodes.reduce((sum, { cost }) => sum + Number(cost), 0)).toBeCloseTo(metrics.cost, 6);
    expect(nodes.filter(({ running_ms }) => running_ms !== null).length).toBe(metrics.launches);
    expect(pods.length).toBe(metrics.podsCreated);
    expect(pods.filter(({ end }) => end === 'evicted').length).toBe(metrics.evictions);
    expect(pods.filter(({ end }) => end === 'pending').length).toBe(metrics.neverScheduled);
    expect(pods.filter(({ end }) => end === 'finished').length).toBe(metrics.podsFinished);
  });

  it('is made of the same bytes each time', () => {
    const once = runFolder(comparisonOf([syntheticRun(CAREFUL, { hours: 1 }), syntheticRun(EAGER, { hours: 1 })]));
    const again = runFolder(comparisonOf([syntheticRun(CAREFUL, { hours: 1 }), syntheticRun(EAGER, { hours: 1 })]));
    expect(again.id).toBe(once.id);
    expect(again.files).toEqual(once.files);
  });

  it('reads back many row groups in order', async () => {
    const pods = 150_000;
    const read = await rows(runFolder(comparisonOf([barrenRun('today', { hours: 100, pods })])), 'today/pods.parquet');
    expect(read.length).toBe(pods);
    expect(read.every(({ pod, created_ms }, row) => pod === row && created_ms === row * 1000)).toBe(true);
  });

  it('writes empty tables where nothing was launched and nothing decided', async () => {
    const folder = runFolder(comparisonOf([barrenRun('today')]));
    expect(await rows(folder, 'today/nodes.parquet')).toEqual([]);
    expect(await rows(folder, 'today/decisions.parquet')).toEqual([]);
    expect(JSON.parse(folder.files.get('metrics.json') as string)[0]).toMatchObject({
      autoscaler: 'today',
      waitP50: null,
      neverScheduled: 3,
    });
  });

  it('keeps two runs of one name apart, and every name inside the folder', () => {
    const { files } = runFolder(comparisonOf([smallRun('today'), smallRun('today')]));
    expect([...files.keys()]).toContain('today~2/pods.parquet');
    const odd = comparisonOf([smallRun('today')]);
    const [run] = odd.runs;
    const hostile = { ...odd, runs: [{ ...run, result: { ...run.result, autoscaler: '../../etc' } }] };
    expect([...runFolder(hostile).files.keys()]).toContain('__.._etc/pods.parquet');
  });
});

describe('manifest', () => {
  it('depends on neither the host nor where the workload lies', () => {
    const comparison = comparisonOf([smallRun('today')]);
    const elsewhere = {
      ...comparison,
      versions: { plimsoll: '0.1.0', node: '22.0.0' },
      workload: { ...comparison.workload, source: '/somewhere/else.csv' },
    };
    expect(runId(elsewhere)).toBe(runId(comparison));
  });

  it('has its keys in text order, and names digests and inputs', () => {
    const text = runFolder(comparisonOf([smallRun('today')])).files.get('manifest.json') as string;
    const value = JSON.parse(text);
    expect(Object.keys(value)).toEqual(['format', 'inputs', 'runs', 'scenario', 'versions', 'workload']);
    expect(value.runs[0]).toMatchObject({
      autoscaler: 'today',
      program: 'cluster-autoscaler',
      digest: '0123456789abcdef',
      seed: 42,
    });
    expect(value.inputs['trace.csv']).toBe('a'.repeat(64));
  });

  it('changes the id with a digest, a seed or an input', () => {
    const comparison = comparisonOf([smallRun('today')]);
    const [run] = comparison.runs;
    const changed = [
      { ...comparison, runs: [{ ...run, result: { ...run.result, digest: 'f'.repeat(16) } }] },
      { ...comparison, runs: [{ ...run, result: { ...run.result, seed: 43 } }] },
      { ...comparison, inputs: { 'trace.csv': 'c'.repeat(64) } },
    ];
    const ids = [comparison, ...changed].map((each) => runId(each));
    expect(new Set(ids).size).toBe(4);
  });
});
