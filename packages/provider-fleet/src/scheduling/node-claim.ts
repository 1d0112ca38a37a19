import { addLists, goSortBy, LABEL, type ResourceList } from '@plimsoll/core';
import { hasBit, rowsOf } from '../catalogue/bits.ts';
import { operatorOf, requirement } from '../requirements/requirement.ts';
import { incompatibility, type RequirementSet, withAll } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import { podRequests } from '../state/state-node.ts';
import { leastOverhead } from './daemons.ts';
import { SIMULATED_LABELS } from './fleet.ts';
import type { InstanceType, Offering } from './instance-type.ts';
import type { OpenClaim } from './open-claim.ts';

/** Most instance types that a NodeClaim lists. */
const TYPES_MAX = 600;

const RESERVATION_ID = 'karpenter.k8s.aws/capacity-reservation-id';

/** A claim as it would be launched. */
export interface ClosedClaim {
  readonly claim: OpenClaim;
  readonly requirements: RequirementSet;
  /** Cheapest first. */
  readonly types: readonly InstanceType[];
  /** What its pods and at least its daemons ask for. */
  readonly requests: ResourceList;
}

/**
 * Closes a claim: what it reserved is written into its requirements, and the least that daemons will take is added to its requests.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/nodeclaim.go` (FinalizeScheduling).
 */
export function closed(claim: OpenClaim): ClosedClaim {
  const { groups, table } = claim.template;
  let requirements: RequirementSet = claim.set.set;
  if (claim.reservations.size > 0) {
    const changed = new Map(requirements);
    changed.set(LABEL.capacityType, requirement(LABEL.capacityType, 'In', ['reserved']));
    requirements = withAll(changed, [requirement(RESERVATION_ID, 'In', [...claim.reservations])]);
  }
  const left = (bits: Int32Array): readonly number[] => rowsOf(bits).filter((row) => hasBit(claim.types, row));
  const overhead = leastOverhead(groups, ({ types }) => left(types).length > 0);
  return {
    claim,
    requirements,
    // Types stand in the order of their daemon groups, then of the list: it decides between equal prices.
    types: groups.flatMap((group) => left(group.types).map((row) => table.types[row])),
    requests: addLists(...claim.pods.map(podRequests), overhead),
  };
}

/** The types of a claim by price, cheapest first; where prices are equal, as the real program's sort leaves them. */
export function byPrice({ requirements, types }: ClosedClaim): readonly InstanceType[] {
  const prices = new Map(types.map((type) => [type, cheapest(type, requirements)]));
  return goSortBy([...types], (a, b) => (prices.get(a) as number) < (prices.get(b) as number));
}

/**
 * The claim with its cheapest 600 types; undefined where too few values of a key are left among them, which `minValues` asks for.
 *
 * Source: Karpenter 1.14.1, `pkg/cloudprovider/types.go` (Truncate).
 */
export function truncated(planned: ClosedClaim, minValuesPolicy: 'Strict' | 'BestEffort'): ClosedClaim | undefined {
  const types = byPrice(planned).slice(0, TYPES_MAX);
  if (minValuesPolicy === 'Strict' && !meetsMinValues(planned.requirements, types)) return undefined;
  return { ...planned, types };
}

/** Whether some types have, key by key, as many different values as `minValues` asks for. */
export function meetsMinValues(requirements: RequirementSet, types: readonly InstanceType[]): boolean {
  if (types.length === 0) return true;
  for (const { key, minValues } of requirements.values()) {
    if (minValues === undefined) continue;
    const values = new Set(types.flatMap((type) => type.requirements.get(key)?.values ?? []));
    if (values.size < minValues) return false;
  }
  return true;
}

/** The requirements as a NodeClaim has them: with the types it lists and the capacity types that those are to be had as. */
export function claimRequirements({ requirements, types }: ClosedClaim): RequirementSet {
  const minValues = requirements.get(LABEL.instanceType)?.minValues;
  let set = withAll(requirements, [
    requirement(
      LABEL.instanceType,
      'In',
      types.map(({ name }) => name),
      minValues,
    ),
  ]);
  const capacityTypes = new Set(types.flatMap((type) => compatible(type, set).map((offering) => offering.capacityType)));
  if (capacityTypes.size > 0) set = withAll(set, [requirement(LABEL.capacityType, 'In', [...capacityTypes])]);
  const out = new Map(set);
  for (const key of Object.keys(SIMULATED_LABELS)) out.delete(key);
  return out;
}

/**
 * The user's own labels of a claim's nodes: the pool's, and of each requirement on another key a value. Of several values that is the first
 * in text order, of an open range its lower bound, else 0; the real program draws one at random.
 */
export function claimLabels({ claim, requirements }: ClosedClaim): Readonly<Record<string, string>> {
  const out: Record<string, string> = { ...claim.template.pool.labels };
  for (const r of requirements.values()) {
    if (WELL_KNOWN.has(r.key) || r.key in SIMULATED_LABELS) continue;
    const operator = operatorOf(r);
    if (operator === 'In') out[r.key] = r.values[0];
    else if (operator !== 'DoesNotExist') out[r.key] = String(r.lower ?? 0);
  }
  return out;
}

/** Offerings of a type that are to be had within some requirements. */
export function compatible({ offerings }: InstanceType, requirements: RequirementSet): readonly Offering[] {
  return offerings.filter(
    (offering) => offering.available && incompatibility(requirements, offering.requirements, WELL_KNOWN) === undefined,
  );
}

function cheapest(type: InstanceType, requirements: RequirementSet): number {
  let least = Infinity;
  for (const { price } of compatible(type, requirements)) least = Math.min(least, price);
  return least;
}
