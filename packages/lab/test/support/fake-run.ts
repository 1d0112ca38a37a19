import { parseScenario, RECORD, type Scenario, Workload } from '@plimsoll/core';
import type { Progress, RunResult, RunSpec } from '@plimsoll/lab';

const parsed = parseScenario({
  apiVersion: 'plimsoll/v1',
  kind: 'Scenario',
  metadata: { name: 'fake' },
  workload: {},
  autoscalers: { a: { use: 'karpenter' }, throws: { use: 'karpenter' }, dies: { use: 'karpenter' } },
});
if (!parsed.ok) throw new Error('the fake scenario is invalid');
const scenario: Scenario = parsed.scenario;
const workload = Workload.of([], []).share();

/** A spec that {@link fakeRun} understands: `throws` throws, `dies` ends its process or thread, anything else answers. */
export function fakeSpec(autoscaler: string, seed: number): RunSpec {
  return { scenario, workload, autoscaler, seed };
}

/** A run that does no simulation: its log has one record, which holds the seed. */
export function fakeRun(spec: RunSpec, onProgress?: Progress): RunResult {
  if (spec.autoscaler === 'throws') throw new RangeError('the model broke');
  if (spec.autoscaler === 'dies') process.exit(3);
  onProgress?.(spec.seed, 1);
  const log = {
    length: 1,
    time: Float64Array.of(spec.seed),
    kind: Uint8Array.of(RECORD.ended),
    a: Int32Array.of(0),
    b: Int32Array.of(-1),
    c: Int32Array.of(-1),
  };
  const tables = { nodeNames: [], offerings: [], podClasses: [], nodeClasses: [] };
  return {
    autoscaler: spec.autoscaler,
    seed: spec.seed,
    digest: `digest-${spec.seed}`,
    log,
    decisions: [],
    tables,
    span: spec.seed,
    events: 1,
  };
}
