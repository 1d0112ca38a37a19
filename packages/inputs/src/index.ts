export { type AssembledConfig, assembleConfig } from './autoscaler-config/assemble.ts';
export {
  type ConfiguredProgram,
  readAutoscalerFiles,
} from './autoscaler-config/autoscaler-config.ts';
export type { ConfigPart, Origin } from './autoscaler-config/config-part.ts';
export { type Locate, type Path, type Position, pathText } from './document/field.ts';
export { type ManifestFile, type ManifestReading, readManifests } from './kubernetes/manifests.ts';
export { nodeShapeFrom } from './kubernetes/node-shape.ts';
export { type PodContext, podSpecFrom, type ValuePlace } from './kubernetes/pod-spec.ts';
export { type PriorityClass, PriorityClasses } from './kubernetes/priority-classes.ts';
export { CODES, type CodeText, explainCode, type ProblemCode } from './problems/codes.ts';
export { type FormatOptions, formatProblems, type Sources } from './problems/format.ts';
export { InputError, PROBLEMS_SHOWN, type Problem, ProblemList, positionOf, type Severity } from './problems/problem.ts';
export { formatReceipt, type Receipt, type ReceiptEntry, ReceiptWriter, type Treatment } from './receipt/receipt.ts';
export { type RecordingReading, readApiCalls } from './recording/api-calls.ts';
export { type RecordedCluster, readRecordedCluster } from './recording/cluster.ts';
export { readWatch } from './recording/watch.ts';
export { readScenario, type ScenarioProblemDetails, type ScenarioReading } from './scenario/scenario-file.ts';
export {
  readSchedulerConfig,
  readSchedulerConfigText,
  type SchedulerConfigOptions,
  type SchedulerConfigReading,
} from './scheduler-config/configuration.ts';
export { REQUIRED_COLUMNS, TRACE_COLUMNS, type TraceColumn } from './trace-csv/columns.ts';
export type { ByteSource } from './trace-csv/inflate.ts';
export type { TraceOptions } from './trace-csv/options.ts';
export type { RowPlace, TraceReading, TraceShape } from './trace-csv/reading.ts';
export { readTraceCsv } from './trace-csv/trace-csv.ts';
export {
  type Amounts,
  type LargePod,
  largestRequest,
  type WorkloadShape,
  workloadShape,
} from './workload-shape/workload-shape.ts';
