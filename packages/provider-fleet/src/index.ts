export type { Candidate } from './disruption/plain/candidates.ts';
export { lookAtClaim } from './disruption/plain/claim-conditions.ts';
export {
  DISRUPTION_METHODS,
  type DisruptionCommand,
  type DisruptionMethod,
  type MethodOutcome,
  runMethod,
  savingsOf,
} from './disruption/plain/methods.ts';
export { DisruptionWorld } from './disruption/plain/world.ts';
export { karpenter } from './karpenter.ts';
export type { BudgetReason, DisruptionBudget } from './options/disruption-budget.ts';
export type { KarpenterFeatureGates, KarpenterOptions, KarpenterSettings } from './options/karpenter-options.ts';
export type { NodePool } from './options/node-pool.ts';
export type { Operator } from './requirements/requirement.ts';
export type { RequirementSet, RequirementSpec } from './requirements/requirement-set.ts';
export { requirementSet } from './requirements/requirement-set.ts';
export { failureClasses, failureText } from './scheduling/failure.ts';
export { Fleet } from './scheduling/fleet.ts';
export type { SchedulingOptions } from './scheduling/ground.ts';
export type { InstanceType, Offering } from './scheduling/instance-type.ts';
export { type ClosedClaim, claimLabels, claimRequirements, closed, compatible } from './scheduling/node-claim.ts';
export { type SchedulingInput, type SchedulingResult, schedule } from './scheduling/schedule.ts';
export { ClusterState } from './state/cluster-state.ts';
export { intake } from './state/intake.ts';
export type * from './state/objects.ts';
export { StateNode } from './state/state-node.ts';
