export { type ComparisonRow, compare } from './compare.ts';
export { endpointOf, type NodePort } from './executor/endpoint.ts';
export {
  type CommandOf,
  defaultCommandOf,
  type Executor,
  type Progress,
  RunError,
  type RunFunction,
} from './executor/executor.ts';
export { inlineExecutor } from './executor/inline.ts';
export { serveRuns } from './executor/serve.ts';
export { type WorkerPoolOptions, workerPool } from './executor/worker-pool.ts';
export { type MeasureOptions, type Metrics, measure } from './measure/metrics.ts';
export { percentile } from './measure/percentile.ts';
export { PriceBook } from './measure/price-book.ts';
export { type Series, seriesOf } from './measure/series.ts';
export type { NodeClassRow, OfferingRow, PodClassRow, RunResult, RunSpec, RunTables } from './run-spec.ts';
