import type { NodeSelectorTerm } from '@plimsoll/core';
import type { SchedulerConfig } from '../plain/config.ts';
import { isIgnored } from '../plain/plugins/node-resources.ts';
import { FILTER_PLUGINS, type FilterPlugin } from './plugins.ts';
import { termAsksForName } from './static.ts';

/** Which filters a profile asks, and what it adds to them: what fast models need of its configuration. */
export class AskedFilters {
  /** Terms of which a node must match one, whatever the pod asks for. */
  readonly addedTerms: readonly NodeSelectorTerm[] | undefined;
  /** Whether those read a node's name, so that nodes of one class may differ. */
  readonly addedByName: boolean;
  readonly #config: SchedulerConfig;
  readonly #names: ReadonlySet<string>;

  constructor(config: SchedulerConfig) {
    this.#config = config;
    this.#names = new Set(config.filters);
    this.addedTerms = this.asks('NodeAffinity') ? config.nodeAffinity.addedRequired : undefined;
    this.addedByName = (this.addedTerms ?? []).some(termAsksForName);
  }

  asks(plugin: FilterPlugin): boolean {
    return this.#names.has(plugin);
  }

  /** Whether a lack of a resource is no reason to reject a node. */
  ignores(resource: string): boolean {
    return isIgnored(resource, this.#config);
  }
}

/** Scores of room, at most 100 times this, must fit 16 bits of the fast engine's cells. */
const ROOM_WEIGHT_MAX = 327;

/**
 * Whether the fast engine decides by a configuration as the plain one does. It knows the filters of the default profile in their order,
 * not all of them needed but NodeResourcesFit, and weights that its columns hold.
 */
export function isFast({ filters, scoreWeights, plugins = [] }: SchedulerConfig): boolean {
  const taking = plugins.filter(({ name }) => filters.includes(name) || name in scoreWeights);
  if (taking.length > 0 || !filters.includes('NodeResourcesFit')) return false;
  const known = filters.filter((name) => (FILTER_PLUGINS as readonly string[]).includes(name));
  const inOrder = FILTER_PLUGINS.filter((name) => known.includes(name));
  if (known.some((name, i) => name !== inOrder[i])) return false;
  const room = (scoreWeights.NodeResourcesFit ?? 0) + (scoreWeights.NodeResourcesBalancedAllocation ?? 0);
  return room <= ROOM_WEIGHT_MAX && Object.values(scoreWeights).every((weight) => weight >= 0 && weight < 2 ** 24);
}
