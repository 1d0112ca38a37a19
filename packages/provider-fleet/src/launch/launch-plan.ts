import type { Availability } from '../catalogue/availability.ts';
import type { Bits } from '../catalogue/bits.ts';
import { hasBit, rowsOf } from '../catalogue/bits.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CompiledSet } from '../catalogue/compiled-sets.ts';
import type { MinValuesPolicy } from '../options/karpenter-options.ts';
import { lackingKey } from '../provisioning/templates.ts';
import { byPrice } from './price-order.ts';

/** How many types a NodeClaim lists. Source: Karpenter 1.14.1, `nodeclaimtemplate.go`. */
const CLAIM_TYPES = 600;
/** How many types one fleet request names. Source: AWS provider 1.14.1, `pkg/providers/instance/instance.go`. */
const FLEET_TYPES = 60;

/** What a claim asks the fleet for. */
export interface LaunchPlan {
  /** Types of the NodeClaim, cheapest first. */
  readonly types: readonly number[];
  /** Offerings of the request, cheapest first. */
  readonly offerings: readonly number[];
  readonly capacityType: 'spot' | 'on-demand';
  /** Nano-dollars per hour of the cheapest. */
  readonly price: number;
  /** How many types each filter of the launch left, in order. */
  readonly funnel: Readonly<Record<string, number>>;
}

/** The types that a NodeClaim lists: cheapest 600. Undefined where `minValues` does not survive the cut, unless the policy is BestEffort. */
export function claimTypes(
  catalogue: Catalogue,
  availability: Availability,
  requirements: CompiledSet,
  types: Bits,
  policy: MinValuesPolicy,
): readonly number[] | undefined {
  const { cheapest } = availability.prices(requirements.markets);
  const kept = byPrice(rowsOf(types), cheapest).slice(0, CLAIM_TYPES);
  return policy === 'BestEffort' || lackingKey(catalogue, requirements, kept) === undefined ? kept : undefined;
}

/**
 * From a claim to a fleet request: exotic types are dropped unless nothing else is left, spot offerings dearer than the cheapest
 * on-demand one where both are allowed, then all but the 60 cheapest types. One request has one capacity type: spot where it is
 * allowed and to be had, else on-demand. Every zone of a type is an override.
 *
 * Undefined where nothing is left: the claim ends for want of capacity.
 *
 * Source: AWS provider 1.14.1, `pkg/providers/instance/filter/filter.go`, `instance.go`.
 */
export function launchPlan(
  catalogue: Catalogue,
  availability: Availability,
  requirements: CompiledSet,
  listed: readonly number[],
  policy: MinValuesPolicy,
): LaunchPlan | undefined {
  const { markets, offeringAt, offerings } = catalogue;
  const flexible = requirements.minValueKeys.length > 0;
  let types = listed.filter((type) => hasBit(availability.types(requirements.markets), type));
  const funnel: Record<string, number> = { listed: listed.length, available: types.length };
  if (!flexible) {
    const plain = types.filter((type) => !catalogue.types[type].exotic);
    if (plain.length > 0) types = plain;
    funnel.ordinary = types.length;
  }
  const of = (type: number, capacityType: string): number[] => {
    const out: number[] = [];
    for (let market = 0; market < markets.length; market++) {
      const row = offeringAt[type * markets.length + market];
      if (row < 0 || (requirements.markets & (1 << market)) === 0 || !availability.has(row)) continue;
      if (markets[market].capacityType === capacityType) out.push(row);
    }
    return out;
  };
  const onDemand = new Map(types.map((type) => [type, of(type, 'on-demand')]));
  let spot = new Map(types.map((type) => [type, of(type, 'spot')]));
  let cap = Infinity;
  for (const rows of onDemand.values()) for (const row of rows) cap = Math.min(cap, offerings[row].price);
  if (!flexible && cap !== Infinity && [...spot.values()].some((rows) => rows.length > 0)) {
    spot = new Map([...spot].map(([type, rows]) => [type, rows.filter((row) => offerings[row].price <= cap)]));
    types = types.filter((type) => (spot.get(type) ?? []).length + (onDemand.get(type) ?? []).length > 0);
    funnel.affordable = types.length;
  }
  const cheapest = (type: number): number =>
    [...(spot.get(type) ?? []), ...(onDemand.get(type) ?? [])].reduce(
      (least, row) => Math.min(least, offerings[row].price),
      Infinity,
    );
  const prices = new Map(types.map((type) => [type, cheapest(type)]));
  types = byPrice(types, Object.fromEntries(prices) as unknown as ArrayLike<number>).slice(0, FLEET_TYPES);
  funnel.requested = types.length;
  if (types.length === 0) return undefined;
  if (policy === 'Strict' && lackingKey(catalogue, requirements, types) !== undefined) return undefined;
  const capacityType = types.some((type) => (spot.get(type) ?? []).length > 0) ? 'spot' : 'on-demand';
  const chosen = capacityType === 'spot' ? spot : onDemand;
  const overrides = types.flatMap((type) => chosen.get(type) ?? []);
  overrides.sort((a, b) => offerings[a].price - offerings[b].price || a - b);
  return { types, offerings: overrides, capacityType, price: offerings[overrides[0]].price, funnel };
}
