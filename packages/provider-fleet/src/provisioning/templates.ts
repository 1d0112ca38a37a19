import { type Classes, compareText, LABEL, OptionsError, type ResourceVector } from '@plimsoll/core';
import type { Availability } from '../catalogue/availability.ts';
import { type Bits, keepCommon } from '../catalogue/bits.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CompiledSet, CompiledSets } from '../catalogue/compiled-sets.ts';
import type { NodePool } from '../options/node-pool.ts';
import { labelSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import { NODE_CLASS_LABEL } from '../requirements/well-known.ts';

/** What a new claim of a NodePool starts from. */
export interface ClaimTemplate {
  /** Row of the pool in the options. */
  readonly pool: number;
  readonly nodePool: NodePool;
  readonly requirements: CompiledSet;
  /** Every type that a claim might be, whatever its pods ask for. */
  readonly ever: Bits;
  /** Limited resources by index, and the limits; empty where there are none. */
  readonly limitedResources: readonly number[];
  readonly limits: ResourceVector;
  /** Most nodes, or undefined. */
  readonly nodeLimit: number | undefined;
}

/**
 * Templates in the order in which Karpenter tries pools: weight descending, then name descending.
 *
 * @throws OptionsError when a pool's requirements admit no instance type.
 */
export function claimTemplates(
  pools: readonly NodePool[],
  sets: CompiledSets,
  catalogue: Catalogue,
  classes: Classes,
  availability: Availability,
): readonly ClaimTemplate[] {
  const templates = pools.map((nodePool, pool): ClaimTemplate => {
    const own = requirementSet(nodePool.requirements);
    const placed = withAll(own, [
      ...labelSet(nodePool.labels).values(),
      ...labelSet({ [LABEL.nodePool]: nodePool.name, [NODE_CLASS_LABEL.key]: NODE_CLASS_LABEL.value }).values(),
    ]);
    const requirements = sets.of(placed);
    if (!keepCommon(requirements.types.slice(), availability.types(requirements.markets))) {
      throw new OptionsError(
        ['nodePools', pool, 'spec', 'template', 'spec', 'requirements'],
        `no instance type of the catalogue meets the requirements of NodePool ${nodePool.name}`,
      );
    }
    const names = Object.keys(nodePool.limits).filter((name) => name !== 'nodes');
    return {
      pool,
      nodePool,
      requirements,
      ever: catalogue.everMeets(requirements.set),
      limitedResources: names.map((name) => classes.resources.indexOf(name)),
      limits: names.map((name) => nodePool.limits[name]),
      nodeLimit: nodePool.limits.nodes,
    };
  });
  return templates.sort((a, b) => b.nodePool.weight - a.nodePool.weight || compareText(b.nodePool.name, a.nodePool.name));
}

/** Whether some surviving types have, key by key, as many distinct values as `minValues` asks for. Returns the first key that lacks. */
export function lackingKey(catalogue: Catalogue, requirements: CompiledSet, types: readonly number[]): string | undefined {
  for (const key of requirements.minValueKeys) {
    const distinct = new Set<string>();
    for (const type of types) for (const value of catalogue.types[type].requirements.get(key)?.values ?? []) distinct.add(value);
    if (distinct.size < (requirements.set.get(key)?.minValues ?? 0)) return key;
  }
  return undefined;
}
