export type { TieRule } from './cycle/tie.ts';
export { FilterModel } from './filters/filter-model.ts';
export { FILTER_PLUGINS, type FilterPlugin } from './filters/plugins.ts';
export { KubeScheduler, type KubeSchedulerOptions, kubeScheduler } from './kube-scheduler.ts';
export type { Retries } from './queue/scheduling-queue.ts';
