import { goSortBy, LABEL, type ResourceList } from '@plimsoll/core';
import { hasBit, meet, rowsOf } from '../catalogue/bits.ts';
import { operatorOf, requirement } from '../requirements/requirement.ts';
import { incompatibility, type RequirementSet, withAll } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import { leastOverhead } from './daemons.ts';
import { type Ground, SIMULATED_LABELS } from './ground.ts';
import type { InstanceType, Offering } from './instance-type.ts';
import type { KnownSet, KnownSets } from './known-sets.ts';
import type { OpenClaim } from './open-claim.ts';

/** Most instance types that a NodeClaim lists. */
const TYPES_MAX = 600;

const RESERVATION_ID = 'karpenter.k8s.aws/capacity-reservation-id';

/** A claim as it would be launched. */
export interface ClosedClaim {
  readonly claim: OpenClaim;
  readonly requirements: RequirementSet;
  readonly types: readonly InstanceType[];
  /** What its pods and at least its daemons ask for. */
  readonly requests: ResourceList;
}

/**
 * Closes a claim: what it reserved is written into its requirements, the least that daemons will take is added to its requests, and its
 * types are cut to the cheapest 600. Where prices are equal the types stand as the real program's sort leaves them.
 *
 * Undefined where too few values of a key are left among the types, which `minValues` asks for.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/nodeclaim.go` (FinalizeScheduling), `pkg/cloudprovider/types.go`
 * (OrderByPrice, Truncate).
 */
export function closed(claim: OpenClaim, ground: Ground): ClosedClaim | undefined {
  const { table } = claim.template;
  const set = reservedSet(claim, ground.sets);
  const prices = table.prices(set);
  const types = goSortBy(typeRows(claim), (a, b) => prices[a] < prices[b])
    .slice(0, TYPES_MAX)
    .map((row) => table.types[row]);
  if (ground.options.minValuesPolicy === 'Strict' && !meetsMinValues(set.set, types)) return undefined;
  return { claim, requirements: set.set, types, requests: requestsOf(claim) };
}

/** The types of a claim in the order of their daemon groups, then of the list: it decides between equal prices. */
function typeRows({ template, types }: OpenClaim): number[] {
  const rows: number[] = [];
  for (const group of template.groups) {
    for (const row of rowsOf(types)) if (hasBit(group.types, row)) rows.push(row);
  }
  return rows;
}

function reservedSet({ reservations, set }: OpenClaim, sets: KnownSets): KnownSet {
  if (reservations.size === 0) return set;
  const changed = new Map(set.set);
  changed.set(LABEL.capacityType, requirement(LABEL.capacityType, 'In', ['reserved']));
  return sets.of(withAll(changed, [requirement(RESERVATION_ID, 'In', [...reservations])]));
}

function requestsOf({ shapes, template, types }: OpenClaim): ResourceList {
  const out: Record<string, number> = {};
  const overhead = leastOverhead(template.groups, (group) => meet(group.types, types));
  for (const list of [...shapes.map(({ requests }) => requests), overhead]) {
    for (const name of Object.keys(list)) out[name] = (out[name] ?? 0) + list[name];
  }
  return out;
}

/** Whether some types have, key by key, as many different values as `minValues` asks for. */
function meetsMinValues(requirements: RequirementSet, types: readonly InstanceType[]): boolean {
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
