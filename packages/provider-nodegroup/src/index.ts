export { ExpanderChain } from './expander/chain.ts';
export type { ExpansionOption } from './expander/option.ts';
export { ClusterAutoscaler } from './loop/cluster-autoscaler.ts';
export type { DeletionResult, LoopStatus, RemainingPods, ScaleDownResult, ScaleUpResult, Unremovable } from './loop/status.ts';
export { FLAGS, type FlagName, type Flags, GROUP_FLAGS, type GroupFlags, NOT_MODELLED_FLAGS } from './options/flags.ts';
export type { NodeGroupOptions } from './options/node-groups.ts';
export { type ClusterAutoscalerOptions, defaultModelOptions, type ModelOptions } from './options/options.ts';
export { clusterAutoscaler } from './provider.ts';
export { type EstimateAnswer, type EstimateQuestion, estimateAlone } from './scale-up/estimate-alone.ts';
