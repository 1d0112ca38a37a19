import { type Bits, hasBit, setBit } from '../catalogue/bits.ts';
import { claimTypes } from '../launch/launch-plan.ts';
import { type Purchase, purchaseOf } from '../launch/launcher.ts';
import type { Planner } from '../planner.ts';
import type { PlanClaim } from '../provisioning/claim.ts';
import type { Candidate } from './candidates.ts';
import { cheaperChoice } from './replacement.ts';

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
  planWithout(planner, chosen);
  const { solver } = planner;
  if (solver.abandoned) return undefined;
  if (solver.claims.length === 0) return { candidates: chosen, replacement: undefined, destinations: planner.destinations() };
  const [claim] = solver.claims;
  if (!mayBeCheaper(planner, chosen, claim)) return undefined;
  const types = listed(planner, claim);
  const replacement = types === undefined ? undefined : cheaper(planner, chosen, purchaseOf(claim, types));
  return replacement === undefined ? undefined : { candidates: chosen, replacement, destinations: planner.destinations() };
}

/**
 * Whether what was decided about some nodes comes to the same now: as many new machines, and what is bought may still be bought.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/validation.go` (validateCommand).
 */
export function stillHolds(
  planner: Planner,
  chosen: readonly Candidate[],
  replacement: Purchase | undefined,
): Pick<Consolidation, 'destinations'> | undefined {
  planWithout(planner, chosen);
  const { abandoned, claims } = planner.solver;
  if (abandoned || claims.length !== (replacement === undefined ? 0 : 1)) return undefined;
  if (replacement !== undefined) {
    const types = listed(planner, claims[0]);
    if (types === undefined || !isSubsetOf(planner.catalogue, replacement.types, types)) return undefined;
  }
  return { destinations: planner.destinations() };
}

/** What a decision saves, dollars per hour. Source: as above, `types.go` (EstimatedSavings). */
export function savingsOf({ market }: Planner, { candidates, replacement }: Omit<Consolidation, 'destinations'>): number {
  const price = priceOf(candidates);
  if (replacement === undefined || replacement.types.length === 0) return price;
  const cheapest = market.cheapest(replacement.types[0], replacement.requirements);
  return cheapest === Infinity ? price : price - cheapest;
}

/** The types that a claim would list; undefined where `minValues` does not survive the cut to the cheapest 600. */
export function listed({ availability, catalogue, options }: Planner, claim: PlanClaim): readonly number[] | undefined {
  return claimTypes(catalogue, availability, claim.requirements, claim.types, options.settings.minValuesPolicy);
}

function planWithout(planner: Planner, chosen: readonly Candidate[]): void {
  const moved = chosen.length === 1 ? chosen[0].pods : planner.intake.sort(chosen.flatMap((candidate) => candidate.pods));
  planner.without(
    chosen.map((candidate) => candidate.index),
    moved,
    1,
  );
}

function priceOf(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { price }) => sum + price, 0);
}

/** Whether any type of a claim is certain to be cheaper: most are refused by this look, which is cheaper than to sort them. */
function mayBeCheaper({ availability, market, options }: Planner, chosen: readonly Candidate[], claim: PlanClaim): boolean {
  let { requirements } = claim;
  if (chosen.every((candidate) => candidate.spot) && market.allows(requirements, 'spot')) {
    if (!options.featureGates.spotToSpotConsolidation) return false;
    requirements = market.onlySpot(requirements);
  }
  const { worst } = availability.prices(requirements.markets);
  const price = priceOf(chosen);
  const { types } = claim;
  for (let word = 0; word < types.length; word++) {
    for (let left = types[word]; left !== 0; left &= left - 1) {
      if (worst[(word << 5) + 31 - Math.clz32(left & -left)] / 1e9 < price) return true;
    }
  }
  return false;
}

/** The purchase with those types alone that are certain to be cheaper than the nodes together; undefined where none is. */
function cheaper({ market, options }: Planner, chosen: readonly Candidate[], purchase: Purchase): Purchase | undefined {
  const choice = cheaperChoice(market, purchase, {
    price: priceOf(chosen),
    count: chosen.length,
    allSpot: chosen.every((candidate) => candidate.spot),
    spotToSpot: options.featureGates.spotToSpotConsolidation,
  });
  return typeof choice === 'string' ? undefined : { ...purchase, ...choice };
}

/** Whether every type of one list is in another. */
function isSubsetOf(catalogue: { readonly words: number }, types: readonly number[], all: readonly number[]): boolean {
  const bits: Bits = new Int32Array(catalogue.words);
  for (const type of all) setBit(bits, type);
  return types.every((type) => hasBit(bits, type));
}
