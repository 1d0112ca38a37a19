import { MessageChannel, Worker } from 'node:worker_threads';
import { type Executor, endpointOf, inlineExecutor, RunError, serveRuns, workerPool } from '@plimsoll/lab';
import * as Comlink from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeRun, fakeSpec } from '../support/fake-run.ts';

const createWorker = (): Worker =>
  new Worker(new URL('../support/worker.boot.mjs', import.meta.url), { execArgv: ['--conditions=@plimsoll/source'] });

const open: Executor[] = [];
const opened = (executor: Executor): Executor => {
  open.push(executor);
  return executor;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((executor) => executor.close()));
});

const commandOf = (spec: { autoscaler: string }): string => `replay it --autoscaler ${spec.autoscaler}`;

describe.each([
  ['inline', () => inlineExecutor(fakeRun, commandOf)],
  ['one thread', () => workerPool({ threads: 1, createWorker, commandOf })],
  ['two threads', () => workerPool({ threads: 2, createWorker, commandOf })],
])('an executor: %s', (_, make) => {
  it('gives results in the order of the specs', async () => {
    const executor = opened(make());
    const results = await executor.run([3, 1, 2, 5, 4].map((seed) => fakeSpec('a', seed)));
    expect(results.map(({ seed, digest }) => [seed, digest])).toEqual([3, 1, 2, 5, 4].map((seed) => [seed, `digest-${seed}`]));
    expect(Array.from(results[3].log.time)).toEqual([5]);
  });

  it('rejects with the run, the kind of its error and the command that repeats it', async () => {
    const executor = opened(make());
    const failure = await executor.run([fakeSpec('a', 1), fakeSpec('throws', 7)]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RunError);
    const error = failure as RunError;
    expect(error.kind).toBe('RangeError');
    expect(error.spec).toMatchObject({ autoscaler: 'throws', seed: 7 });
    expect(error.message).toContain('the model broke');
    expect(error.message).toContain('replay it --autoscaler throws');
  });

  it('goes on after a failure', async () => {
    const executor = opened(make());
    await executor.run([fakeSpec('throws', 1)]).catch(() => {});
    expect((await executor.run([fakeSpec('a', 9)]))[0].digest).toBe('digest-9');
  });
});

describe('a pool', () => {
  it('rejects when a thread dies, and replaces it', async () => {
    const executor = opened(workerPool({ threads: 1, createWorker, commandOf }));
    const failure = await executor.run([fakeSpec('dies', 1)]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RunError);
    expect((failure as RunError).kind).toBe('WorkerDied');
    expect((failure as RunError).message).toContain('replay it --autoscaler dies');
    expect((await executor.run([fakeSpec('a', 2)]))[0].digest).toBe('digest-2');
  });
});

describe('serveRuns', () => {
  it('answers over a message channel, errors as values', async () => {
    const { port1, port2 } = new MessageChannel();
    serveRuns(port1, fakeRun);
    const service = Comlink.wrap<{ run(spec: unknown, progress: undefined): Promise<unknown> }>(endpointOf(port2));
    expect(await service.run(fakeSpec('a', 4), undefined)).toMatchObject({ ok: true, result: { digest: 'digest-4' } });
    expect(await service.run(fakeSpec('throws', 4), undefined)).toMatchObject({
      ok: false,
      kind: 'RangeError',
      message: 'the model broke',
    });
    port1.close();
    port2.close();
  });
});
