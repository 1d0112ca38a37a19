import { Worker } from 'node:worker_threads';
import type { RunSpec } from '@plimsoll/lab';
import { prepare, simulate } from 'plimsoll';
import { createExecutor } from 'plimsoll/node';
import { describe, expect, it } from 'vitest';
import { smallScenario, smallWorkload } from './support/scenarios.ts';

const workload = smallWorkload();
const scenario = smallScenario();
const specOf = (autoscaler: string, seed = 42): RunSpec => ({ scenario, workload, autoscaler, seed });

const createWorker = (): Worker =>
  new Worker(new URL('./support/worker.boot.mjs', import.meta.url), { execArgv: ['--conditions=@plimsoll/source'] });

describe.each(['node-groups', 'karpenter'])('a run of %s', (autoscaler) => {
  const reference = simulate(specOf(autoscaler));

  it('launches and ends machines, so that what follows compares something', () => {
    expect(reference.decisions.length).toBeGreaterThan(4);
    expect(new Set(reference.decisions.map(({ kind }) => kind)).size).toBeGreaterThan(2);
  });

  it('has the same digest twice, and another one with another seed', () => {
    expect(simulate(specOf(autoscaler)).digest).toBe(reference.digest);
    expect(simulate(specOf(autoscaler, 43)).digest).not.toBe(reference.digest);
  });

  it('has the same digest with every quiet call of the autoscaler made', () => {
    const full = simulate({ ...specOf(autoscaler), skipQuiet: false });
    expect(full.digest).toBe(reference.digest);
    expect(full.events).toBeGreaterThanOrEqual(reference.events);
  });

  it('has the same digest in pieces', () => {
    const run = prepare(specOf(autoscaler));
    for (let at = 0; at < reference.span; at += 137_777) run.simulation.runUntil(at);
    run.simulation.run();
    expect(run.result().digest).toBe(reference.digest);
  });

  it('goes on to the same digest from a snapshot at any instant', () => {
    const instants = Array.from({ length: 24 }, (_, n) => Math.floor((reference.span * (n + 0.5)) / 24));
    for (const instant of instants) {
      const first = prepare(specOf(autoscaler));
      first.simulation.runUntil(instant);
      // A snapshot survives the way into another thread or a file.
      const saved = structuredClone(first.simulation.snapshot());
      const second = prepare(specOf(autoscaler));
      second.simulation.restore(saved);
      second.simulation.run();
      expect([instant, second.result().digest]).toEqual([instant, reference.digest]);
    }
  });

  it('has two equal futures when it is forked', () => {
    const trunk = prepare(specOf(autoscaler));
    trunk.simulation.runUntil(reference.span / 2 - ((reference.span / 2) % 1));
    const fork = prepare(specOf(autoscaler));
    fork.simulation.restore(trunk.simulation.snapshot());
    fork.simulation.run();
    trunk.simulation.run();
    expect(fork.result().digest).toBe(trunk.result().digest);
  });
});

describe('threads', () => {
  const specs = [1, 2, 3].flatMap((seed) => ['node-groups', 'karpenter'].map((autoscaler) => specOf(autoscaler, seed)));
  const inline = specs.map((spec) => simulate(spec).digest);

  it.each([1, 2, 4])('give the digests of inline runs with %i', async (threads) => {
    const executor = createExecutor({ threads, createWorker });
    try {
      expect((await executor.run(specs)).map(({ digest }) => digest)).toEqual(inline);
    } finally {
      await executor.close();
    }
  });

  it('give the digests of inline runs with one worker thread behind a pool', async () => {
    const executor = createExecutor({ threads: 2, createWorker });
    try {
      expect((await executor.run(specs.slice(0, 1)))[0].digest).toBe(inline[0]);
    } finally {
      await executor.close();
    }
  });
});
