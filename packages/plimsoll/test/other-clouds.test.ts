import { assertLaws, lawTables } from '@plimsoll/conformance';
import { GROUP_ACT, NOTICE, RECORD } from '@plimsoll/core';
import { offeringsOf, prepare, type RunResult } from 'plimsoll';
import { loadInput } from 'plimsoll/node';
import { describe, expect, it } from 'vitest';

const cwd = new URL('../../../examples/', import.meta.url).pathname;

async function ran(folder: string): Promise<{ result: RunResult; pending: number }> {
  const { scenario, workload } = await loadInput(folder, { cwd });
  const run = prepare({ scenario, workload: workload.share(), autoscaler: 'node-groups', seed: scenario.seed });
  run.simulation.run();
  const result = run.result();
  assertLaws(result.log, lawTables(run.simulation.classes, offeringsOf(scenario).offerings));
  return { result, pending: run.simulation.cluster.pendingCount };
}

/** Records of a kind whose `b` is so. */
function count({ log }: RunResult, kind: number, b: number): number {
  let found = 0;
  for (let row = 0; row < log.length; row++) if (log.kind[row] === kind && log.b[row] === b) found++;
  return found;
}

describe('the groups of other clouds', () => {
  it('of Google give every pod a place, roll by surge and lose Spot VMs after 30 s', async () => {
    const { result, pending } = await ran('google-managed-instance-groups');
    expect(pending).toBe(0);
    expect(result.tables.offerings[0].zone).toBe('us-central1-a');
    expect(count(result, RECORD.groupActed, GROUP_ACT.refresh)).toBeGreaterThan(0);
    const { log } = result;
    const notices = new Set<number>();
    for (let row = 0; row < log.length; row++) {
      if (log.kind[row] === RECORD.nodeNotice && log.b[row] === NOTICE.interruption) notices.add(log.c[row]);
    }
    expect([...notices]).toEqual([30_000]);
  });

  it('of Azure give every pod a place and roll a fifth at a time', async () => {
    const { result, pending } = await ran('azure-scale-sets');
    expect(pending).toBe(0);
    expect(result.tables.offerings[0].zone).toBe('eastus-1');
    expect(count(result, RECORD.groupActed, GROUP_ACT.refresh)).toBeGreaterThan(0);
    expect(count(result, RECORD.groupActed, GROUP_ACT.zoneRebalance)).toBe(0);
  });
});
