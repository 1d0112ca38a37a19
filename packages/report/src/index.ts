export { manifest, runId } from './bundle/manifest.ts';
export { type RunFolder, type RunFolderOptions, runFolder } from './bundle/run-folder.ts';
export type { ComparedRun, Comparison, WorkloadSummary } from './comparison.ts';
export { htmlReport } from './html/report.ts';
export { comparisonTable, type TableOptions } from './terminal/comparison-table.ts';
