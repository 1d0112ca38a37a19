import { LABEL, type ResourceNames } from '@plimsoll/core';
import { type Bits, isEmpty } from '../catalogue/bits.ts';
import type { NodePoolObject } from '../state/objects.ts';
import type { Machine } from './machine.ts';
import type { Template } from './open-claim.ts';

/** What a pool's limit leaves of a resource. */
interface Remaining {
  readonly resource: number;
  left: number;
}

/**
 * What each pool's limits leave. A new claim takes the most that any of its types could have, and nothing is given back when its
 * types shrink: a batch near its limit may need several plans.
 *
 * Quirks kept: a claim does not lower the limit of nodes within a plan, and a limit of nodes that is overdrawn already refuses every
 * type, while one that is just used up is told as such.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go` (filterByRemainingResources, subtractMax).
 */
export class PoolLimits {
  readonly #nodes: number;
  readonly #remaining = new Map<string, Remaining[]>();

  constructor(pools: readonly NodePoolObject[], nodes: readonly Machine[], names: ResourceNames) {
    this.#nodes = names.indexOf('nodes');
    for (const { limits, name } of pools) {
      if (limits === undefined || Object.keys(limits).length === 0) continue;
      const left: Record<string, number> = { ...limits };
      for (const node of nodes) {
        if (node.labels[LABEL.nodePool] !== name) continue;
        const { capacity } = node;
        for (const resource of Object.keys(left)) left[resource] -= capacity[resource] ?? 0;
      }
      this.#remaining.set(
        name,
        Object.keys(left).map((resource) => ({ resource: names.indexOf(resource), left: left[resource] })),
      );
    }
  }

  /** Types of a template that fit into what is left; undefined where none does. */
  types(template: Template): Bits | undefined {
    const remaining = this.#remaining.get(template.pool.name);
    if (remaining === undefined) return template.types;
    if (this.nodesExhausted(template)) return undefined;
    const types = template.table.within(template.types, remaining);
    return isEmpty(types) ? undefined : types;
  }

  /** Whether the limit of nodes is used up, neither more nor less. */
  nodesExhausted({ pool }: Template): boolean {
    return this.#remaining.get(pool.name)?.some(({ left, resource }) => resource === this.#nodes && left === 0) === true;
  }

  /** A claim was opened that may become any of some types. */
  take({ pool, table }: Template, types: Bits): void {
    for (const remaining of this.#remaining.get(pool.name) ?? []) {
      remaining.left -= table.largestCapacity(remaining.resource, types);
    }
  }
}
