import { readFileSync } from 'node:fs';
import { parseScenario } from '@plimsoll/core';
import { readApiCalls, readRecordedCluster } from '@plimsoll/inputs';
import type { RunSpec } from '@plimsoll/lab';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/simulate.ts';

/** The first minutes of a recorded setting, as a run of ours. */
async function specOf(folder: string): Promise<RunSpec> {
  const file = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${folder}/${name}`, import.meta.url));
  const { workload } = await readApiCalls(file('workload.jsonl.gz'), 'workload.jsonl.gz');
  const { scenario, autoscaler } = readRecordedCluster(new TextDecoder().decode(file('cluster.json')), 'cluster.json');
  const parsed = parseScenario({ ...scenario, time: { duration: '420s' } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return { scenario: parsed.scenario, workload: workload.share(), autoscaler, seed: 3 };
}

function digestOf(spec: RunSpec): string {
  const run = prepare(spec);
  run.simulation.run();
  return run.result().digest;
}

describe.each(['ca-three-groups-1', 'karpenter-spot-1'])('the recorded setting %s', (folder) => {
  it('decides the same whether quiet calls are skipped or made, and from a snapshot', async () => {
    const spec = await specOf(folder);
    const digest = digestOf(spec);
    expect(digestOf({ ...spec, skipQuiet: false })).toBe(digest);
    const half = prepare(spec);
    half.simulation.runUntil(254_321);
    const rest = prepare(spec);
    rest.simulation.restore(structuredClone(half.simulation.snapshot()));
    rest.simulation.run();
    expect(rest.result().digest).toBe(digest);
  });

  it('unrolls otherwise under another seed', async () => {
    const spec = await specOf(folder);
    expect(digestOf({ ...spec, seed: 4 })).not.toBe(digestOf(spec));
  });
});
