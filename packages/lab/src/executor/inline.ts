import { type CommandOf, defaultCommandOf, type Executor, RunError, type RunFunction } from './executor.ts';

/** Runs specs one after the other in this thread. */
export function inlineExecutor(run: RunFunction, commandOf: CommandOf = defaultCommandOf): Executor {
  return {
    run: async (specs, onProgress) =>
      specs.map((spec, index) => {
        try {
          return run(spec, (now, events) => onProgress?.(index, now, events));
        } catch (error) {
          const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
          throw new RunError(spec, name, message, commandOf(spec), stack);
        }
      }),
    close: async () => {},
  };
}
