import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  type CommandOf,
  defaultCommandOf,
  type Executor,
  type Progress,
  RunError,
  type RunResult,
  type RunSpec,
  workerPool,
} from '@plimsoll/lab';
import { prepare } from '../simulate.ts';

/** How runs are spread over threads. */
export interface ExecutorOptions {
  /** 1 runs everything in this thread. */
  readonly threads: number;
  readonly commandOf?: CommandOf;
  /** Starts a thread; tests that run from source bring their own. Default: the built `worker.js` beside this file. */
  readonly createWorker?: () => Worker;
}

/** Runs specs in this thread for one thread, else on a pool of worker threads. */
export function createExecutor({ threads, commandOf, createWorker = defaultWorker }: ExecutorOptions): Executor {
  return threads <= 1 ? hereExecutor(commandOf) : workerPool({ threads, createWorker, ...(commandOf && { commandOf }) });
}

/** Real milliseconds after which a run in this thread lets the thread look at its signals and timers. */
const BREATH_MS = 50;
/** Simulated milliseconds that a run in this thread does at a time. */
const PIECE_MS = 60_000;

/** Runs specs one after the other in this thread, in pieces, so that an interrupt is heard. Pieces change nothing of a run. */
function hereExecutor(commandOf: CommandOf = defaultCommandOf): Executor {
  return {
    run: async (specs, onProgress) => {
      const results: RunResult[] = [];
      for (const [index, spec] of specs.entries()) {
        try {
          results.push(await inPieces(spec, (now, events) => onProgress?.(index, now, events)));
        } catch (error) {
          const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
          throw new RunError(spec, name, message, commandOf(spec), stack);
        }
      }
      return results;
    },
    close: async () => {},
  };
}

async function inPieces(spec: RunSpec, onProgress: Progress): Promise<RunResult> {
  const { simulation, result } = prepare(spec);
  simulation.onProgress = onProgress;
  let breathedAt = performance.now();
  while (!simulation.ended) {
    simulation.runUntil(simulation.now + PIECE_MS);
    if (performance.now() - breathedAt < BREATH_MS) continue;
    await setImmediate();
    breathedAt = performance.now();
  }
  return result();
}

function defaultWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url));
}
