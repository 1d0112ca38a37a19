import { Worker } from 'node:worker_threads';
import { type CommandOf, type Executor, inlineExecutor, workerPool } from '@plimsoll/lab';
import { simulate } from '../simulate.ts';

/** How runs are spread over threads. */
export interface ExecutorOptions {
  /** 1 runs everything in this thread. */
  readonly threads: number;
  readonly commandOf?: CommandOf;
  /** Starts a thread; tests that run from source bring their own. Default: the built `worker.js` beside this file. */
  readonly createWorker?: () => Worker;
}

/** Runs specs inline for one thread, else on a pool of worker threads. */
export function createExecutor({ threads, commandOf, createWorker = defaultWorker }: ExecutorOptions): Executor {
  return threads <= 1
    ? inlineExecutor(simulate, commandOf)
    : workerPool({ threads, createWorker, ...(commandOf && { commandOf }) });
}

function defaultWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url));
}
