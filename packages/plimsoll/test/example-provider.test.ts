import { assertLaws, lawTables } from '@plimsoll/conformance';
import type { ProviderPlugin } from '@plimsoll/core';
import { oneForOne } from '@plimsoll/examples/one-for-one';
import { bundledProviders, offeringsOf, prepare } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { smallScenario, smallWorkload } from './support/scenarios.ts';

const scenario = smallScenario({ autoscalers: { mine: { use: 'one-for-one', config: { emptyFor: 120_000 } } } });
const providers = [...bundledProviders, oneForOne as ProviderPlugin];
const spec = { scenario, workload: smallWorkload(), autoscaler: 'mine', seed: 42 };

describe('the example provider', () => {
  const run = prepare(spec, providers);
  run.simulation.run();
  const result = run.result();

  it('finds a machine for every pod and keeps the laws', () => {
    assertLaws(result.log, lawTables(run.simulation.classes, offeringsOf(scenario).offerings));
    expect(run.simulation.cluster.pendingCount).toBe(0);
  });

  it('ends machines that stand empty', () => {
    expect(result.decisions.some(({ because }) => because.code === 'Empty')).toBe(true);
  });

  it('goes on to the same digest from a snapshot', () => {
    const first = prepare(spec, providers);
    first.simulation.runUntil(1_000_000);
    const second = prepare(spec, providers);
    second.simulation.restore(structuredClone(first.simulation.snapshot()));
    second.simulation.run();
    expect(second.result().digest).toBe(result.digest);
  });

  it('tells which option is wrong', () => {
    const wrong = smallScenario({ autoscalers: { mine: { use: 'one-for-one', config: { emptyFor: -1 } } } });
    expect(() => prepare({ ...spec, scenario: wrong }, providers)).toThrow(
      'autoscalers.mine.config.emptyFor: expected milliseconds from 0, got -1',
    );
  });
});
