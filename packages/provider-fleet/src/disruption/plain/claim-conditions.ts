import { HOUR, LABEL, MINUTE } from '@plimsoll/core';
import { requirement } from '../../requirements/requirement.ts';
import { incompatibility, labelSet, type RequirementSet, requirementSet } from '../../requirements/requirement-set.ts';
import type { InstanceType } from '../../scheduling/instance-type.ts';
import type { Condition, NodeClaimObject, NodePoolObject } from '../../state/objects.ts';
import { isTrue } from '../../state/state-node.ts';
import { restOfWindow } from '../consolidate-after.ts';

/** Annotations by which a NodeClaim knows the template that it was made from. */
const HASH = 'karpenter.sh/nodepool-hash';
const HASH_VERSION = 'karpenter.sh/nodepool-hash-version';
const RESERVATION_ID = 'karpenter.k8s.aws/capacity-reservation-id';

/** How often drift is looked for, and how old a machine is before its type is. */
const RECHECK = 5 * MINUTE;
const TYPE_CHECK_AGE = HOUR;

/** Nothing may be undefined: what a claim's labels lack is lacking. */
const NONE: ReadonlySet<string> = new Set();

/** What a look at a NodeClaim came to. */
export interface ClaimLook {
  /** All its conditions, those of disruption as they are now. */
  readonly conditions: readonly Condition[];
  /** Milliseconds until the next look; undefined where only a change brings one. */
  readonly again: number | undefined;
}

/** What drift depends on beside the NodeClaim and its NodePool. */
export interface DriftFacts {
  /** Of the NodePool, also those that are not to be had now. */
  readonly instanceTypes: readonly InstanceType[];
  /** Why the cloud provider says that the machine has drifted, such as `AMIDrift`. */
  readonly providerReason: string | undefined;
}

/**
 * The conditions Drifted and Consolidatable of a NodeClaim as they are after a look at `now`. A claim that is being deleted or has no
 * NodePool keeps what it has.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/nodeclaim/disruption` (controller.go, drift.go, consolidation.go).
 */
export function lookAtClaim(claim: NodeClaimObject, pool: NodePoolObject | undefined, facts: DriftFacts, now: number): ClaimLook {
  if (pool === undefined || claim.deletedAt !== undefined) return { conditions: claim.conditions, again: undefined };
  const launched = isTrue(claim.conditions, 'Launched');
  const reason = launched ? driftReason(claim, pool, facts, now) : undefined;
  let conditions = withCondition(claim.conditions, 'Drifted', reason, now);
  let again = launched ? RECHECK : undefined;
  // Machines of static pools are never consolidated.
  if (pool.replicas !== undefined) return { conditions, again };
  const initialized = conditions.find(({ type, status }) => type === 'Initialized' && status === 'True');
  const enabled = pool.consolidateAfterMs !== undefined && initialized !== undefined;
  const rest = enabled ? restOfWindow(pool.consolidateAfterMs as number, claim.lastPodEventAt ?? initialized.changedAt, now) : 0;
  conditions = withCondition(conditions, 'Consolidatable', enabled && rest === 0 ? 'Consolidatable' : undefined, now);
  if (rest > 0) again = Math.min(again ?? Infinity, rest);
  return { conditions, again };
}

/** Why a machine is not as its NodePool or the cloud would have it; undefined where it is. */
function driftReason(
  { annotations, createdAt, labels }: NodeClaimObject,
  pool: NodePoolObject,
  { instanceTypes, providerReason }: DriftFacts,
  now: number,
): string | undefined {
  const [hash, version] = [annotations[HASH], annotations[HASH_VERSION]];
  const known = hash !== undefined && version !== undefined && pool.annotations[HASH] !== undefined;
  if (known && pool.annotations[HASH_VERSION] === version && pool.annotations[HASH] !== hash) return 'NodePoolDrifted';
  if (incompatibility(labelSet(labels), requirementSet(pool.requirements), NONE) !== undefined) return 'RequirementsDrifted';
  if (now - createdAt > TYPE_CHECK_AGE && !isStillOffered(labels, instanceTypes)) return 'InstanceTypeNotFound';
  return providerReason;
}

/** Whether the type is still sold where and how the machine was bought. One that was reserved may have become on demand. */
function isStillOffered(labels: NodeClaimObject['labels'], types: readonly InstanceType[]): boolean {
  const type = types.find(({ name }) => name === labels[LABEL.instanceType]);
  let wanted: RequirementSet = labelSet(labels);
  if (labels[LABEL.capacityType] === 'reserved') {
    const eased = new Map(wanted);
    eased.set(LABEL.capacityType, requirement(LABEL.capacityType, 'In', ['reserved', 'on-demand']));
    eased.delete(RESERVATION_ID);
    wanted = eased;
  }
  return type?.offerings.some(({ requirements }) => incompatibility(wanted, requirements, NONE) === undefined) ?? false;
}

/** Conditions with one set True for a reason, or removed where there is none. What stays True keeps its time. */
function withCondition(
  conditions: readonly Condition[],
  type: string,
  reason: string | undefined,
  now: number,
): readonly Condition[] {
  const others = conditions.filter((condition) => condition.type !== type);
  if (reason === undefined) return others;
  const before = conditions.find((condition) => condition.type === type);
  const changedAt = before?.status === 'True' ? before.changedAt : now;
  return [...others, { type, status: 'True', reason, changedAt }];
}
