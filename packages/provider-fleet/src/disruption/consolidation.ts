import { LABEL } from '@plimsoll/core';
import { type Bits, hasBit, rowsOf, setBit } from '../catalogue/bits.ts';
import type { CompiledSet } from '../catalogue/compiled-sets.ts';
import { type Purchase, purchaseOf } from '../launch/launcher.ts';
import { byPrice } from '../launch/price-order.ts';
import type { Planner } from '../planner.ts';
import { lackingKey } from '../provisioning/templates.ts';
import { requirement } from '../requirements/requirement.ts';
import { withAll } from '../requirements/requirement-set.ts';
import type { Candidate } from './candidates.ts';

/** How many cheaper types a single spot node needs before it is replaced by spot. Source: Karpenter 1.14.1, `consolidation.go`. */
const SPOT_TO_SPOT_TYPES = 15;

/** What could be done with some nodes. */
export interface Consolidation {
  readonly candidates: readonly Candidate[];
  /** What is bought instead; undefined where the nodes can simply go. */
  readonly replacement: Purchase | undefined;
  /** Existing nodes, by index, that the plan puts pods on. */
  readonly destinations: readonly number[];
}

/**
 * Whether some nodes can go: their pods fit on the others, or on the others and one new machine that is strictly cheaper at its
 * dearest. Undefined where neither holds.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/consolidation.go` (computeConsolidation).
 */
export function consolidate(planner: Planner, chosen: readonly Candidate[]): Consolidation | undefined {
  if (chosen.length === 1 && planner.stuck.cannotGo(chosen[0])) {
    planner.verdicts.stuck(chosen[0]);
    return undefined;
  }
  const moved = chosen.length === 1 ? chosen[0].pods : planner.intake.sort(chosen.flatMap((candidate) => candidate.pods));
  planner.without(
    chosen.map((candidate) => candidate.index),
    moved,
    1,
  );
  const { solver } = planner;
  if (solver.abandoned) return undefined;
  if (solver.claims.length === 0) return { candidates: chosen, replacement: undefined, destinations: planner.destinations() };
  const claim = solver.claims[0];
  const replacement = cheaper(planner, chosen, purchaseOf(claim, rowsOf(claim.types)));
  return replacement === undefined ? undefined : { candidates: chosen, replacement, destinations: planner.destinations() };
}

/** The purchase with those types alone that are certain to be cheaper than the nodes together; undefined where none is. */
function cheaper(planner: Planner, chosen: readonly Candidate[], purchase: Purchase): Purchase | undefined {
  const { availability, catalogue, options, sets } = planner;
  let { requirements } = purchase;
  const price = chosen.reduce((sum, candidate) => sum + candidate.price, 0);
  const { markets } = catalogue;
  const has = (set: CompiledSet, capacityType: string): boolean =>
    markets.some((market, row) => (set.markets & (1 << row)) !== 0 && market.capacityType === capacityType);
  const onlySpot = (): CompiledSet => sets.of(withAll(requirements.set, [requirement(LABEL.capacityType, 'In', ['spot'])]));
  const spotToSpot = chosen.every((candidate) => candidate.spot) && has(requirements, 'spot');
  if (spotToSpot) {
    if (!options.featureGates.spotToSpotConsolidation) return undefined;
    requirements = onlySpot();
  }
  const { cheapest, worst } = availability.prices(requirements.markets);
  if (!purchase.types.some((type) => worst[type] < price)) return undefined;
  let types = byPrice(purchase.types, cheapest).filter((type) => worst[type] < price);
  if (types.length === 0 || lackingKey(catalogue, requirements, types) !== undefined) return undefined;
  if (spotToSpot) {
    if (chosen.length === 1) {
      if (types.length < SPOT_TO_SPOT_TYPES) return undefined;
      let keep = SPOT_TO_SPOT_TYPES;
      while (keep < types.length && lackingKey(catalogue, requirements, types.slice(0, keep)) !== undefined) keep++;
      types = types.slice(0, keep);
    }
  } else if (has(requirements, 'spot') && has(requirements, 'on-demand')) requirements = onlySpot();
  return { ...purchase, requirements, types };
}

/** Whether every type of one list is in another. */
export function isSubsetOf(catalogue: { readonly words: number }, types: readonly number[], all: readonly number[]): boolean {
  const bits: Bits = new Int32Array(catalogue.words);
  for (const type of all) setBit(bits, type);
  return types.every((type) => hasBit(bits, type));
}
