/** How many cheaper types a single spot node needs before it is replaced by spot. Source: Karpenter 1.14.1, `consolidation.go`. */
const SPOT_TO_SPOT_TYPES = 15;

/** What a new machine may be: some instance types `T` under requirements `R`. */
export interface Choice<T, R> {
  readonly types: readonly T[];
  readonly requirements: R;
}

/** What consolidation asks about instance types and requirements, however they are held. Prices are dollars an hour. */
export interface Market<T, R> {
  /** Whether requirements admit a capacity type. */
  allows(requirements: R, capacityType: string): boolean;
  /** The requirements with spot as the only capacity type. */
  onlySpot(requirements: R): R;
  /** Types by their cheapest price, in the order of the real program's sort. */
  byPrice(types: readonly T[], requirements: R): readonly T[];
  /** Price of a type's cheapest available offering; Infinity where there is none. */
  cheapest(type: T, requirements: R): number;
  /** The dearest price at which a launch of a type may end; Infinity where it cannot be had. */
  worst(type: T, requirements: R): number;
  /** How many types, from the first on, have between them the distinct values that `minValues` asks for; undefined where all have too few. */
  typesNeeded(types: readonly T[], requirements: R): number | undefined;
}

/** The nodes that a new machine is to replace. */
export interface Replaced {
  /** What they cost together, dollars an hour. */
  readonly price: number;
  readonly count: number;
  readonly allSpot: boolean;
  /** Whether the feature gate SpotToSpotConsolidation is on. */
  readonly spotToSpot: boolean;
}

/**
 * What a new machine may be so that it is certain to be cheaper than the nodes that it replaces; else the reason why there is no such, in
 * the real program's words.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/consolidation.go` (computeConsolidation, computeSpotToSpotConsolidation).
 */
export function cheaperChoice<T, R>(market: Market<T, R>, choice: Choice<T, R>, replaced: Replaced): Choice<T, R> | string {
  let { requirements } = choice;
  const { allSpot, count, price, spotToSpot } = replaced;
  let types = market.byPrice(choice.types, requirements);
  const staysSpot = allSpot && market.allows(requirements, 'spot');
  if (staysSpot) {
    if (!spotToSpot) return "SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node";
    requirements = market.onlySpot(requirements);
  }
  types = types.filter((type) => market.worst(type, requirements) < price);
  const needed = market.typesNeeded(types, requirements);
  if (needed === undefined) return 'Filtering by price: minValues requirement is not met';
  if (types.length === 0) return "Can't replace with a cheaper node";
  if (!staysSpot) {
    // Prices were taken for spot; without spot capacity the launch is to fail rather than to end on demand.
    const both = market.allows(requirements, 'spot') && market.allows(requirements, 'on-demand');
    return { types, requirements: both ? market.onlySpot(requirements) : requirements };
  }
  if (count > 1) return { types, requirements };
  if (types.length < SPOT_TO_SPOT_TYPES) {
    return (
      `SpotToSpotConsolidation requires ${SPOT_TO_SPOT_TYPES} cheaper instance type options than the current candidate to ` +
      `consolidate, got ${types.length}`
    );
  }
  return { types: types.slice(0, Math.max(SPOT_TO_SPOT_TYPES, needed)), requirements };
}

/**
 * Leaves out what makes no sense: to replace machines by one of a type that is among them, unless it is cheaper than the cheapest
 * of that type. Going on without the others would then do. Undefined where nothing is left.
 *
 * @param current what the cheapest machine of a type costs among those that are replaced; undefined where none is of the type
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/multinodeconsolidation.go` (filterOutSameInstanceType).
 */
export function withoutSameTypes<T, R>(
  market: Market<T, R>,
  choice: Choice<T, R>,
  current: (type: T) => number | undefined,
): Choice<T, R> | undefined {
  let cap = Infinity;
  for (const type of choice.types) cap = Math.min(cap, current(type) ?? Infinity);
  const types = choice.types.filter((type) => market.worst(type, choice.requirements) < cap);
  if (types.length === 0 || market.typesNeeded(types, choice.requirements) === undefined) return undefined;
  return { types, requirements: choice.requirements };
}
