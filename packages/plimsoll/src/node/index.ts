export { simulate } from '../simulate.ts';
export { createExecutor, type ExecutorOptions } from './executor.ts';
export { bundledWorkloads } from './files.ts';
export { type LoadedInput, type LoadOptions, loadInput } from './load-input.ts';
export { writeFolder, writeWhole } from './run-folder.ts';
