import type { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import type { RunResult, RunSpec } from '../run-spec.ts';
import { endpointOf } from './endpoint.ts';
import { type CommandOf, defaultCommandOf, type Executor, RunError } from './executor.ts';
import type { RunService } from './protocol.ts';

/** How a pool is made. */
export interface WorkerPoolOptions {
  /** Threads; each runs one spec at a time. */
  readonly threads: number;
  /** Starts a thread whose entry file calls `serveRuns`. */
  readonly createWorker: () => Worker;
  readonly commandOf?: CommandOf;
}

interface Member {
  readonly worker: Worker;
  readonly service: Comlink.Remote<RunService>;
  /** Rejects when the thread dies, with the reason. */
  readonly death: Promise<never>;
}

/**
 * A pool of long-lived threads. A thread that dies or throws rejects with a {@link RunError} that names the run and the command
 * that repeats it; the dead thread is replaced for the next call.
 */
export function workerPool({ threads, createWorker, commandOf = defaultCommandOf }: WorkerPoolOptions): Executor {
  const idle: Member[] = [];
  const all = new Set<Member>();

  const hire = (): Member => {
    const worker = createWorker();
    const death = new Promise<never>((_, reject) => {
      worker.once('error', (error) => reject(error));
      worker.once('messageerror', () => reject(new Error('a message could not be read')));
      worker.once('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
    });
    // Unhandled until a run races it.
    death.catch(() => {});
    const member = { worker, service: Comlink.wrap<RunService>(endpointOf(worker)), death };
    all.add(member);
    return member;
  };

  const runOne = async (spec: RunSpec, onProgress: ((now: number, events: number) => void) | undefined): Promise<RunResult> => {
    const member = idle.pop() ?? hire();
    const progress = onProgress === undefined ? undefined : Comlink.proxy(onProgress);
    try {
      const outcome = await Promise.race([member.service.run(spec, progress), member.death]);
      idle.push(member);
      if (outcome.ok) return outcome.result;
      throw new RunError(spec, outcome.kind, outcome.message, commandOf(spec), outcome.stack);
    } catch (error) {
      if (error instanceof RunError) throw error;
      all.delete(member);
      void member.worker.terminate();
      throw new RunError(spec, 'WorkerDied', error instanceof Error ? error.message : String(error), commandOf(spec));
    }
  };

  return {
    run: async (specs, onProgress) => {
      const results = new Array<RunResult>(specs.length);
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < specs.length) {
          const index = next++;
          results[index] = await runOne(specs[index], onProgress && ((now, events) => onProgress(index, now, events)));
        }
      };
      const lanes = Array.from({ length: Math.min(threads, specs.length) }, lane);
      const settled = await Promise.allSettled(lanes);
      // The first failure in the order of lanes: all lanes have come to rest, so none is left running unseen.
      for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
      return results;
    },
    close: async () => {
      const members = [...all];
      all.clear();
      idle.length = 0;
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}
