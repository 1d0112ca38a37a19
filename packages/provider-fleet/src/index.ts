export { karpenter } from './karpenter.ts';
export type { BudgetReason, DisruptionBudget } from './options/disruption-budget.ts';
export type { KarpenterFeatureGates, KarpenterOptions, KarpenterSettings } from './options/karpenter-options.ts';
export type { NodePool } from './options/node-pool.ts';
export type { Operator } from './requirements/requirement.ts';
export type { RequirementSpec } from './requirements/requirement-set.ts';
